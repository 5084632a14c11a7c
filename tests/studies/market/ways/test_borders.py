"""Which buses may be watched, and when regions are one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tieline import load_feeder
from tieline.errors import InputError
from tieline.profiles import BusSeries
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.borders import Centroids, watched_buses
from tieline.studies.market.world.days import MarketDay
from tieline.studies.market.world.make import make_world
from tieline.studies.market.world.plant import Plant

FEEDER = load_feeder("ieee123")


@pytest.fixture(scope="module")
def world() -> tuple[Plant, MarketDay]:
    return make_world(FEEDER, MarketConfig(case="ieee123"))


def watching(text: str) -> MarketConfig:
    return MarketConfig(case="ieee123", watch=text, watch_minutes=1)


def test_the_usual_threshold_is_three_quarters_of_the_peak(world) -> None:
    plant, day = world
    first, second = watched_buses(plant, day, watching("18, 67:50")).watches
    assert first.p_max_kw == pytest.approx(0.75 * 120)
    assert second.p_max_kw == 50


def test_all_buses_that_cannot_be_watched_are_told(world) -> None:
    plant, day = world
    with pytest.raises(InputError) as caught:
        watched_buses(plant, day, watching("83:20, 18, nowhere"))
    assert "Bus '83' cannot be watched" in str(caught.value)
    assert "nowhere" in str(caught.value)


def test_regions_around_roots_do_not_merge() -> None:
    config = MarketConfig(case="ieee69", watch="66:10")
    plant, day = make_world(load_feeder("ieee69"), config)
    with pytest.raises(InputError, match="do not merge"):
        watched_buses(plant, day, config)


def test_minutes_between_those_asked_about_count(world) -> None:
    """A rise and fall between two cleared minutes is seen; who takes part is asked in the minute of the rise."""
    plant, day = world
    config = watching("18:90")
    p_kw = np.zeros_like(day.extra.p_kw)
    column = day.extra.buses.index("18")
    p_kw[2:5, column] = 100.0
    stated = dataclasses.replace(day, extra=BusSeries(day.extra.buses, p_kw))
    asked = []

    def all_take_part(minute: int, union):
        asked.append(minute)
        return union

    watched = watched_buses(plant, stated, config)
    centroids = Centroids(plant, watched, config, all_take_part)
    groups = [len(set(centroids.labels_at(minute).tolist())) for minute in (1, 4, 9)]
    assert groups == [6, 5, 6]
    assert asked == [2]
    assert [(event.kind, event.minute) for event in centroids.events] == [
        ("merge", 2),
        ("split", 5),
    ]


def test_without_watched_buses_nothing_merges(world) -> None:
    plant, day = world
    config = MarketConfig(feeder="ieee123")
    watched = watched_buses(plant, day, config)
    labels = Centroids(plant, watched, config, lambda *_: ()).labels_at(700)
    assert labels.tolist() == [0, 1, 2, 3, 4, 5]
