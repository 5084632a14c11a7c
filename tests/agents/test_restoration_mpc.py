"""MPC in an island: figures worked out beforehand, the bound above all, what is carried out where there is no plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.agents.restoration_mpc import MpcDecider, terms_of
from tieline.envs.restoration.config import RestorationWorldConfig, Scenario
from tieline.envs.restoration.episode import play, play_step
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.feeders.islands import read_island
from tieline.opf.restoration.program import WindowProgram
from tieline.opf.restoration.state import first_state

ONE_SEED = np.zeros(1, dtype=np.int64)


@pytest.fixture(scope="module")
def world() -> RestorationWorld:
    return make_world(RestorationWorldConfig(), read_island("ieee36"))


@pytest.mark.parametrize(
    ("window", "scenario", "figure_kwh", "figure_shed_kwh"),
    [
        (8, "perfect", 13261.9, None),
        (4, "short30", 11523.0, None),
        (None, "short15", 13029.1, 31.0),
    ],
)
def test_restored_less_twice_shed_as_worked_out_beforehand(
    world: RestorationWorld,
    window: int | None,
    scenario: Scenario,
    figure_kwh: float,
    figure_shed_kwh: float | None,
) -> None:
    """The figures charge what every source injects."""
    terms = replace(terms_of(world.config), charges_all=True)
    decider = MpcDecider(world, window, terms=terms)
    episode = play(world, decider, world.actual_kw(scenario, ONE_SEED))
    bill = episode.bill
    kwh = (bill.restored_kwh - 2 * bill.shed_kwh).sum()
    assert kwh == pytest.approx(figure_kwh, rel=1e-3)
    if figure_shed_kwh is not None:
        assert bill.shed_kwh.sum() == pytest.approx(figure_shed_kwh, abs=2.0)
    assert episode.worst_beyond_pu.max() < 1e-6


def test_bound_is_above_every_decider_on_every_draw(world: RestorationWorld) -> None:
    """And the corrected forecast is nearly at it where sun and wind are short by the same share all day."""
    short = world.actual_kw("short15", ONE_SEED)
    random = world.actual_kw("random", np.array([1]))
    actual_kw = np.concatenate([short, random])
    state = first_state(world.plant, 1)
    program = WindowProgram(world.plant, terms_of(world.config), world.config.steps)
    bound = np.array([program.solve(state, kw).objective_kwh for kw in actual_kw])
    corrected = play(world, MpcDecider(world, correction="mean"), actual_kw)
    paper = play(world, MpcDecider(world, 8, has_chord=False), actual_kw)
    for episode in (corrected, paper):
        assert np.all(episode.objective <= bound + 1e-3)
    assert bound[0] - corrected.objective[0] < 0.1
    assert np.all(bound - paper.objective > 100.0)


def test_a_window_that_may_shed_nothing_has_no_plan_in_the_end(
    world: RestorationWorld,
) -> None:
    """Eight steps ahead, the forecast right: step 15, as worked out beforehand."""
    terms = replace(terms_of(world.config), charges_all=True, shed_factor=np.inf)
    decider = MpcDecider(world, 8, terms=terms)
    state = first_state(world.plant, 1)
    step = 0
    for step in range(world.config.steps):
        seen = Seen(step, world.forecast_kw, world.forecast_kw[None, : step + 1])
        plans = decider.plans(state, seen)
        if plans[0] is None:
            break
        set_points = decider.set_points(state, seen, plans)
        state = play_step(world, state, set_points, seen).step.state
    assert step == 15


def test_a_window_ends_with_the_horizon(world: RestorationWorld) -> None:
    decider = MpcDecider(world, 8)
    forecast_kw = world.forecast_kw
    seen = Seen(22, forecast_kw, forecast_kw[None, :23])
    (plan,) = decider.plans(first_state(world.plant, 1), seen)
    assert plan is not None
    assert len(plan.served) == 2


def test_without_a_plan_things_stay_as_they_are(world: RestorationWorld) -> None:
    """A droop unit with fuel for less than a step at its lowest frequency has no plan; a dead island needs none."""
    decider = MpcDecider(world, 4)
    state = first_state(world.plant, 3)
    hard = replace(
        state,
        unit_fuel_kwh=np.array([[5.0], [0.0], [2800.0]]),
        last_kw=np.array([[200.0, 100.0, 0.0]] * 3),
        served=np.full(state.served.shape, 0.3),
        is_dead=np.array([False, True, False]),
    )
    seen = Seen(0, world.forecast_kw, np.repeat(world.forecast_kw[None, :1], 3, axis=0))
    plans = decider.plans(hard, seen)
    assert [plan is None for plan in plans] == [True, True, False]
    set_points = decider.set_points(hard, seen, plans)
    assert np.all(set_points.served[:2] == 0.3)
    assert set_points.p_kw[0].tolist() == [200.0, 100.0, 0.0]
    np.testing.assert_allclose(set_points.renewable_kw[0], world.forecast_kw[0])
    assert plans[2] is not None
    np.testing.assert_allclose(set_points.served[2], plans[2].served[0])
