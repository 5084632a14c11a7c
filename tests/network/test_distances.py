"""Distances are in km where lengths are known, and in branches where they are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import two_bus
from tieline.feeders import load_feeder
from tieline.network.distances import distances_from_source


@pytest.mark.parametrize("name", ["ieee33", "ieee69", "ieee141"])
def test_benchmarks_without_lengths_invent_none(name: str) -> None:
    feeder = load_feeder(name)
    distances = distances_from_source(feeder)
    assert (distances.title, distances.unit) == ("branches from the source", "branches")
    assert distances.of_bus[feeder.source.bus] == 0
    assert all(value == round(value) for value in distances.of_bus.values())


def test_bus_18_of_the_33_bus_feeder_is_17_branches_away() -> None:
    assert distances_from_source(load_feeder("ieee33")).of_bus["18"] == 17


def test_bus_671_of_the_13_bus_feeder_is_4000_feet_away() -> None:
    """2000 ft to bus 632, 2000 ft to bus 671."""
    distances = distances_from_source(load_feeder("ieee13"))
    assert (distances.title, distances.unit) == ("distance from the source [km]", "km")
    assert distances.of_bus["671"] == pytest.approx(4000 * 0.0003048)


def test_lines_of_unknown_length_are_counted() -> None:
    feeder = load_feeder("ieee13")
    lines = (replace(feeder.lines[0], length_km=None), *feeder.lines[1:])
    assert distances_from_source(feeder.replace(lines=lines)).title.endswith(
        "[km], 1 line of unknown length left out"
    )


def test_a_bus_without_a_path_is_infinitely_far() -> None:
    feeder = two_bus()
    cut = feeder.replace(lines=(replace(feeder.lines[0], closed=False),))
    assert distances_from_source(cut).of_bus["b"] == float("inf")
