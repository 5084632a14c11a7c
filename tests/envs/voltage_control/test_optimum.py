"""The optimum of a step: its bound, what reaches it, and the tasks that it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.agents.evaluate import evaluate
from tieline.envs import BatchedEnv
from tieline.envs.state_rows import take_rows
from tieline.envs.voltage_control.config import VoltageControlEnvConfig
from tieline.envs.voltage_control.optimum import OptimumRule
from tieline.envs.voltage_control.task import VoltageControlState, VoltageControlTask
from tieline.errors import InputError

pytest.importorskip("clarabel")

NOON = 48
TOLERANCE = 1e-4
"""Of a reward of about 1: the solver's and that of the power flow."""


def task_with(**values: Any) -> VoltageControlTask:
    return VoltageControlTask(VoltageControlEnvConfig(pool_days=4, **values))


@pytest.fixture(scope="module")
def task() -> VoltageControlTask:
    return task_with()


def at_noon(task: VoltageControlTask) -> VoltageControlState:
    """Four days of four seasons, at noon, of whatever came before."""
    env = BatchedEnv(task)
    env.reset(np.arange(8))
    for _ in range(NOON):
        env.step(np.zeros((8, task.action.size)))
    _, rows = np.unique(env.state.day, return_index=True)
    return take_rows(env.state, rows)


def rewards(task: VoltageControlTask, state: Any, share: np.ndarray) -> np.ndarray:
    weights = np.array([term.weight for term in task.terms])
    return task.advance(state, share).terms @ weights


@pytest.mark.parametrize("outside_weight", [10.0, 100.0])
def test_the_bound_is_reached_and_passed_by_nobody(outside_weight: float) -> None:
    task = task_with(outside_weight=outside_weight)
    state = at_noon(task)
    best = OptimumRule(task).solve(state)
    reached = rewards(task, state, best.share)
    assert (reached <= best.bound + TOLERANCE).all()
    # a hundredth of the reward is not proven at most, where the band has to be left
    assert (best.bound - reached <= 0.01 * np.abs(best.bound)).all()
    random = np.random.default_rng(0)
    for spread in (0.01, 0.1, 1.0):
        noise = spread * random.standard_normal(best.share.shape)
        other = np.clip(best.share + noise, -1.0, 1.0)
        assert (rewards(task, state, other) <= best.bound + TOLERANCE).all()


def test_at_the_default_weight_limits_come_before_losses(
    task: VoltageControlTask,
) -> None:
    metrics = evaluate(OptimumRule(task), task, np.arange(8), timed=0).metrics
    assert metrics["undervoltage_pu_worst"] < 1e-5
    assert metrics["overvoltage_pu_worst"] < 1e-5
    # without control the same days break limits
    idle = task.advance(at_noon(task), np.zeros((4, task.action.size)))
    assert idle.costs.max() > 1e-3


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"tap_weight": 1.0}, "losses and voltages alone"),
        ({"feeder": "ieee13", "pv_count": 2}, "act, so that a step changes the next"),
    ],
)
def test_other_tasks_are_refused(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        OptimumRule(task_with(**values))
