"""The volt-var rule finds the balance of curve and power flow, and lowers violations on days that nobody was trained on."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs import BatchedEnv, make_task
from tieline.envs.voltage_control.rules import do_nothing, volt_var
from tieline.envs.voltage_control.task import VoltageControlTask


@pytest.fixture(scope="module")
def task() -> VoltageControlTask:
    made = make_task("voltage-control", pool_days=8, pool_seed=1)
    assert isinstance(made, VoltageControlTask)
    return made


def total_costs(task: VoltageControlTask, rule) -> np.ndarray:
    """Sum over a day of how far voltages leave the band, mean over episodes, (constraint,) [pu]."""
    env = BatchedEnv(task)
    env.reset(np.arange(16))
    return np.array([env.step(rule(task, env.state)).costs for _ in range(96)]).sum(axis=0).mean(axis=0)


def test_volt_var_lowers_violations(task: VoltageControlTask):
    nothing, curve = total_costs(task, do_nothing), total_costs(task, volt_var)
    assert (nothing > 0.01).all()  # both limits are broken, or nothing would be shown
    assert (curve < 0.6 * nothing).all()


def test_reactive_power_is_what_the_curve_asks_for(task: VoltageControlTask):
    state = task.start(np.arange(16))
    for _ in range(50):
        state = task.advance(state, do_nothing(task, state)).state
    details = task.advance(state, volt_var(task, state)).details
    v_pu = task.model.at_terminals(details["voltage_pu"])
    asked = task.inverters.volt_var_kvar(v_pu, details["p_kw"])
    assert np.abs(details["q_kvar"]).max() > 10.0
    assert np.abs(details["q_kvar"] - asked).max() < 2e-4 * task.inverters.kva.max()


def test_do_nothing_is_zero(task: VoltageControlTask):
    assert (do_nothing(task, task.start(np.arange(3))) == np.zeros((3, 6))).all()
