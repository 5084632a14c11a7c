"""The safety step of flexible loads: limits now, exact slopes, devices that give what they have, and debts that can be paid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.agents.evaluate import evaluate
from tieline.agents.safety import make_safe
from tieline.envs import make_task
from tieline.envs.draws import seed_for_each
from tieline.envs.flexible_loads.base import FlexibleLoadsState, FlexibleLoadsTask
from tieline.envs.flexible_loads.rules import ConstantShares
from tieline.typing import FloatArray, IntArray

PEAK = 39
"""Half hour of the evening in which the feeder is loaded most."""


def made(name: str, **settings: str) -> FlexibleLoadsTask:
    task = make_task(name, **settings)
    assert isinstance(task, FlexibleLoadsTask)
    return task


@pytest.fixture(scope="module")
def held_out() -> FlexibleLoadsTask:
    return made("dso33", split="held-out")


def at_step(
    task: FlexibleLoadsTask, day: IntArray, step: IntArray, owed_kw: FloatArray
) -> FlexibleLoadsState:
    """States of given days and steps, (episode,), with the same owed to each, (device, lag)."""
    count = len(day)
    state = task.start(np.zeros(count, dtype=np.int64))
    owed = np.repeat(owed_kw[None], count, axis=0)
    return replace(state, day=day, step=step, owed_kw=owed)


def heaviest(task: FlexibleLoadsTask) -> FlexibleLoadsState:
    """The peak of the day on which loads are highest, with 20 kW coming back at each device."""
    day = np.array([task.days.shape[:, PEAK].sum(axis=1).argmax()])
    owed_kw = np.full(task.devices.kernel.shape, 20.0)
    return at_step(task, day, np.array([PEAK]), owed_kw)


def test_slopes_are_those_of_the_replay(held_out: FlexibleLoadsTask) -> None:
    state = heaviest(held_out)
    action = np.full((1, 12), 0.05)
    limited = held_out.limited(state, action)
    slopes = limited.slopes(np.array([0]))[0]
    small = 1e-4
    for entry in range(12):
        moved = action.copy()
        moved[0, entry] += small
        change = held_out.limited(state, moved).value - limited.value
        assert change[0] / small == pytest.approx(slopes[:, entry], abs=2e-5)


def test_what_is_taken_off_counts_against_load_and_what_returns(
    held_out: FlexibleLoadsTask,
) -> None:
    """At bus 6 with caps of 165 kW each: 0.1 of both is 33 kW, and the load has all of it but what is left."""
    state = heaviest(held_out)
    limited = held_out.limited(state, np.full((1, 12), 0.1))
    place = limited.names.index("taken off at 6")
    load_kw = held_out.device_loads_kw(state)[0, 0]
    assert limited.value[0, place] == pytest.approx((33.0 - load_kw - 20.0) / 330.0)
    assert limited.is_hard[place]


def test_no_limit_is_broken_behind_the_safety_step(
    held_out: FlexibleLoadsTask,
) -> None:
    """Doing nothing is touched in the steps in which it would break a limit, and in no other."""
    nothing = ConstantShares(held_out)
    seeds = np.array(list(seed_for_each(held_out.days.n_days)))[10:24]
    bare = evaluate(nothing, held_out, seeds, timed=0).episodes
    safe = evaluate(nothing, held_out, seeds, timed=0, safe=True).episodes
    assert bare["outside_buses_steps_above"].sum() > 50
    assert safe["outside_buses_steps_above"].sum() == 0
    # what comes back of what the step had put off breaks a limit now and then in a step that was calm
    assert (safe["touched"] >= bare["outside_buses_steps_above"]).all()
    is_calm = bare["outside_buses_steps_above"] == 0
    assert (safe["touched"][is_calm] == 0).all()


def test_the_safe_action_is_the_nearest_of_many(held_out: FlexibleLoadsTask) -> None:
    state = heaviest(held_out)
    safe = make_safe(held_out, state, np.zeros((1, 12)))
    assert safe.touched[0]
    assert safe.violation_after[0] == 0.0
    random = np.random.default_rng(0)
    way = random.dirichlet(np.ones(12), 400) * random.uniform(0, 4, (400, 1))
    others = np.clip(way, 0.0, 1.0)
    rows = at_step(
        held_out,
        np.repeat(state.day, 400),
        np.repeat(state.step, 400),
        state.owed_kw[0],
    )
    carried_out = held_out.carried_out(rows, others)
    keeps = held_out.limited(rows, carried_out).violation_pu == 0
    assert keeps.any()
    assert not keeps.all()
    distance = np.linalg.norm(carried_out[keeps], axis=1)
    assert distance.min() > safe.moved[0]


@pytest.mark.parametrize("split", ["train", "held-out", "summer", "other-zones"])
def test_no_debt_is_too_large_to_be_paid(split: str) -> None:
    """All devices owed all they can be, in any half hour: giving way, they still hold the lowest limit."""
    task = made("dso33", split=split)
    n_days, n_steps = task.days.n_days, task.days.n_steps
    owed_kw = np.repeat(task.devices.shift_max_kw[:, None], 4, axis=1)
    state = at_step(
        task,
        np.repeat(np.arange(n_days), n_steps),
        np.tile(np.arange(n_steps), n_days),
        owed_kw,
    )
    full = np.ones((len(state.day), 12))
    assert task.limited(state, full).violation_pu.max() == 0.0
    nothing = np.zeros((len(state.day), 12))
    assert task.limited(state, nothing).violation_pu.max() > 0.0, "debts try nothing"


def test_a_feeder_with_regulators_is_guarded_too() -> None:
    """Regulators leave three half hours of the held-out days above the highest limit; giving way a little moves them."""
    task = made("dso123", split="held-out")
    assert task.controls_act
    seeds = np.array(list(seed_for_each(task.days.n_days)))[[7, 28, 32]]
    nothing = ConstantShares(task)
    bare = evaluate(nothing, task, seeds, timed=0).episodes
    safe = evaluate(nothing, task, seeds, timed=0, safe=True).episodes
    assert bare["outside_buses_steps_above"].tolist() == [1, 1, 1]
    assert safe["outside_buses_steps_above"].sum() == 0
    assert safe["touched"].sum() == 3
