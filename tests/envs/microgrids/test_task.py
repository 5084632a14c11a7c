"""The task of five microgrids: bills by hand, devices that keep their limits, merit order before and after the safety step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from low_voltage_files import write_low_voltage_files

from tieline.agents.decider import RuleDecider
from tieline.agents.evaluate import evaluate
from tieline.agents.safety import make_safe
from tieline.envs.batched_env import BatchedEnv
from tieline.envs.microgrids.config import MicrogridsEnvConfig
from tieline.envs.microgrids.days import day_of_shapes
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.pool import Pool
from tieline.envs.microgrids.rules import merit_order
from tieline.envs.microgrids.task import MicrogridsTask

CONFIG = MicrogridsEnvConfig(pool_days=4)


@pytest.fixture(scope="module")
def calm(plant: Plant) -> MicrogridsTask:
    """The day of the shapes, again and again."""
    pool = Pool.of(plant, [day_of_shapes(plant, CONFIG)])
    return MicrogridsTask(CONFIG, plant, pool)


@pytest.fixture(scope="module")
def task(plant: Plant) -> MicrogridsTask:
    """Four drawn days."""
    return MicrogridsTask(CONFIG, plant)


def test_five_set_points_and_seventeen_numbers_for_each_agent(
    task: MicrogridsTask,
) -> None:
    assert [agent.name for agent in task.agents] == ["mg1", "mg2", "mg3", "mg4", "mg5"]
    for agent in task.agents:
        assert len(agent.sets) == 5
        assert len(agent.sees) == 17
        names = [task.action.names[k] for k in agent.sets]
        assert all(f" {agent.name}_" in name.replace("of ", " ") for name in names)
        assert agent.terms == (
            f"cost_usd of {agent.name}",
            f"stored_usd of {agent.name}",
        )


def test_a_day_of_merit_order_costs_what_it_is_known_to(calm: MicrogridsTask) -> None:
    """Cost is easy, limits are the task: voltages down to 0.848 pu, transformers over their rating in a third of the steps."""
    plain = evaluate(RuleDecider(merit_order, calm), calm, [0], timed=0).episodes
    cost = [plain[f"cost_usd of mg{k}"][0] for k in range(1, 6)]
    stored = [plain[f"stored_usd of mg{k}"][0] for k in range(1, 6)]
    assert sum(cost) == pytest.approx(2055, rel=2e-3)
    # discharged at the peak, charged again from 23 h: 135 of 200 kWh
    assert sum(stored) == pytest.approx(-0.10 * 5 * 65, rel=1e-6)
    assert plain["return"][0] == pytest.approx(sum(stored) - sum(cost))
    assert plain["undervoltage_pu_worst"][0] == pytest.approx(0.95 - 0.848, abs=1e-3)
    assert plain["overload_pu_steps_above"][0] == 35
    assert plain["excess_pu_worst"][0] < 1e-12


def test_merit_order_after_the_safety_step_keeps_all_limits(
    task: MicrogridsTask,
) -> None:
    decider = RuleDecider(merit_order, task)
    safe = evaluate(decider, task, [1], safe=True, timed=0)
    metrics = safe.metrics
    assert metrics["undervoltage_pu_share_above"] == 0.0
    assert metrics["overvoltage_pu_share_above"] == 0.0
    assert metrics["overload_pu_share_above"] == 0.0
    assert metrics["excess_pu_share_above"] == 0.0
    assert metrics["violation_max_before_pu"] > 0.05
    assert 0.7 < metrics["touched_share"] < 1.0


def test_devices_keep_their_limits_whatever_is_wished(task: MicrogridsTask) -> None:
    """Random wishes over a day: ramps, stored energy and apparent power are kept, and a battery pays for its round trip."""
    env = BatchedEnv(task)
    env.reset([1, 2])
    plant = task.plant
    random = np.random.default_rng(0)
    last_kw = env.state.last_kw
    for _ in range(40):
        before_kwh = env.state.stored_kwh
        wish = random.uniform(task.action.low, task.action.high, (2, task.action.size))
        step = env.step(wish)
        power_kw = step.info["der_kw"][:, plant.generator_ders]
        battery_kw = step.info["der_kw"][:, plant.battery_ders]
        kva = np.hypot(step.info["der_kw"], step.info["der_kvar"])
        assert np.abs(power_kw - last_kw).max() <= 150 + 1e-9
        assert (kva <= task.guarded.kva + 1e-9).all()
        gain_kwh = np.where(battery_kw < 0, -0.95 * battery_kw, -battery_kw / 0.95) / 4
        after_kwh = env.state.stored_kwh
        assert after_kwh - before_kwh == pytest.approx(gain_kwh, abs=1e-9)
        assert (after_kwh >= 40 - 1e-9).all()
        assert (after_kwh <= 360 + 1e-9).all()
        # a limit that is met is no excess, one that is passed is
        assert ((step.costs[:, 3] == 0) | (step.costs[:, 3] > 1e-9)).all()
        last_kw = power_kw


def test_one_step_by_hand(calm: MicrogridsTask) -> None:
    """At midnight: what MG1 pays for power at its meter and for fuel, and what its battery gained."""
    env = BatchedEnv(calm)
    env.reset([0])
    action = np.zeros((1, calm.action.size))
    mg1 = calm.agents[0].sets
    names = [calm.action.names[k] for k in mg1]
    action[0, mg1[names.index("p_share of mg1_generator")]] = 0.5
    action[0, mg1[names.index("p_share of mg1_battery")]] = -1.0
    step = env.step(action)
    terms = dict(zip((t.name for t in calm.terms), step.info["terms"][0], strict=True))
    bought_kw = step.info["bought_kw"][0, 0]
    fuel = 0.40 * (0.0001773 * 150**2 + 0.1709 * 150 + 14.67)
    assert terms["cost_usd of mg1"] == pytest.approx(0.25 * (0.06 * bought_kw + fuel))
    assert terms["stored_usd of mg1"] == pytest.approx(0.10 * 0.25 * 0.95 * 100)
    load_kw = calm.days.load_kw[0, 0, calm.plant.microgrids[0].loads].sum()
    # 220 kW before, 150 kW now: within the ramp; the rest is lost in lines and transformer
    assert 0 < bought_kw - (load_kw + 100 - 150) < 10


def test_every_agent_earns_its_own_bill_in_pettingzoo(calm: MicrogridsTask) -> None:
    """MG1 runs its generator at night, which costs; the others earn what they earn without it, but for losses."""
    from tieline.envs.faces.pettingzoo_env import PettingZooEnv

    rewards = []
    for power in (0.4, 0.8):
        env = PettingZooEnv(calm)
        env.reset(seed=0)
        actions = {agent.name: np.zeros(5) for agent in calm.agents}
        names = [calm.action.names[k] for k in calm.agents[0].sets]
        actions["mg1"][names.index("p_share of mg1_generator")] = power
        rewards.append(env.step(actions)[1])
    low, high = rewards
    # 120 kW more at 0.068 to 0.094 a kWh, which save 0.06
    assert -1.2 < high["mg1"] - low["mg1"] < -0.3
    others = [high[name] - low[name] for name in ("mg2", "mg3", "mg4", "mg5")]
    assert np.abs(others).max() < 0.05


def test_microgrids_of_other_kinds(tmp_path: Path) -> None:
    """Three low-voltage networks on IEEE 123, from a user's files: each agent has what it has, and is kept within limits."""
    path = write_low_voltage_files(tmp_path)
    config = MicrogridsEnvConfig(feeder=str(path), pool_days=1, highest_pu=1.06)
    task = MicrogridsTask(config)
    assert {agent.name: len(agent.sets) for agent in task.agents} == {
        "homes": 10,
        "shops": 2,
        "works": 6,
    }
    shops = [task.observation.names[k] for k in task.agents[1].sees]
    assert not any(name.startswith(("stored", "last")) for name in shops)
    works = [task.observation.names[k] for k in task.agents[2].sees]
    assert not any(name.startswith("sun") for name in works)
    # night, noon and evening at once
    start = task.start(np.arange(3))
    state = replace(start, step=np.array([12, 50, 78]))
    safe = make_safe(task, state, merit_order(task, state))
    assert safe.violation_before.max() > 1e-3
    assert (safe.violation_after == 0).all()
    outcome = task.advance(state, safe.actions)
    assert (outcome.costs == 0).all()
    kva = np.hypot(outcome.details["der_kw"], outcome.details["der_kvar"])
    assert (kva <= task.guarded.kva + 1e-9).all()
