"""Lengths and impedances of bundled feeders are those that were published, in kilometres."""

from __future__ import annotations

import pytest

from tieline.feeders import load_feeder
from tieline.units import KM_PER_MILE, KM_PER_UNIT

FEET_OF_37 = {
    ("701", "702"): 960,
    ("703", "730"): 600,
    ("710", "736"): 1280,
    ("799r", "701"): 1850,
}
"""Line segments of the 37-node feeder. Source: Kersting, Radial distribution test feeders, table of line segment data [ft]."""

OHM_PER_MILE = {"721": 0.2926, "722": 0.4751, "723": 1.2936, "724": 2.0952}
"""First self resistance of its cables. Source: same, table of phase impedances of the configurations."""


@pytest.mark.parametrize("name", ["ieee36", "ieee37"])
def test_the_37_node_feeder_is_in_kilometres(name: str) -> None:
    feeder = load_feeder(name)
    length_km = {(line.from_bus, line.to_bus): line.length_km for line in feeder.lines}
    for ends, feet in FEET_OF_37.items():
        assert length_km[ends] == pytest.approx(feet * KM_PER_UNIT["ft"])
    codes = {line.code.name: line.code for line in feeder.lines}
    for code, ohm in OHM_PER_MILE.items():
        assert codes[code].r_ohm_per_km[0][0] * KM_PER_MILE == pytest.approx(
            ohm, abs=5e-5
        )


@pytest.mark.parametrize(
    ("name", "ends", "feet"),
    [
        ("ieee13", ("632", "670"), 667),
        ("ieee34", ("800", "802"), 2580),
        ("ieee34-mod2", ("800", "802"), 2580),
        ("ieee123", ("149", "1"), 400),
    ],
)
def test_lengths_of_the_other_feeders_with_phases(
    name: str, ends: tuple[str, str], feet: float
) -> None:
    (line,) = (
        line for line in load_feeder(name).lines if (line.from_bus, line.to_bus) == ends
    )
    assert line.length_km == pytest.approx(feet * KM_PER_UNIT["ft"])


@pytest.mark.parametrize("name", ["ieee33", "ieee69", "ieee141"])
def test_benchmarks_without_published_lengths_state_none(name: str) -> None:
    assert {line.length_km for line in load_feeder(name).lines} == {None}
