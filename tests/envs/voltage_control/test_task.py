"""Voltage control: rewards and costs by hand on two buses, limits of inverters, seeds, night, agents, failures."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus
from tieline.envs import BatchedEnv, make_task
from tieline.envs.voltage_control.config import VoltageControlEnvConfig
from tieline.envs.voltage_control.days import Days
from tieline.envs.voltage_control.model import VoltageModel
from tieline.envs.voltage_control.task import VoltageControlTask
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.powerflow import solve

R_OHM, X_OHM, KV = 4.5, 3.5, 12.66


def by_hand(p_kw: float, q_kvar: float) -> tuple[float, float]:
    """Voltage [pu] and loss [kW] of a constant power taken behind one line from 1 pu: the larger root of the biquadratic."""
    r, x, p, q = R_OHM / KV**2, X_OHM / KV**2, p_kw / 1e3, q_kvar / 1e3
    b = 1.0 - 2.0 * (r * p + x * q)
    square = b / 2 + np.sqrt(b**2 / 4 - (r**2 + x**2) * (p**2 + q**2))
    return float(np.sqrt(square)), float(1e3 * r * (p**2 + q**2) / square)


def small_task(
    load_pu: list[float], sun_pu: list[float], **values: object
) -> VoltageControlTask:
    """Two buses, 1000 kW + 500 kvar, one PV system of 2000 kW and 2200 kVA beside it, and one day of a few steps."""
    config = VoltageControlEnvConfig.model_validate(
        {"pool_days": 1, "reactive_weight": 0.5, **values}
    )
    days = Days(
        np.array(load_pu)[None, :, None],
        np.array(sun_pu)[None],
        np.linspace(0.0, 24.0, len(sun_pu))[None],
    )
    return VoltageControlTask(
        config, VoltageModel.of(config, two_bus(r_ohm=R_OHM, x_ohm=X_OHM)), days
    )


@pytest.fixture(scope="module")
def task() -> VoltageControlTask:
    made = make_task("voltage-control", pool_days=8)
    assert isinstance(made, VoltageControlTask)
    return made


def test_reward_and_costs_by_hand():
    env = BatchedEnv(small_task([1.0, 0.5, 0.5], [0.0, 1.0, 1.0]))
    env.reset([0])
    night = env.step([[0.25]])  # no sun: all of the 2200 kVA is free
    v, loss_kw = by_hand(1000.0, 500.0 - 550.0)
    assert night.info["q_kvar"][0, 0] == pytest.approx(550.0)
    assert night.info["voltage_pu"][0] == pytest.approx([1.0, v], abs=1e-8)
    assert night.info["terms"][0] == pytest.approx(
        [loss_kw / 10.0, 100 * (0.95 - min(v, 0.95)) / 2, 25.0, 0.0], abs=1e-5
    )

    noon = env.step([[1.0]])  # 2000 kW leave sqrt(2200^2 - 2000^2) kvar
    q_kvar = np.sqrt(2200.0**2 - 2000.0**2)
    v, loss_kw = by_hand(500.0 - 2000.0, 250.0 - q_kvar)
    terms = [loss_kw / 10.0, 100 * (v - 1.05) / 2, 100 * q_kvar / 2200.0, 0.0]
    assert v > 1.05  # or the deviation would not be tried
    assert noon.info["terms"][0] == pytest.approx(terms, abs=1e-5)
    assert noon.reward[0] == pytest.approx(
        -(terms[0] + 100.0 * terms[1] + 0.5 * terms[2]), abs=1e-4
    )
    assert noon.costs[0] == pytest.approx([0.0, v - 1.05], abs=1e-7)
    assert (noon.truncated[0], noon.terminated[0]) == (True, False)


def test_undervoltage_by_hand():
    env = BatchedEnv(small_task([2.0, 2.0], [0.0, 0.0]))
    env.reset([0])
    step = env.step([[-0.5]])
    v, _ = by_hand(2000.0, 1000.0 + 1100.0)
    assert step.costs[0] == pytest.approx([0.95 - v, 0.0], abs=1e-7)


def test_observation_by_hand():
    small = small_task([1.0, 0.5, 9.0], [0.0, 0.8, 1.0])
    env = BatchedEnv(small)
    v, _ = by_hand(1000.0, 500.0)
    assert env.reset([0])[0] == pytest.approx(
        [0.0, 0.0, 0.0, (v - 1) * 10, 1.0, 0.0, 1.0], abs=1e-6
    )
    step = env.step([[1.0]])
    v, _ = by_hand(1000.0, 500.0 - 2200.0)
    assert step.observation[0] == pytest.approx(
        [1600 / 2200, 1.0, 0.0, (v - 1) * 10, 0.5, 0.0, -1.0], abs=1e-6
    )
    # a load of nine times its peak is seen at the bound
    assert env.step([[0.0]]).observation[0, 4] == 5.0
    names = [
        "offer_share of pv_b",
        "last_q_share of pv_b",
        "voltage at a.1",
        "voltage at b.1",
        "load_share of load",
    ]
    assert list(small.observation.names) == [*names, "day_sine", "day_cosine"]


def test_episode_has_a_day_and_then_the_world_goes_on(task: VoltageControlTask):
    env = BatchedEnv(task)
    env.reset(np.arange(2))
    for _ in range(95):
        step = env.step(np.zeros((2, 6)))
        assert not step.ended.any()
    step = env.step(np.zeros((2, 6)))
    assert step.truncated.all()
    assert not step.terminated.any()
    assert np.isfinite(step.observation).all()
    with pytest.raises(InputError, match="has ended"):
        env.step(np.zeros((2, 6)))


def test_inverters_keep_their_limits_and_rest_at_night(task: VoltageControlTask):
    env, random = BatchedEnv(task), np.random.default_rng(0)
    env.reset(np.arange(16))
    p_kw, q_kvar, hour = [], [], []
    for _ in range(96):
        hour.append(task.days.hour[env.state.day, env.state.step])
        info = env.step(random.uniform(-1.5, 1.5, (16, 6))).info
        p_kw.append(info["p_kw"])
        q_kvar.append(info["q_kvar"])
    p, q, hours = np.array(p_kw), np.array(q_kvar), np.array(hour)
    assert (np.hypot(p, q) <= task.inverters.kva * (1 + 1e-12)).all()
    assert (np.hypot(p, q) > 0.999 * task.inverters.kva).any()
    assert (p <= task.inverters.rated_kw).all()
    assert (p[hours < 4.0] == 0).all()
    assert (p[np.abs(hours - 13.0) < 1] > 0).all()


def test_power_balance(task: VoltageControlTask):
    """What the source gives and the inverters inject is what loads take and the step calls lost."""
    state = task.start(np.arange(4))
    actions = np.random.default_rng(1).uniform(-1, 1, (4, 6))
    details = task.advance(state, actions).details
    solution = solve(
        task.model.network,
        load_scale=task.days.load_pu[state.day, state.step],
        der_kw=details["p_kw"],
        der_kvar=details["q_kvar"],
        tolerance=1e-12,
    )
    balance = (solution.source_kva - solution.load_kva.sum(axis=1)).real + details[
        "p_kw"
    ].sum(axis=1)
    assert details["loss_kw"] == pytest.approx(balance, abs=1e-3)


def test_same_seed_same_episode_in_any_batch(task: VoltageControlTask):
    seeds, actions = np.arange(30), np.random.default_rng(2).uniform(-1, 1, (5, 30, 6))
    batch, alone = BatchedEnv(task), BatchedEnv(task)
    first = batch.reset(seeds)
    assert alone.reset(seeds[7:8])[0] == pytest.approx(first[7], abs=1e-6)
    assert (alone.state.day == batch.state.day[7]).all()
    for action in actions:
        together, one = batch.step(action), alone.step(action[7:8])
        assert one.observation[0] == pytest.approx(together.observation[7], abs=1e-6)
        assert one.reward[0] == pytest.approx(together.reward[7], abs=1e-5)


def test_seeds_pick_all_days(task: VoltageControlTask):
    assert set(task.start(np.arange(200)).day) == set(range(8))


def test_an_agent_sees_its_own_and_the_time(task: VoltageControlTask):
    assert [agent.name for agent in task.agents] == list(task.inverters.names)
    agent = task.agents[2]
    seen = [task.observation.names[k] for k in agent.sees]
    bus = agent.name.removeprefix("pv_")
    own = [
        f"offer_share of {agent.name}",
        f"last_q_share of {agent.name}",
        f"voltage at {bus}.1",
    ]
    assert seen == [*own, "day_sine", "day_cosine"]
    assert [task.action.names[k] for k in agent.sets] == [f"q_share of {agent.name}"]
    assert sorted(np.concatenate([agent.sets for agent in task.agents])) == list(
        range(6)
    )


def test_no_solution_ends_that_episode_only():
    """The line cannot carry 40 times the load: every term counts at its worst, and what was seen last stays seen."""
    small = small_task([1.0, 1.0, 1.0], [0.0, 0.0, 0.0])
    small.days = Days(
        *(np.repeat(series, 2, axis=0) for series in vars(small.days).values())
    )
    small.days.load_pu[1, 1] = 40.0
    env = BatchedEnv(small)
    env.reset(np.arange(8))
    is_bad = env.state.day == 1
    assert 0 < is_bad.sum() < 8
    before = env.step(np.zeros((8, 1))).observation
    step = env.step(np.zeros((8, 1)))
    assert list(step.terminated) == list(is_bad)
    assert step.reward[is_bad] == pytest.approx(-(100.0 + 100.0 * 95.0 + 0.5 * 100.0))
    assert (step.observation[is_bad] == before[is_bad]).all()
    assert step.costs[~is_bad] == pytest.approx(0.0, abs=0.02)
    assert np.isfinite(env.reset_rows(is_bad, np.arange(is_bad.sum()))).all()


def test_regulators_go_on_from_where_they_stand():
    """Held, they stay where the feeder has them; acting, the taps of a step are the start of the next."""
    acting, held = (
        make_task(
            "voltage-control",
            feeder="ieee34",
            pool_days=2,
            penetration_pct=100,
            controls=how,
        )
        for how in ("feeder", "off")
    )
    assert isinstance(acting, VoltageControlTask)
    assert isinstance(held, VoltageControlTask)
    state = acting.start(np.arange(4))
    first = acting.advance(state, 0.3 * np.ones((4, 6)))
    second = acting.advance(first.state, -0.3 * np.ones((4, 6)))
    assert second.solved.all()
    assert (first.state.tap != acting.model.positions.tap).any()
    moved = np.abs(second.state.tap - first.state.tap).sum(axis=1)
    assert moved.any()
    assert (second.terms[:, 3] == moved).all()
    load_pu = acting.days.load_pu[first.state.day, first.state.step]
    again = acting.model.effect(
        load_pu,
        acting.offered_kw(first.state),
        second.state.q_kvar,
        second.state.positions,
    )
    assert (
        again.positions.tap == second.state.tap
    ).all()  # at rest: the same powers move no tap
    rest = held.start(np.arange(4))
    assert (held.advance(rest, np.ones((4, 6))).state.tap == rest.tap).all()


def test_signature_knows_the_inverters():
    def signature(**values: object) -> str:
        return small_task([1.0, 1.0], [0.0, 0.0], **values).signature

    assert signature() == signature(pool_seed=3)
    assert signature() != signature(penetration_pct=150.0)
    assert signature() != signature(lowest_pu=0.9)


def test_feeder_without_loads_needs_a_place():
    bare: Feeder = two_bus().replace(loads=())
    with pytest.raises(InputError, match="has no PV system"):
        VoltageModel.of(VoltageControlEnvConfig(), bare)
