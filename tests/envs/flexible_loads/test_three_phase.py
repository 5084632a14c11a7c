"""The corrected task on a feeder with phases: flows of all phases, and regulators that go on from where they were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.envs import BatchedEnv, make_task
from tieline.envs.flexible_loads.three_phase import Dso123Task, RegulatedState
from tieline.errors import InputError


@pytest.fixture(scope="module")
def task() -> Dso123Task:
    made = make_task("dso123")
    assert isinstance(made, Dso123Task)
    return made


def test_flow_of_a_line_is_that_of_all_its_phases(task: Dso123Task) -> None:
    """At bus 1 a line arrives, three leave, and a load of 40 kW stands: what arrives is what leaves, but for losses of a line."""
    env = BatchedEnv(task)
    env.reset([4])
    state = env.state
    env.step(np.zeros((1, task.action.size)))
    flow_kw = env.state.line_kw[0]
    lines = task.model.network.feeder.lines
    by_name = dict(zip(task.model.lines, flow_kw, strict=True))
    in_service = [line for line in lines if line.closed]
    leaving = [by_name[line.name] for line in in_service if line.from_bus == "1"]
    (arriving,) = [by_name[line.name] for line in in_service if line.to_bus == "1"]
    load_buses = [load.bus for load in task.model.network.feeder.loads]
    load_kw = task.loads(state)[0][0, load_buses.index("1")]
    assert len(leaving) == 3
    assert arriving == pytest.approx(sum(leaving) + load_kw, rel=5e-3)
    assert arriving > 1000.0


def test_regulators_go_on_from_where_they_were(task: Dso123Task) -> None:
    env = BatchedEnv(task)
    env.reset(np.arange(6))
    before = env.state
    assert isinstance(before, RegulatedState)
    for _ in range(task.days.n_steps):
        step = env.step(np.zeros((6, task.action.size)))
    assert step.truncated.all()
    after = env.state
    assert isinstance(after, RegulatedState)
    assert (after.tap != before.tap).any(), "load that never changes tries nothing"
    # from the other side of the dead band they come to rest elsewhere
    low = replace(before, tap=np.full_like(before.tap, -16))
    high = replace(before, tap=np.full_like(before.tap, 16))
    load_kw, load_kvar = task.loads(before)
    rests_low = task.effect_of(low, load_kw, load_kvar).solution.taps
    rests_high = task.effect_of(high, load_kw, load_kvar).solution.taps
    assert (rests_low != rests_high).any(axis=1).all()


def test_devices_are_single_loads_with_all_they_have(task: Dso123Task) -> None:
    at_devices = task.model.nominal_kw[task.model.device_load]
    assert at_devices.tolist() == task.devices.curtail_max_kw.tolist()
    buses = [load.bus for load in task.model.network.feeder.loads]
    assert [buses.count(name) for name in task.devices.names] == [1] * 6
    assert task.days.shape.max() == 1.0


def test_regulators_are_not_compiled(task: Dso123Task) -> None:
    with pytest.raises(InputError, match="regulators act"):
        task.compiled()
