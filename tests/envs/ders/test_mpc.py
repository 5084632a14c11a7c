"""MPC of twelve devices: equal to the optimum where it knows and sees all, within limits where it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("clarabel")

from tieline.envs import make_task
from tieline.envs.ders.base import DersTask
from tieline.envs.ders.days import Days
from tieline.envs.ders.mpc import MpcRule, PerfectForecast, TypicalDayForecast
from tieline.envs.ders.program import Ahead, DayProgram
from tieline.envs.ders.state import DersState
from tieline.errors import InputError

LEFT = 6
"""Steps before midnight at which the episodes here begin."""


@pytest.fixture(scope="module")
def task() -> DersTask:
    task = make_task("ders141", split="held-out")
    assert isinstance(task, DersTask)
    return task


def late(task: DersTask, stored_kwh: float) -> DersState:
    """One episode, late in the evening."""
    state = task.start(np.array([0]))
    step = np.array([task.days.n_steps - LEFT])
    stored = np.full(state.stored_kwh.shape, stored_kwh)
    return replace(state, step=step, stored_kwh=stored)


def played(task: DersTask, rule: MpcRule, state: DersState) -> tuple[float, DersState]:
    """Return until midnight, and the state then."""
    weights = np.array([term.weight for term in task.terms])
    total = 0.0
    for _ in range(LEFT):
        action = rule.act(task.observe(state), state)
        outcome = task.advance(state, action)
        total += float((outcome.terms @ weights)[0])
        state = outcome.state
    return total, state


def test_with_all_in_sight_it_is_the_optimum_and_batteries_are_full_again(
    task: DersTask,
) -> None:
    state = late(task, stored_kwh=120.0)
    program = DayProgram(task)
    day = int(state.day[0])
    steps = slice(task.days.n_steps - LEFT, task.days.n_steps)
    plan = program.plan(
        Ahead(
            load=task.days.load[day, steps],
            offered_kw=task.sun_kw(task.days.sun[day, steps]),
            stored_kwh=state.stored_kwh[0],
            owed_kw=state.owed_kw[0],
        )
    )
    # what is stored is no loss: the plan counts it
    best = -program.weights.loss_kwh * plan.lost_kwh
    total, after = played(task, MpcRule(task, window=LEFT), state)
    assert after.stored_kwh[0] == pytest.approx(task.first_kwh, abs=0.05)
    assert total == pytest.approx(best, rel=1e-4)


def test_a_short_window_does_not_use_up_what_is_stored(task: DersTask) -> None:
    state = late(task, stored_kwh=150.0)
    state = replace(state, step=state.step - LEFT)
    outcome = task.advance(
        state, MpcRule(task, window=2).act(task.observe(state), state)
    )
    assert outcome.state.stored_kwh[0] == pytest.approx(task.first_kwh, abs=0.05)


def test_the_typical_day_begins_with_what_is_known() -> None:
    hour = np.arange(0.25, 24.5, 0.5)[None]
    past = Days(
        load=np.vstack([np.arange(1.0, 50.0), np.arange(3.0, 52.0)]),
        sun=np.vstack([np.full(49, 0.2), np.full(49, 0.4)]),
        hour=np.repeat(hour, 2, axis=0),
        names=("first", "second"),
    )
    today = Days(np.full((1, 49), 6.0), np.full((1, 49), 0.7), hour, ("today",))
    load, sun = TypicalDayForecast(today, past).ahead(0, 1, 3)
    # the mean day has 3, 4 and 5 there
    assert load == pytest.approx([6.0, 8.0, 10.0])
    assert sun == pytest.approx([0.7, 0.3, 0.3])
    load, sun = PerfectForecast(today).ahead(0, 1, 3)
    assert load.tolist() == [6.0] * 3
    assert sun.tolist() == [0.7] * 3


def test_what_is_refused(task: DersTask) -> None:
    with pytest.raises(InputError, match="at least one step"):
        MpcRule(task, window=0)
    with pytest.raises(InputError, match="needs the state"):
        MpcRule(task).act(np.zeros((1, 1)))
