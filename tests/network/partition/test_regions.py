"""Regions that are merged, and the labels that cannot be."""

from __future__ import annotations

import pytest

from tieline import load_feeder
from tieline.errors import InputError
from tieline.network.partition import partition


def test_merged_regions_are_one_with_all_buses_and_load():
    six = partition(load_feeder("ieee123"), microgrids=6)
    # regions 1 and 2 share switch 18-135
    merged = six.merged([0, 1, 1, 3, 4, 5])
    assert len(merged.regions) == 5
    joined = merged.regions[merged.region_of["18"]]
    assert joined.load_kw == pytest.approx(360 + 755)
    assert set(joined.buses) == {*six.regions[1].buses, *six.regions[2].buses}
    assert {b.branch.name for b in merged.borders} == {"l13", "sw2", "sw4", "sw5"}


def test_all_regions_merged_leave_no_border():
    six = partition(load_feeder("ieee123"), microgrids=6)
    whole = six.merged([7] * 6)
    assert len(whole.regions) == 1
    assert whole.borders == ()


def test_regions_that_do_not_touch_cannot_be_merged():
    six = partition(load_feeder("ieee123"), microgrids=6)
    with pytest.raises(
        InputError, match=r"Regions \[1, 5\] cannot be merged.*0-1, 1-2"
    ):
        six.merged([0, 1, 2, 3, 4, 1])
    with pytest.raises(InputError, match="2 labels for 6 regions"):
        six.merged([0, 1])


def test_borders_of_a_region():
    six = partition(load_feeder("ieee123"), microgrids=6)
    region = six.region_of["67"]
    assert {b.branch.name for b in six.borders_of(region)} == {"sw4", "sw5"}
