"""Which buses may be watched, and when regions are one."""

from __future__ import annotations

import numpy as np
import pytest

from tieline import load_feeder
from tieline.errors import InputError
from tieline.network.merging import MergeStep
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


def steps_of(world, config: MarketConfig, loads_kw, regions_chosen) -> list[MergeStep]:
    """A step for each row of extra loads, (minute, extra load)."""
    plant, day = world
    watches = watched_buses(plant, day, config).watches
    centroids = Centroids(plant, watches, config)
    state = centroids.first()
    steps = []
    for extra_kw in loads_kw:
        load_kw = np.r_[plant.scheduled_kw, extra_kw]
        steps.append(centroids.step(state, load_kw, regions_chosen))
        state = steps[-1].state
    return steps


def test_regions_merge_with_the_load_and_who_takes_part_is_asked_once(world) -> None:
    _, day = world
    p_kw = np.zeros((6, len(day.extra.buses)))
    p_kw[2:5, day.extra.buses.index("18")] = 100.0
    asked = []

    def all_take_part(union):
        asked.append(union)
        return union

    steps = steps_of(world, watching("18:90"), p_kw, all_take_part)
    groups = [len(set(step.groups.tolist())) for step in steps]
    assert groups == [6, 6, 5, 5, 5, 6]
    assert len(asked) == 1
    events = [(event.kind, event.minute) for step in steps for event in step.events]
    assert events == [("merge", 2), ("split", 5)]


def test_without_watched_buses_nothing_merges(world) -> None:
    plant, day = world
    config = MarketConfig(feeder="ieee123")
    p_kw = np.full((2, len(day.extra.buses)), 1000.0)
    last = steps_of(world, config, p_kw, lambda _: ())[-1]
    assert last.groups.tolist() == list(range(plant.microgrids.n_regions))
    assert last.state.minute == 2
