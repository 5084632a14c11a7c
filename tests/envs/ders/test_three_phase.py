"""The corrected task of batteries, PV and flexible loads on a feeder with phases: devices, and regulators that go on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.agents.evaluate import evaluate
from tieline.envs import BatchedEnv, make_task
from tieline.envs.ders.rules import Idle, VoltDroop
from tieline.envs.ders.three_phase import Ders123Task, RegulatedState
from tieline.envs.draws import seed_for_each
from tieline.errors import InputError


@pytest.fixture(scope="module")
def task() -> Ders123Task:
    made = make_task("ders123")
    assert isinstance(made, Ders123Task)
    return made


def test_batteries_and_pv_have_all_phases_and_flexible_loads_what_they_curtail(
    task: Ders123Task,
) -> None:
    feeder = task.model.network.feeder
    units = (*feeder.storages, *feeder.pvs)
    assert all({1, 2, 3} <= set(unit.nodes) for unit in units)
    at_devices = task.model.nominal_kw[task.model.flexible_load]
    assert (at_devices >= task.flexible_loads.curtail_max_kw).all()
    buses = [load.bus for load in feeder.loads]
    assert [buses.count(name) for name in task.flexible_loads.names] == [1] * 4
    # windows that judge hold no more than the peak of those that train
    assert task.days.load.max() == pytest.approx(1.0)


def test_regulators_go_on_from_where_they_were(task: Ders123Task) -> None:
    env = BatchedEnv(task)
    env.reset(np.arange(4))
    before = env.state
    assert isinstance(before, RegulatedState)
    for _ in range(task.days.n_steps):
        step = env.step(np.zeros((4, task.action.size)))
    assert step.truncated.all()
    after = env.state
    assert isinstance(after, RegulatedState)
    assert (after.tap != before.tap).any(), "load that never changes tries nothing"
    # from the other side of the dead band they come to rest elsewhere
    idle = task.idle_action(4)
    low = replace(before, tap=np.full_like(before.tap, -16))
    high = replace(before, tap=np.full_like(before.tap, 16))
    after_low, after_high = (
        task.advance(state, idle).solution for state in (low, high)
    )
    assert after_low is not None
    assert after_high is not None
    assert (after_low.taps != after_high.taps).any(axis=1).all()


def test_a_step_loses_what_a_power_flow_of_its_loads_and_set_points_does(
    task: Ders123Task,
) -> None:
    """Power that batteries give and loads do not take is no longer drawn from the source, but for losses."""
    state = task.start(np.arange(3))
    idle = task.advance(state, task.idle_action(3))
    action = task.idle_action(3)
    battery, _, flexible = task.of_kind(action)
    battery[..., 0] = 0.5
    flexible[..., 0] = 1.0
    outcome = task.advance(state, action)
    assert idle.solution is not None
    assert outcome.solution is not None
    given_kw = outcome.details["battery_kw"].sum(axis=1)
    curtailed_kw = outcome.details["curtailed_kw"].sum(axis=1)
    assert given_kw == pytest.approx(np.full(3, 200.0))
    less_kw = (idle.solution.source_kva - outcome.solution.source_kva).real
    # loads that depend on voltage take a little more where it rises
    assert less_kw == pytest.approx(given_kw + curtailed_kw, rel=0.08)


def test_rules_have_little_to_mend_where_regulators_hold_voltages() -> None:
    """The droop asks for reactive power all the time, and curtailing is paid for."""
    task = make_task("ders123", split="held-out")
    assert isinstance(task, Ders123Task)
    seeds = seed_for_each(task.days.n_days)[:6]
    rules = (Idle(task), VoltDroop(task), Idle(task, curtail_share=1.0))
    returns = [
        evaluate(rule, task, seeds, timed=0).metrics["return_mean"] for rule in rules
    ]
    nothing, droop, curtail_all = returns
    assert curtail_all < droop < nothing


def test_regulators_are_not_compiled(task: Ders123Task) -> None:
    with pytest.raises(InputError, match="regulators act"):
        task.compiled()
