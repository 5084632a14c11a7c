"""Episodes: energy adds up over the steps, draws do not touch each other, and the guard is asked before each step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from restoration_cases import decided

from tieline.envs.restoration.episode import Guarded, play
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.state import IslandState


@dataclass
class Half:
    """Half of all load, all of the sun."""

    world: RestorationWorld

    def decide(self, state: IslandState, seen: Seen) -> SetPoints:
        assert seen.measured_kw.shape[1] == seen.step + 1
        return decided(self.world.plant, count=state.n_scenarios, renewable_kw=1e3)


def test_energy_balances_over_an_episode(small_world: RestorationWorld) -> None:
    """What was burnt, stored and offered went to loads and losses."""
    actual_kw = small_world.actual_kw("short15", np.arange(3))
    episode = play(small_world, Half(small_world), actual_kw)
    assert episode.bill.objective.shape == (4, 3)
    steps = [one.step for one in episode.played]
    loss_kw = sum(step.solved[0].solution.flow.loss_kw for step in steps)
    renewable_kw = sum(step.set_points.renewable_kw.sum(axis=1) for step in steps)
    supplied_kwh = episode.bill.generated_kwh.sum(axis=0) + 0.25 * renewable_kw
    used_kwh = episode.bill.restored_kwh.sum(axis=0) + 0.25 * loss_kw
    np.testing.assert_allclose(supplied_kwh, used_kwh, rtol=1e-7)
    last = steps[-1].state
    start = small_world.plant.start
    burnt_kwh = start.fuel_kwh.sum() + start.unit_fuel_kwh.sum()
    burnt_kwh -= last.fuel_kwh.sum(axis=1) + last.unit_fuel_kwh.sum(axis=1)
    np.testing.assert_allclose(burnt_kwh, episode.bill.generated_kwh.sum(axis=0))
    assert episode.worst_beyond_pu.max() == 0.0
    assert not episode.is_dead.any()


def test_a_draw_is_the_same_alone(small_world: RestorationWorld) -> None:
    actual_kw = small_world.actual_kw("random", np.arange(5))
    together = play(small_world, Half(small_world), actual_kw)
    alone = play(small_world, Half(small_world), actual_kw[2:3])
    assert alone.objective[0] == pytest.approx(together.objective[2], rel=1e-9)


def test_the_guard_has_the_last_word(small_world: RestorationWorld) -> None:
    def nothing(state: IslandState, wish: SetPoints, seen: Seen) -> Guarded:
        safe = decided(small_world.plant, served=0.1, p_kw=0.0, renewable_kw=0.0)
        return Guarded(safe, np.array([seen.step == 0]))

    actual_kw = small_world.actual_kw("perfect", np.arange(1))
    episode = play(small_world, Half(small_world), actual_kw, nothing)
    load_kwh = small_world.plant.load_kw.sum()  # four quarters of an hour
    assert episode.bill.restored_kwh.sum() == pytest.approx(0.1 * load_kwh)
    assert episode.touched[:, 0].tolist() == [True, False, False, False]
