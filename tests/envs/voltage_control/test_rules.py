"""The volt-var rule finds the balance of curve and power flow, and lowers violations on days that nobody was trained on."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs import BatchedEnv, make_task
from tieline.envs.voltage_control.rules import DoNothing, VoltVarRule
from tieline.envs.voltage_control.task import VoltageControlTask
from tieline.errors import InputError


@pytest.fixture(scope="module")
def task() -> VoltageControlTask:
    made = make_task("voltage-control", pool_days=8, pool_seed=1)
    assert isinstance(made, VoltageControlTask)
    return made


def total_costs(task: VoltageControlTask, rule: DoNothing | VoltVarRule) -> np.ndarray:
    """Sum over a day of how far voltages leave the band, mean over episodes, (constraint,) [pu]."""
    env = BatchedEnv(task)
    env.reset(np.arange(16))
    costs = [
        env.step(rule.act(task.observe(env.state), env.state)).costs for _ in range(96)
    ]
    return np.sum(costs, axis=0).mean(axis=0)


def test_volt_var_lowers_violations(task: VoltageControlTask):
    nothing, curve = (
        total_costs(task, DoNothing(task)),
        total_costs(task, VoltVarRule(task)),
    )
    assert (nothing > 0.01).all()  # both limits are broken, or nothing would be shown
    assert (curve < 0.6 * nothing).all()


def test_reactive_power_is_what_the_curve_asks_for(task: VoltageControlTask):
    state = task.start(np.arange(16))
    for _ in range(50):
        state = task.advance(state, np.zeros((16, 6))).state
    details = task.advance(
        state, VoltVarRule(task).act(task.observe(state), state)
    ).details
    v_pu = task.model.at_terminals(details["voltage_pu"])
    asked = task.inverters.volt_var_kvar(v_pu, details["p_kw"])
    assert np.abs(details["q_kvar"]).max() > 10.0
    assert np.abs(details["q_kvar"] - asked).max() < 2e-4 * task.inverters.kva.max()


def test_do_nothing_is_zero(task: VoltageControlTask):
    assert (
        DoNothing(task).act(np.empty((3, task.observation.size))) == np.zeros((3, 6))
    ).all()


def test_volt_var_asks_for_the_state(task: VoltageControlTask):
    with pytest.raises(InputError, match="needs the state"):
        VoltVarRule(task).act(np.empty((3, task.observation.size)))
