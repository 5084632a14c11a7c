"""The corrected task: what devices may do, and what it costs, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.envs import BatchedEnv, make_task
from tieline.envs.draws import seed_for_each
from tieline.envs.flexible_loads.rules import ConstantShares, Droop, FixedHours
from tieline.envs.flexible_loads.task import Dso33Task
from tieline.errors import InputError


@pytest.fixture(scope="module")
def task() -> Dso33Task:
    made = make_task("dso33")
    assert isinstance(made, Dso33Task)
    return made


def test_no_more_is_taken_off_a_load_than_it_has(task: Dso33Task) -> None:
    env = BatchedEnv(task)
    env.reset(np.arange(30))
    at_device = task.model.device_load
    random = np.random.default_rng(0)
    for _ in range(task.days.n_steps):
        load_kw = task.loads(env.state)[0][:, at_device]
        step = env.step(random.uniform(0.3, 1.0, (30, 12)))
        taken = step.info["curtailed_kw"] + step.info["shifted_kw"]
        assert (taken <= load_kw + step.info["returned_kw"] + 1e-9).all()


def test_a_wish_beyond_the_load_is_shared_out(task: Dso33Task) -> None:
    """At bus 6, 165 kW to curtail and half as much to shift are more than its load: two thirds and one third of it are taken."""
    env = BatchedEnv(task)
    env.reset([1])
    load_kw = task.loads(env.state)[0][0, task.model.device_load[0]]
    assert load_kw < 165.0
    action = np.zeros((1, 12))
    action[0, :2] = [1.0, 0.5]
    info = env.step(action).info
    assert info["curtailed_kw"][0, 0] == pytest.approx(load_kw * 2 / 3)
    assert info["shifted_kw"][0, 0] == pytest.approx(load_kw / 3)


def test_all_that_is_shifted_comes_back_before_midnight(task: Dso33Task) -> None:
    env = BatchedEnv(task)
    env.reset(np.arange(5))
    shifted = returned = 0.0
    for number in range(task.days.n_steps):
        step = env.step(np.tile([0.0, 1.0], (5, 6)))
        shifted = shifted + step.info["shifted_kw"]
        returned = returned + step.info["returned_kw"]
        is_late = number >= task.days.n_steps - 4
        assert step.info["shifted_kw"].any() != is_late
    assert returned == pytest.approx(shifted, rel=1e-12)
    assert not env.state.owed_kw.any()


def test_reward_by_hand(task: Dso33Task) -> None:
    """57 for a MWh lost, 50 curtailed, 10 shifted, 1000 for a pu outside."""
    env = BatchedEnv(task)
    # a winter day, and the evening
    is_june = [name.startswith("2024-06-2") for name in task.days.names]
    day = is_june.index(True)
    env.reset(seed_for_each(task.days.n_days)[[day]])
    worst = 0.0
    for _ in range(40):
        step = env.step(np.tile([0.05, 0.1], (1, 6)))
        v_pu = step.info["voltage_pu"][0]
        outside = np.maximum(0.94 - v_pu, 0.0).sum()
        worst = max(worst, outside)
        price = (
            57.0 * step.info["loss_kw"][0]
            + 50.0 * step.info["curtailed_kw"].sum()
            + 10.0 * step.info["shifted_kw"].sum()
        )
        assert step.reward[0] == pytest.approx(-price / 2e3 - 1000.0 * outside)
    assert worst > 0.0, "a day on which no voltage leaves its limits tries half of it"


def test_days_begin_at_midnight_and_none_that_judges_trains(task: Dso33Task) -> None:
    held_out = make_task("dso33", split="held-out")
    assert isinstance(held_out, Dso33Task)
    assert (task.days.n_days, held_out.days.n_days) == (159, 53)
    assert not set(task.days.names) & set(held_out.days.names)
    assert set(task.days.hour[:, 0].tolist()) == {0.25}
    # what each sees of noon: the middle of the half hour from 12:00 on
    state = task.start(np.array([7]))
    noon = task.day_angle(replace(state, step=np.array([24])))
    assert noon[0] == pytest.approx(np.pi * 12.25 / 12.0)


@pytest.mark.parametrize(("split", "n_days"), [("summer", 89), ("other-zones", 53)])
def test_shifted_splits_are_other_days(
    task: Dso33Task, split: str, n_days: int
) -> None:
    made = make_task("dso33", split=split)
    assert isinstance(made, Dso33Task)
    assert made.days.n_days == n_days
    assert made.signature == task.signature, "or a policy could not be tried on it"
    assert np.abs(made.days.shape[:50] - task.days.shape[:50]).max() > 0.01


def test_rules_act_as_they_say(task: Dso33Task) -> None:
    env = BatchedEnv(task)
    seen = env.reset(np.arange(3))
    hours = FixedHours(task)
    assert not hours.act(seen, env.state).any()
    for _ in range(16):
        seen = env.step(np.zeros((3, 12))).observation
    assert hours.act(seen, env.state)[0].tolist() == 6 * [0.8, 0.5]
    full = ConstantShares(task, 1.0, 0.25).act(seen)
    assert full[1].tolist() == 6 * [1.0, 0.25]
    with pytest.raises(InputError, match="state"):
        hours.act(seen)


def test_droop_by_hand(task: Dso33Task) -> None:
    """0.94 pu is 0.02 below 0.96: half of what is curtailed at 0.92, and a third of what would be shifted at 0.90."""
    state = task.start(np.array([1]))
    v_pu = np.full(state.v_pu.shape, 0.94)
    low = replace(state, v_pu=v_pu)
    action = Droop(task).act(np.empty((1, 0)), low)
    assert action[0] == pytest.approx(6 * [0.5, 1 / 3])
    deep = replace(state, v_pu=v_pu - 0.04)
    assert Droop(task).act(np.empty((1, 0)), deep)[0].tolist() == 6 * [1.0, 0.5]
