"""The market's short texts, read."""

from __future__ import annotations

import pytest

from tieline.studies.market.flag_texts import (
    FlowLimit,
    parse_flow_limits,
    parse_losses,
    parse_peaks,
    parse_watch,
)


def test_peaks_and_watched_loads() -> None:
    assert parse_peaks("8:150, B.2:40.5") == {"8": 150.0, "b.2": 40.5}
    assert parse_watch("18:90, 67") == {"18": 90.0, "67": None}
    assert parse_watch(None) == {}


def test_a_bus_is_watched_once() -> None:
    with pytest.raises(ValueError, match="'18' stands there twice"):
        parse_watch("18:90, 67, 18:80")


def test_losses_are_above_zero() -> None:
    assert parse_losses("135-35:4, L3:0.5") == {"135-35": 4.0, "l3": 0.5}
    with pytest.raises(ValueError, match="'l3:0' has a loss that is not above 0 kW"):
        parse_losses("135-35:4, l3:0")


def test_limits_by_themselves_and_beyond_the_base_flow() -> None:
    assert parse_flow_limits("13-18:base-15, L3:200, l4:base") == (
        FlowLimit("13-18", -15.0, True),
        FlowLimit("l3", 200.0, False),
        FlowLimit("l4", 0.0, True),
    )


@pytest.mark.parametrize("text", ["l3", ":4", "l3:", "l3:nan", "l3:-5", "l3:base+x"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"limit"):
        parse_flow_limits(text)
