"""The corrected task of twelve agents: what devices may do and what it costs, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.envs import BatchedEnv, make_task
from tieline.envs.ders.rules import Idle, VoltDroop
from tieline.envs.ders.task import Ders141Task
from tieline.envs.draws import seed_for_each
from tieline.envs.voltage_band import outside_pu
from tieline.errors import InputError

ENERGY, CURTAIL, SHIFT = 57.0 / 1e3, 50.0 / 1e3, 10.0 / 1e3
"""Prices by the kWh."""


def corrected(split: str = "train") -> Ders141Task:
    made = make_task("ders141", split=split)
    assert isinstance(made, Ders141Task)
    return made


@pytest.fixture(scope="module")
def task() -> Ders141Task:
    return corrected()


def random_actions(task: Ders141Task, count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.uniform(task.action.low, task.action.high, (count, task.action.size))


def test_reward_is_paid_for_all_that_devices_give(task: Ders141Task) -> None:
    env = BatchedEnv(task)
    env.reset(np.arange(10))
    for number in range(task.days.n_steps):
        stored_before = env.state.stored_kwh
        offered_kw = task.offered_kw(env.state)
        step = env.step(random_actions(task, 10, number))
        info = step.info
        # energy into the batteries and not kept there is lost
        taken_kwh = -0.5 * info["battery_kw"]
        lost_kwh = taken_kwh - (info["stored_kwh"] - stored_before)
        assert (lost_kwh > -1e-9).all()
        spilled_kwh = 0.5 * (offered_kw - info["pv_kw"])
        cost = ENERGY * (0.5 * info["loss_kw"] + (lost_kwh + spilled_kwh).sum(axis=1))
        cost += CURTAIL * 0.5 * info["curtailed_kw"].sum(axis=1)
        cost += SHIFT * 0.5 * info["shifted_kw"].sum(axis=1)
        cost += 1000.0 * outside_pu(info["voltage_pu"], task.limits_pu).sum(axis=1)
        if number == task.days.n_steps - 1:
            cost += ENERGY * np.maximum(150.0 - info["stored_kwh"], 0.0).sum(axis=1)
        assert step.reward == pytest.approx(-cost)
    assert step.truncated.all()


def test_emptying_the_batteries_does_not_pay(task: Ders141Task) -> None:
    """What it saves in lines is less than what the energy costs."""
    returns = []
    for p_share in (0.0, 1.0):
        env = BatchedEnv(task)
        env.reset(np.arange(20))
        total = np.zeros(20)
        for _ in range(task.days.n_steps):
            action = task.idle_action(20)
            battery, _, _ = task.of_kind(action)
            battery[..., 0] = p_share
            total += env.step(action).reward
        returns.append(total)
    assert (returns[1] < returns[0]).all()


def test_no_more_is_taken_off_a_load_than_it_has(task: Ders141Task) -> None:
    """Nothing at all at the two buses without a load."""
    env = BatchedEnv(task)
    env.reset(np.arange(10))
    shifted = returned = 0.0
    for number in range(task.days.n_steps):
        share = task.days.load[env.state.day, env.state.step]
        load_kw = task.model.loads(share)[0][:, task.model.flexible_load]
        info = env.step(random_actions(task, 10, number)).info
        taken_kw = info["curtailed_kw"] + info["shifted_kw"]
        assert (taken_kw <= load_kw + info["returned_kw"] + 1e-9).all()
        shifted = shifted + info["shifted_kw"]
        returned = returned + info["returned_kw"]
    assert not taken_kw[:, [1, 3]].any()
    assert returned == pytest.approx(shifted)


def test_the_sun_shines_at_noon(task: Ders141Task) -> None:
    by_step = task.days.sun[:, :48].mean(axis=0)
    assert 20 <= by_step.argmax() <= 28
    assert not by_step[:8].any()


def test_splits_keep_the_signature_of_training(task: Ders141Task) -> None:
    held_out = corrected("held-out")
    assert not set(task.days.names) & set(held_out.days.names)
    for split in ("held-out", "pv-penetration", "load-stress", "voltage-tightening"):
        assert corrected(split).signature == task.signature
    assert corrected("load-stress").days.load == pytest.approx(
        1.15 * held_out.days.load
    )
    grown = corrected("pv-penetration").model.inverters
    assert (set(grown.rated_kw), set(grown.kva)) == ({400.0}, {440.0})
    assert corrected("voltage-tightening").band_pu == (0.96, 1.04)


def test_droop_by_hand(task: Ders141Task) -> None:
    """0.96 pu asks for 0.4 of the apparent power and for half of the flexible loads; 1.04 pu spills three quarters of the sun."""
    env = BatchedEnv(task)
    env.reset([0])
    state = env.state
    for v_pu, q_share, spill, curtail in (
        (0.96, 0.4, 0.0, 0.5),
        (1.04, -0.4, 0.75, 0.0),
        (0.80, 1.0, 0.0, 0.5),
    ):
        seen = replace(state, v_pu=np.full_like(state.v_pu, v_pu))
        action = VoltDroop(task).act(np.empty((1, 0)), seen)
        battery, pv, flexible = task.of_kind(action)
        assert battery[0].tolist() == pytest.approx(np.array(4 * [[0.0, q_share]]))
        assert pv[0].tolist() == pytest.approx(np.array(4 * [[spill, q_share]]))
        assert flexible[0].tolist() == 4 * [[curtail, 0.0]]
    with pytest.raises(InputError, match="state"):
        VoltDroop(task).act(np.empty((1, 0)))


def test_idle_does_nothing_but_use_the_sun(task: Ders141Task) -> None:
    env = BatchedEnv(task)
    seen = env.reset(seed_for_each(task.days.n_days))
    for _ in range(24):
        step = env.step(Idle(task).act(seen))
    info = step.info
    assert info["pv_kw"].min() > 0.0
    for name in ("battery_kw", "battery_kvar", "pv_kvar", "curtailed_kw", "shifted_kw"):
        assert not info[name].any()


def test_each_agent_has_its_own_space_under_pettingzoo(task: Ders141Task) -> None:
    from tieline.envs.faces import PettingZooEnv

    game = PettingZooEnv(task)
    seen, _ = game.reset(seed=0)
    assert len(seen) == 12
    assert {len(one) for one in seen.values()} == {17}
    actions = {agent: game.action_space(agent).sample() for agent in game.agents}
    _, rewards, _, _, _ = game.step(actions)
    assert len(set(rewards.values())) == 1, "they share the reward"
