"""Regions whose DERs cannot give their load are joined, or nothing helps and that is said."""

from __future__ import annotations

import pytest

from tieline import load_feeder
from tieline.errors import InputError, NoAnswerError
from tieline.network.partition import join_inadequate, partition
from tieline.network.partition.adequacy import surplus_kw


def test_adequate_regions_stay_as_they_are():
    six = partition(load_feeder("ieee123"), microgrids=6)
    p_max_kw = dict.fromkeys(six.region_of, 100.0)
    assert join_inadequate(six, p_max_kw).cuts == six.cuts
    assert min(surplus_kw(six, p_max_kw)) >= 0


def test_region_without_ders_is_joined_over_its_weakest_border():
    six = partition(load_feeder("ieee123"), microgrids=6)
    last = six.region_of["197"]
    p_max_kw = {bus: 100.0 for bus, region in six.region_of.items() if region != last}
    joined = join_inadequate(six, p_max_kw)
    assert len(joined.regions) == 5
    assert joined.region_of["197"] == joined.region_of["97"]


def test_ders_that_give_less_than_the_load_are_no_answer():
    six = partition(load_feeder("ieee123"), microgrids=6)
    p_max_kw = dict.fromkeys(six.region_of, 10.0)
    with pytest.raises(NoAnswerError, match=r"together give 1,320.0 kW.*3,490.0 kW"):
        join_inadequate(six, p_max_kw)


def test_exactly_enough_is_enough():
    six = partition(load_feeder("ieee123"), microgrids=6)
    p_max_kw = {region.root: region.load_kw for region in six.regions}
    assert join_inadequate(six, p_max_kw).cuts == six.cuts


def test_limits_that_are_none_are_all_named() -> None:
    six = partition(load_feeder("ieee123"), microgrids=6)
    with pytest.raises(InputError) as caught:
        join_inadequate(six, {"18": float("nan"), "nowhere": 5.0, "8": -1.0, "1": 0.0})
    message = str(caught.value)
    for part in ("'nowhere' is no bus", "nan kW at bus '18'", "-1 kW at bus '8'"):
        assert part in message
