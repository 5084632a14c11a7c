"""The task of twelve agents as published: feeder, devices and flaws by hand, and its rules beside their published figures."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents import Decider
from tieline.envs import BatchedEnv, make_task
from tieline.envs.ders.as_published import PublishedDers141Task, published_losses
from tieline.envs.ders.base import DersTask
from tieline.envs.ders.definition import ders141
from tieline.envs.ders.observe import nearest_buses
from tieline.envs.ders.rules import Idle, VoltDroop
from tieline.envs.draws import seed_for_each
from tieline.feeders import Feeder, load_feeder
from tieline.powerflow import solve


def published(split: str = "iid", **values: object) -> PublishedDers141Task:
    made = make_task("ders141-as-published", split=split, **values)
    assert isinstance(made, PublishedDers141Task)
    return made


@pytest.fixture(scope="module")
def task() -> PublishedDers141Task:
    return published()


def played(task: DersTask, decider: Decider) -> tuple[float, float]:
    """Mean loss [MW], and steps of an episode in which a voltage is outside."""
    env = BatchedEnv(task)
    seen = env.reset(seed_for_each(task.days.n_days))
    loss_kw = np.zeros(task.days.n_days)
    n_steps = np.zeros(task.days.n_days)
    for _ in range(task.days.n_steps):
        step = env.step(decider.act(seen, env.state))
        loss_kw += step.info["loss_kw"]
        n_steps += step.costs[:, 0] > 0
        seen = step.observation
    assert step.truncated.all()
    return float(loss_kw.mean()) / task.days.n_steps / 1e3, float(n_steps.mean())


def feeder_of(*, kva_as_kw: bool) -> Feeder:
    return ders141().make_feeder(kva_as_kw=kva_as_kw, pv_factor=1.0, kva_factor=1.0)


# --- feeder and devices


@pytest.mark.parametrize(
    ("kva_as_kw", "sums", "loss_kw", "lowest_pu"),
    [
        (True, (14052.5, 0.0), 618.2, 0.9412),
        (False, (11944.6, 7402.6), 632.7, 0.9279),
    ],
    ids=["misread", "right"],
)
def test_the_case_as_published_and_as_it_is(
    kva_as_kw: bool, sums: tuple[float, float], loss_kw: float, lowest_pu: float
) -> None:
    """Losses and lowest voltage at full load, from an independent power flow."""
    feeder = feeder_of(kva_as_kw=kva_as_kw)
    assert sum(load.p_kw for load in feeder.loads) == pytest.approx(sums[0], abs=0.05)
    assert sum(load.q_kvar for load in feeder.loads) == pytest.approx(sums[1], abs=0.05)
    # the published sweep loses 0.27 % less
    solution = solve(feeder)
    assert solution.loss_kw[0] == pytest.approx(loss_kw, rel=3e-3)
    assert np.abs(solution.v_pu).min() == pytest.approx(lowest_pu, abs=1e-4)


def test_base_load_at_the_flexible_loads(task: PublishedDers141Task) -> None:
    at_devices = task.model.nominal_kw[task.model.flexible_load]
    assert at_devices == pytest.approx([75.0, 0.0, 25.0, 0.0])


def test_twelve_agents_of_fifteen_entries(task: PublishedDers141Task) -> None:
    names = [agent.name for agent in task.agents]
    assert names == [
        *("battery_9", "battery_55", "battery_17", "battery_122"),
        *("pv_6", "pv_73", "pv_72", "pv_82"),
        *("flexible_41", "flexible_70", "flexible_135", "flexible_24"),
    ]
    for agent in task.agents:
        assert (len(agent.sees), len(agent.sets)) == (15, 2)
        of_agent = [task.observation.names[entry] for entry in agent.sees]
        assert all(name.endswith(f" of {agent.name}") for name in of_agent)
    assert (task.action.size, set(task.action.low)) == (24, {-1.0})


def test_nearest_buses_are_counted_in_lines() -> None:
    """On 33 buses in a row with branches at 2, 3 and 6: around 18, the end of a branch, and around 2, from which two leave."""
    feeder = load_feeder("ieee33")
    assert nearest_buses(feeder, "18") == ["17", "16", "15", "14"]
    assert set(nearest_buses(feeder, "2")[:3]) == {"1", "3", "19"}


def test_agents_see_their_own_bus(task: PublishedDers141Task) -> None:
    env = BatchedEnv(task)
    seen = env.reset([3])
    names = list(task.observation.names)
    buses = [point.partition(".")[0] for point in task.model.points.names]
    at_55 = env.state.v_pu[0, buses.index("55")]
    assert seen[0, names.index("voltage of battery_55")] == pytest.approx(
        (at_55 - 1.0) / 0.1
    )
    lowest = env.state.v_pu[0].min()
    assert seen[0, names.index("lowest_voltage of pv_82")] == pytest.approx(
        (lowest - 1.0) / 0.1
    )
    assert seen[0, names.index("stored_share of battery_9")] == 0.5


# --- what devices do


def action_of(task: DersTask, **entries: float) -> np.ndarray:
    """The idle action of one episode with some entries set: `p_share__battery_9=1.0`."""
    action = task.idle_action(1)
    names = list(task.action.names)
    for key, value in entries.items():
        word, agent = key.split("__")
        action[0, names.index(f"{word} of {agent}")] = value
    return action


def test_a_battery_by_hand(task: PublishedDers141Task) -> None:
    """0.1 MW for half an hour takes 0.05 / 0.95 MWh of 0.15; the third time 95 % come out of what is left above a tenth."""
    env = BatchedEnv(task)
    env.reset([3])
    action = action_of(task, p_share__battery_9=1.0, q_share__battery_9=1.0)
    powers = []
    for _ in range(4):
        info = env.step(action).info
        powers.append(info["battery_kw"][0, 0])
    per_step = 50.0 / 0.95
    left_kwh = 150.0 - 2 * per_step - 30.0
    assert powers == pytest.approx([100.0, 100.0, left_kwh * 0.95 / 0.5, 0.0])
    assert info["stored_kwh"][0].tolist() == pytest.approx([30.0, 150.0, 150.0, 150.0])
    # what P leaves of 150 kVA: all of it once the battery is empty
    assert info["battery_kvar"][0, 0] == pytest.approx(150.0)
    charge = env.step(action_of(task, p_share__battery_9=-1.0, q_share__battery_9=1.0))
    assert charge.info["stored_kwh"][0, 0] == pytest.approx(30.0 + 0.95 * 50.0)
    assert charge.info["battery_kvar"][0, 0] == pytest.approx(np.sqrt(12500.0))
    assert charge.costs[0, 2] == 1.0, "Q of one battery is clipped"


def test_pv_spills_half_at_an_action_of_zero(task: PublishedDers141Task) -> None:
    env = BatchedEnv(task)
    env.reset(seed_for_each(task.days.n_days))
    offered_kw = task.offered_kw(env.state)
    assert offered_kw.max() > 20.0
    info = env.step(np.zeros((task.days.n_days, 24))).info
    assert info["pv_kw"] == pytest.approx(offered_kw / 2)


def test_reward_by_hand(task: PublishedDers141Task) -> None:
    strict = published("voltage-tightening", outside_weight=8.0)
    for one, weight, low in ((task, 4.0, 0.94), (strict, 8.0, 0.96)):
        env = BatchedEnv(one)
        env.reset(seed_for_each(30))
        outside_steps = 0
        for _ in range(20):
            step = env.step(one.idle_action(30))
            v_pu = step.info["voltage_pu"]
            outside = np.maximum(low - v_pu, 0.0)
            expected = -0.1 * step.info["loss_kw"] / 1e3 - weight * outside.sum(axis=1)
            assert step.reward == pytest.approx(expected)
            assert step.costs[:, 0].tolist() == (outside > 1e-5).sum(axis=1).tolist()
            outside_steps += (outside > 0).any()
        assert (outside_steps > 0) == (one is strict)


# --- the flaws


def test_energy_at_the_start_and_curtailing_are_free(
    task: PublishedDers141Task,
) -> None:
    env = BatchedEnv(task)
    env.reset([3])
    curtail = {
        f"curtail_share__flexible_{bus}": 1.0 for bus in task.flexible_loads.names
    }
    step = env.step(action_of(task, p_share__battery_9=1.0, **curtail))
    assert step.info["curtailed_kw"].sum() == 400.0
    assert step.reward[0] == pytest.approx(-0.1 * step.info["loss_kw"][0] / 1e3)


def test_sun_is_that_of_another_country(task: PublishedDers141Task) -> None:
    """Its noon falls at 22:00 in Sydney."""
    hours = task.days.hour.ravel()
    sun = task.days.sun.ravel()
    at_sydneys_noon = sun[np.abs(hours - 12.25) < 0.1]
    at_sydneys_night = sun[np.abs(hours - 22.25) < 0.1]
    assert at_sydneys_noon.max() < 0.05
    assert at_sydneys_night.mean() > 0.2


def test_twice_the_pv_passes_the_rating_of_its_inverter() -> None:
    task = published("pv-penetration")
    env = BatchedEnv(task)
    env.reset(seed_for_each(30))
    highest_kw = 0.0
    for _ in range(task.days.n_steps):
        step = env.step(task.idle_action(30))
        highest_kw = max(highest_kw, step.info["pv_kw"].max())
    assert highest_kw > 220.0


# --- the figures


def test_nothing_done_loses_what_is_published(task: PublishedDers141Task) -> None:
    loss_mw, n_steps = played(task, Idle(task))
    assert loss_mw == pytest.approx(0.205175, abs=1e-6)
    assert n_steps == 0.0
    assert published_losses("iid").loss.mean() == pytest.approx(0.205175, abs=1e-6)


def test_rules_do_about_what_is_published_of_them(task: PublishedDers141Task) -> None:
    nothing_mw = played(task, Idle(task))[0]
    curtailed = 1.0 - played(task, Idle(task, 1.0))[0] / nothing_mw
    assert 100.0 * curtailed == pytest.approx(9.6, abs=0.3)
    droop = 1.0 - played(task, VoltDroop(task))[0] / nothing_mw
    assert 100.0 * droop == pytest.approx(0.99, abs=0.3)


def test_shifted_splits_do_about_what_is_published_of_them() -> None:
    """0.27422 MW under 1.15 of all loads; 8.7 of 48 steps outside the tighter limits."""
    stressed = published("load-stress")
    assert played(stressed, Idle(stressed))[0] == pytest.approx(0.27422, rel=5e-3)
    tight = published("voltage-tightening")
    assert played(tight, Idle(tight))[1] == pytest.approx(8.7, abs=2.0)
