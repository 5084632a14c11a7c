"""The holding plan: its balance, its ranges, whom it serves first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from restoration_cases import small_config

from tieline.agents.restoration_policies.policies import PlanDecider
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.episode import play
from tieline.envs.restoration.plan.figures import IslandFigures
from tieline.envs.restoration.plan.holding import holding_plan
from tieline.envs.restoration.plan.view import view_of
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.feeders.islands import island_feeder, read_island
from tieline.opf.restoration.state import first_state


@pytest.fixture(scope="module")
def world() -> RestorationWorld:
    return make_world(RestorationWorldConfig(), read_island("ieee36"))


def test_droop_units_are_left_with_what_lies_in_their_range(
    world: RestorationWorld,
) -> None:
    figures = IslandFigures.of(world)
    state = first_state(world.plant, 1)
    seen = Seen(0, world.forecast_kw, world.forecast_kw[None, :1])
    plan = holding_plan(figures, state, view_of(figures, seen))
    load_kw = float((plan.served * figures.load_kw).sum())
    loss_kw = figures.loss_per_kw * load_kw**2
    others_kw = plan.p_kw.sum() + plan.battery_kw.sum() + plan.renewable_kw.sum()
    # ramp 150 kW from nothing, less the reserve of half a percent of 500 kW
    assert load_kw + loss_kw - others_kw == pytest.approx(150.0 - 2.5, abs=0.01)


@pytest.mark.parametrize("scenario", ["perfect", "short30", "late"])
def test_nothing_is_shed_and_all_stores_end_empty(
    world: RestorationWorld, scenario: str
) -> None:
    actual_kw = world.actual_kw(scenario, np.array([0]))  # type: ignore[arg-type]
    episode = play(world, PlanDecider(world), actual_kw)
    end = episode.played[-1].step.state
    assert episode.bill.shed_kwh.sum() == pytest.approx(0.0, abs=1e-3)
    assert end.fuel_kwh.sum() + end.unit_fuel_kwh.sum() < 5.0
    assert end.stored_kwh == pytest.approx(80.0 * np.ones((1, 3)), abs=1.0)


def test_load_stays_within_the_bound_by_a_thousandth(world: RestorationWorld) -> None:
    """13 381.6 is the optimum of the cone program of the whole horizon with perfect knowledge."""
    episode = play(world, PlanDecider(world), world.forecast_kw[None])
    assert episode.objective[0] < 13381.6
    assert episode.objective[0] > 0.999 * 13381.6


def test_important_loads_are_served_first(world: RestorationWorld) -> None:
    figures = IslandFigures.of(world)
    weight = np.ones(len(figures.load_kw))
    weight[4] = 5.0
    figures = replace(figures, load_weight=weight)
    state = first_state(world.plant, 1)
    seen = Seen(0, world.forecast_kw, 0.3 * world.forecast_kw[None, :1])
    plan = holding_plan(figures, state, view_of(figures, seen))
    assert plan.served[0, 4] == pytest.approx(1.0)
    assert plan.served[0, 5] < 0.7


def test_a_load_of_nothing_leaves_the_others_as_they_are() -> None:
    """It has no power to be on with; the plan of the others is a number nevertheless."""
    config = small_config(available=[0.5])
    feeder = island_feeder(config)
    first, *others = feeder.loads
    idle = feeder.replace(loads=(replace(first, p_kw=0.0, q_kvar=0.0), *others))
    world = make_world(RestorationWorldConfig(steps=1), config, idle)
    episode = play(world, PlanDecider(world), world.forecast_kw[None])
    (served,) = episode.played[0].step.state.served
    assert np.isfinite(served).all()
    assert served[1:].max() > 0
