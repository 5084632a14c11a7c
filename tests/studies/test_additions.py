"""Devices over all phases of a bus, and ratings of lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import two_bus
from tieline.feeders import load_feeder
from tieline.network.voltage_points import grounded_buses
from tieline.studies.additions import connection_at, with_line_ratings


@pytest.mark.parametrize(
    ("feeder_name", "bus", "expected"),
    [
        ("ieee33", "18", ((1, 0), "wye", 12.66)),
        ("ieee13", "671", ((1, 2, 3, 0), "wye", 4.16 / 3**0.5)),
        ("ieee13", "611", ((3, 0), "wye", 4.16 / 3**0.5)),
        ("ieee37", "725", ((1, 2, 3), "delta", 4.8)),
    ],
)
def test_a_device_uses_all_phases_of_its_bus(feeder_name: str, bus: str, expected: tuple) -> None:
    feeder = load_feeder(feeder_name)
    nodes, connection, kv = connection_at(feeder, bus, grounded_buses(feeder))
    assert (nodes, connection) == expected[:2]
    assert kv == pytest.approx(expected[2])


def test_only_lines_without_rating_are_given_one() -> None:
    feeder = two_bus()
    rated = feeder.replace(lines=(replace(feeder.lines[0], rating_a=70.0),))
    assert with_line_ratings(feeder, 50.0).lines[0].rating_a == 50.0
    assert with_line_ratings(rated, 50.0).lines[0].rating_a == 70.0
    assert with_line_ratings(feeder, None) is feeder
