"""Regions of the cases: the published six, and two that share a DER."""

from __future__ import annotations

import pytest

from tieline import load_feeder
from tieline.errors import InputError, NoAnswerError
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.world.microgrids import Microgrids, make_microgrids
from tieline.studies.market.world.plant import at_schedule
from tieline.studies.market.world.sellers import ask_sellers


def made(**values: object) -> Microgrids:
    config = MarketConfig.model_validate(values)
    scheduled = at_schedule(load_feeder(config.feeder), config)
    return make_microgrids(scheduled, ask_sellers(scheduled, config), config)


def test_the_published_six() -> None:
    microgrids = made(case="ieee123")
    loads = [region.load_kw for region in microgrids.regions]
    assert sorted(loads) == [320, 360, 400, 550, 755, 1105]
    ends = {(border.near_bus, border.far_bus) for border in microgrids.borders}
    assert ends == {
        ("13", "152"),
        ("18", "135"),
        ("60", "160"),
        ("97", "197"),
        ("13", "18"),
    }
    # disjoint, and every DER serves one region
    assert (microgrids.may_serve.sum(axis=0) == 1).all()


def test_two_regions_around_roots_share_a_der() -> None:
    microgrids = made(case="ieee69")
    large, small = microgrids.regions
    assert len(large.buses) == 32
    assert small.buses == ("66", "67")
    # DERs stand at 6, 7, 8, 9, 10, 53, 54, 56, 66, 67 in that order
    assert microgrids.may_serve.tolist() == [
        [True] * 9 + [False],
        [False] * 8 + [True] * 2,
    ]
    assert microgrids.region_of["66"] == 1
    assert microgrids.neighbours.tolist() == [[0, 1]]


def test_who_buys_where_no_region_is() -> None:
    with pytest.raises(InputError, match=r"A load at 2 lies in no region"):
        made(case="ieee69").buys_at(("15", "2"), "A load")
    with pytest.raises(InputError, match=r"A DER at 2 lies in no region"):
        made(case="ieee69", ders="2:30, 66:30")


def test_a_region_that_is_not_adequate_is_joined_or_named() -> None:
    # all DERs stand in the region of bus 8: the others are joined to it
    one_place = {"case": "ieee123", "ders": "8:9000"}
    assert made(**one_place).n_regions == 1
    assert made(**one_place, adequate=False).n_regions == 6
    with pytest.raises(
        NoAnswerError, match="No microgrid of feeder 'ieee123' can be adequate"
    ):
        made(case="ieee123", ders="8:100")


def test_more_microgrids_than_borders_allow() -> None:
    with pytest.raises(InputError, match="cannot be divided into 99 microgrids"):
        made(case="ieee123", microgrids=99)


def test_regions_whose_ders_do_not_do_are_counted() -> None:
    whole = made(case="ieee33", microgrids=2, adequate=False)
    assert (whole.n_regions, whole.n_joined) == (2, 0)
    joined = made(case="ieee33", microgrids=2, adequate=True, load_pct=40.0)
    assert (joined.n_regions, joined.n_joined) == (1, 1)


def test_a_message_names_the_first_of_many_buses() -> None:
    microgrids = made(case="ieee69")
    with pytest.raises(InputError, match=r"at 1, 2, 3, 4, 5 and 2 more lies in no"):
        microgrids.buys_at(("1", "2", "3", "4", "5", "28", "36"), "A load")
