"""The safety step for set-points: what merit order does to five microgrids, put right with the least change."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import nnls

from tieline import load_feeder
from tieline.agents.safety import make_safe
from tieline.agents.set_point_guard import SetPointGuard
from tieline.envs.guarded_problem import guard_problem, next_step
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.day import problem_of
from tieline.envs.microgrids.days import day_of_shapes
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.opf import Problem, replay
from tieline.typing import FloatArray

pytest.importorskip("casadi")

CONFIG = MicrogridsWorldConfig()
HOURS = np.array([3.0, 12.0, 16.0, 20.0])
"""Charging at night, sun, the first hour of high price, evening: other limits bind in each."""


@pytest.fixture(scope="module")
def plant() -> Plant:
    """The 33-bus feeder with five microgrids."""
    return make_plant(load_feeder("ieee33-microgrids"), CONFIG)


@pytest.fixture(scope="module")
def steps(plant: Plant) -> list[Problem]:
    """Four steps, each a problem of its own."""
    problem = problem_of(plant, day_of_shapes(plant, CONFIG, HOURS))
    return [problem.window(k, k + 1) for k in range(len(HOURS))]


def by_price(plant: Plant, step: Problem) -> tuple[FloatArray, FloatArray]:
    """What devices would do by the price alone, (der,) each: more or less merit order."""
    der_kw = step.ders.p_min_kw[0].copy()
    price = step.steps.price[0]
    der_kw[plant.generator_ders] = np.clip((price - 0.068) * 7000.0, 140.0, 300.0)
    der_kw[plant.battery_ders] = 100.0 * np.sign(price - 0.1)
    return der_kw, np.zeros(len(der_kw))


def test_limits_hold_after_it_and_devices_can_follow(
    plant: Plant, steps: list[Problem]
) -> None:
    guard = SetPointGuard(steps[0])
    for step in steps:
        proposed = by_price(plant, step)
        assert replay(step, proposed[0][None], proposed[1][None]).worst_miss > 1e-2
        kw, kvar = guard(step, *proposed)
        assert not replay(step, kw[None], kvar[None]).violations
        assert (kw >= step.ders.p_min_kw[0] - 1e-9).all()
        assert (kw <= step.ders.p_max_kw[0] + 1e-9).all()
        assert np.abs(kw - step.ders.last_kw)[plant.generator_ders].max() <= 150 + 1e-9
        assert (np.hypot(kw, kvar) <= step.ders.kva + 1e-6).all()
        # what it gives is within limits, and passes as it is
        again = guard(step, kw, kvar)
        assert again[0] is kw
        assert again[1] is kvar


def test_the_change_is_the_least_by_the_conditions_of_a_minimum(
    plant: Plant, steps: list[Problem]
) -> None:
    """The way back to what was proposed points out of the limits that bind: it is a sum of their slopes with weights >= 0."""
    guarded = guard_problem(steps[0])
    for step in steps:
        state = next_step(guarded, step)
        der_kw, der_kvar = by_price(plant, step)
        proposed = guarded.entries.taken(der_kw[None], der_kvar[None])
        safe = make_safe(guarded, state, guarded.carried_out(state, proposed))
        at = safe.actions
        limited = guarded.limited(state, at)
        binds = limited.value[0] > -1e-4
        outwards = limited.slopes(np.arange(1))[0, binds]
        at_high = np.flatnonzero(at[0] > state.high[0] - 1e-6)
        at_low = np.flatnonzero(at[0] < state.low[0] + 1e-6)
        unit = np.eye(len(at[0]))
        normals = np.vstack([outwards, unit[at_high], -unit[at_low]])
        way_back = guarded.carried_out(state, proposed)[0] - at[0]
        # distances are counted in shares of each entry's range
        span = guarded.action.high - guarded.action.low
        _, distance = nnls((normals * span).T, way_back / span)
        assert distance < 0.02 * np.linalg.norm(way_back / span)


def test_ramps_and_stored_energy_bound_it(plant: Plant, steps: list[Problem]) -> None:
    """Full batteries cannot charge and empty ones not discharge, whatever the grid would like."""
    last_kw = np.where(np.isnan(steps[3].ders.last_kw), np.nan, 80.0)
    stored_kwh = np.array([40.0, 360.0, 41.0, 200.0, 359.0])
    step = steps[3].replace(last_kw=last_kw, stored_kwh=stored_kwh)
    kw, _ = SetPointGuard(step)(step, *by_price(plant, step))
    battery_kw = kw[plant.battery_ders]
    assert (kw[plant.generator_ders] <= 230.0 + 1e-9).all()
    assert battery_kw[0] <= 1e-9
    assert battery_kw[1] >= -1e-9
    assert battery_kw[2] <= 1.0 * 0.95 / 0.25 + 1e-9
    assert battery_kw[4] >= -1.0 / 0.95 / 0.25 - 1e-9


def test_without_an_answer_the_least_violation(
    plant: Plant, steps: list[Problem]
) -> None:
    """A source at 1.03 pu has no voltage below 1.02 beside it: no set-point helps there, and elsewhere they still do."""
    step = steps[1].replace(v_max_pu=np.full(len(steps[1].limits.v_max_pu), 1.02))
    proposed = by_price(plant, step)
    before = replay(step, proposed[0][None], proposed[1][None]).worst_miss
    kw, kvar = SetPointGuard(step)(step, *proposed)
    after = replay(step, kw[None], kvar[None])
    assert 0 < after.worst_miss < before
