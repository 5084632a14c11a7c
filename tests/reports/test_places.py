"""Places in words."""

from __future__ import annotations

import dataclasses

import pytest

from tieline.feeders import load_feeder
from tieline.feeders.elements import Bus
from tieline.reports.places import place_words


@pytest.mark.parametrize(
    ("feeder", "place", "words"),
    [
        ("ieee123", "83.2", "bus 83, phase 2"),
        ("ieee37", "701.1-2", "bus 701, between phases 1 and 2"),
        ("ieee33", "18.1", "bus 18"),
        ("ieee123", "83", "bus 83"),
        ("ieee123", "line l115", "line l115"),
        ("ieee123", "83.4", "bus 83, conductor 4"),
    ],
)
def test_a_place_is_said_as_a_reader_says_it(
    feeder: str, place: str, words: str
) -> None:
    assert place_words(place, load_feeder(feeder)) == words


def test_a_dot_in_the_name_of_a_bus_is_no_phase() -> None:
    feeder = load_feeder("ieee13")
    dotted = dataclasses.replace(feeder.buses[0], name="north.1")
    with_dot = feeder.replace(buses=(dotted, *feeder.buses[1:]))
    assert isinstance(dotted, Bus)
    assert place_words("north.1", with_dot) == "bus north.1"
    assert place_words("north.1.2", with_dot) == "bus north.1, phase 2"
