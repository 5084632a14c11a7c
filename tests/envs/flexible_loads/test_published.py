"""The task as published: its feeder, its rebound and its flaws by hand, and its rules beside their published figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tieline.agents import Decider
from tieline.envs import BatchedEnv, make_task
from tieline.envs.draws import seed_for_each
from tieline.envs.flexible_loads.as_published import PublishedDso33Task
from tieline.envs.flexible_loads.definition import dso33
from tieline.envs.flexible_loads.model import FeederModel
from tieline.envs.flexible_loads.published import (
    day_losses_mwh,
    published_losses,
    window_starts,
)
from tieline.envs.flexible_loads.rules import ConstantShares, Droop, FixedHours
from tieline.envs.substation_days.zones import published_zones

PUBLISHED_TIME_OF_USE_PCT = 2.467
PUBLISHED_DROOP_PCT = 0.738
"""Mean over the episodes of how much less is lost than without control."""


@pytest.fixture(scope="module")
def task() -> PublishedDso33Task:
    made = make_task("dso33-as-published")
    assert isinstance(made, PublishedDso33Task)
    return made


def losses_mwh(task: PublishedDso33Task, decider: Decider) -> np.ndarray:
    """What each window loses under a decider, (window,)."""
    env = BatchedEnv(task)
    seen = env.reset(seed_for_each(task.days.n_days))
    loss = np.zeros(task.days.n_days)
    for _ in range(task.days.n_steps):
        step = env.step(decider.act(seen, env.state))
        loss += step.info["loss_kw"] * 0.5 / 1e3
        seen = step.observation
    assert step.truncated.all()
    return loss


# --- what is published of feeder and devices


def test_loads_have_the_published_sums_and_the_six_buses_their_means() -> None:
    model = FeederModel.of(dso33())
    assert model.nominal_kw.sum() == pytest.approx(3083.4, abs=0.06)
    assert model.nominal_kvar.sum() == pytest.approx(1909.0, abs=0.06)
    at_devices = model.nominal_kw[model.device_load]
    assert at_devices == pytest.approx([52.7, 105.4, 44.3, 74.7, 57.3, 28.6], abs=0.06)


def test_zones_keep_their_sums() -> None:
    """0.83 times that of the case, P and Q each; buses 19 to 22 have 4 x 90 kW and 4 x 40 kvar there."""
    model = FeederModel.of(dso33())
    in_b = model.zone == 1
    assert model.nominal_kw[in_b] == pytest.approx(4 * [0.83 * 90.0])
    assert model.nominal_kvar[in_b].sum() == pytest.approx(0.83 * 160.0)
    # a bus factor moves load within a zone: 0.56 / 0.88 of 60 kW each, before the rest of A makes up for it
    names = [load.name for load in model.network.feeder.loads]
    bus_18 = model.nominal_kw[names.index("load_18")]
    bus_15 = model.nominal_kw[names.index("load_15")]
    assert bus_18 / bus_15 == pytest.approx(0.56 * 90.0 / (0.88 * 60.0))


def test_sizes_of_action_and_observation(task: PublishedDso33Task) -> None:
    assert task.action.size == 12
    assert set(task.action.low) == {-1.0}
    assert task.observation.size == 195
    assert task.devices.curtail_max_kw.tolist() == [165, 110, 110, 88, 132, 110]
    assert task.devices.shift_max_kw.tolist() == [165, 110, 110, 88, 132, 110]
    assert task.band_pu == (0.94, 1.06)
    assert task.days.n_steps == 48


def test_observation_by_hand(task: PublishedDso33Task) -> None:
    """Nothing done yet: the first step's flow into branch 1 is what the source gives, 3.715 MW and 2.3 Mvar are one."""
    env = BatchedEnv(task)
    seen = env.reset([5])
    names = list(task.observation.names)
    load_kw, load_kvar = task.loads(env.state)
    assert seen[0, names.index("voltage at 1.1")] == pytest.approx(0.45)
    assert seen[0, names.index("load_p_share at 2")] == pytest.approx(
        load_kw[0, 0] / 3715.0
    )
    assert seen[0, names.index("load_q_share at 33")] == pytest.approx(
        load_kvar[0, -1] / 2300.0
    )
    assert seen[0, names.index("load_p_share at 1")] == 0.0
    sine, cosine = names.index("day_sine"), names.index("day_cosine")
    assert seen[0, [sine, cosine]].tolist() == [0.0, 1.0]
    action = np.zeros((1, 12))
    step = env.step(action)
    flow = step.observation[0, names.index("line_p_share of branch_1")]
    assert flow * 3715.0 == pytest.approx(load_kw.sum() + step.info["loss_kw"][0])
    quarter_day = 2 * np.pi / 48
    assert step.observation[0, sine] == pytest.approx(np.sin(quarter_day))


def test_shifted_power_comes_back_in_four_equal_parts(task: PublishedDso33Task) -> None:
    env = BatchedEnv(task)
    env.reset([5])
    shift = np.zeros((1, 12))
    shift[0, 1] = 1.0
    nothing = np.zeros((1, 12))
    returned = []
    owed = []
    names = list(task.observation.names)
    for action in (shift, 0.5 * shift, *5 * [nothing]):
        step = env.step(action)
        returned.append(step.info["returned_kw"][0, 0])
        owed.append(step.observation[0, names.index("owed_steps_share of 6")])
    assert returned == pytest.approx([0.0, 41.25, 61.875, 61.875, 61.875, 20.625, 0.0])
    assert owed == [1.0, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]


def test_reward_and_cost(task: PublishedDso33Task) -> None:
    env = BatchedEnv(task)
    env.reset(seed_for_each(task.days.n_days))
    for _ in range(20):
        step = env.step(np.zeros((50, 12)))
        assert step.reward == pytest.approx(-0.1 * step.info["loss_kw"] / 1e3)
        v_pu = step.info["voltage_pu"]
        n_outside = ((v_pu < 0.94 - 1e-5) | (v_pu > 1.06 + 1e-5)).sum(axis=1)
        assert step.costs[:, 0].tolist() == n_outside.tolist()
    assert task.constraints[0].limit == 0.0


# --- the flaws, each kept


def test_half_of_the_action_does_nothing(task: PublishedDso33Task) -> None:
    env = BatchedEnv(task)
    env.reset([5])
    step = env.step(np.full((1, 12), -1.0))
    assert not step.info["curtailed_kw"].any()
    assert not step.info["shifted_kw"].any()


def test_curtailing_is_free_and_not_bounded_by_the_load(
    task: PublishedDso33Task,
) -> None:
    """715 kW off loads of 363 kW: buses feed the grid; over a day 17.16 MWh."""
    env = BatchedEnv(task)
    env.reset([5])
    action = np.tile([1.0, 0.0], (1, 6))
    step = env.step(action)
    assert step.info["curtailed_kw"].sum() == 715.0
    assert step.info["curtailed_kw"].sum() * 48 / 2e3 == pytest.approx(17.16)
    assert step.reward[0] == pytest.approx(-0.1 * step.info["loss_kw"][0] / 1e3)
    assert task.loads(env.state)[0][0, task.model.device_load].sum() < 715.0


def test_what_would_return_after_the_last_step_is_lost(
    task: PublishedDso33Task,
) -> None:
    """All shifted in every step: of the last four steps 1/4, 2/4, 3/4 and all is never given back."""
    env = BatchedEnv(task)
    env.reset([5])
    shifted = returned = 0.0
    for _ in range(48):
        step = env.step(np.tile([0.0, 1.0], (1, 6)))
        shifted += step.info["shifted_kw"].sum()
        returned += step.info["returned_kw"].sum()
    assert shifted - returned == pytest.approx(715.0 * (0.25 + 0.5 + 0.75 + 1.0))


def test_windows_are_not_days_and_those_that_train_judge(
    task: PublishedDso33Task,
) -> None:
    hours = {round(hour, 2) for hour in task.days.hour[:, 0].tolist()}
    assert len(hours) > 10
    bank = window_starts("bank").tolist()
    assert len(bank) == 8
    assert set(bank) < set(window_starts("evaluation").tolist())
    first = make_task("dso33-as-published", windows="first")
    assert isinstance(first, PublishedDso33Task)
    assert first.days.shape[0] == pytest.approx(task.days.shape[0], rel=1e-7)


# --- the figures


def test_nothing_done_loses_what_is_published_of_each_episode(
    task: PublishedDso33Task,
) -> None:
    wanted = published_losses().loss
    assert wanted.mean() == pytest.approx(2.8909, abs=5e-5)
    loss = losses_mwh(task, ConstantShares(task))
    assert loss == pytest.approx(wanted, rel=1e-6)
    assert day_losses_mwh(task.days.shape, task.model) == pytest.approx(loss)


def test_rules_save_what_is_published_of_them(task: PublishedDso33Task) -> None:
    nothing = losses_mwh(task, ConstantShares(task))

    def saved_pct(decider: Decider) -> float:
        return 100.0 * float((1.0 - losses_mwh(task, decider) / nothing).mean())

    assert saved_pct(FixedHours(task)) == pytest.approx(
        PUBLISHED_TIME_OF_USE_PCT, abs=0.1
    )
    # it lives on how deep the evening voltage falls, which series of another place have otherwise
    assert saved_pct(Droop(task)) == pytest.approx(PUBLISHED_DROOP_PCT, abs=0.2)
    # 33.7 % on a third series
    assert saved_pct(ConstantShares(task, 1.0, 0.0)) == pytest.approx(33.7, abs=0.5)


def test_published_losses_are_those_of_the_source(shared_dir: Path) -> None:
    text = (
        shared_dir / "reference" / "learning-bench" / "published_results.json"
    ).read_text(encoding="utf-8")
    episodes = json.loads(text)["episodes"]["dso/no_control/iid"]
    source = [episode["total_loss_mwh"] for episode in episodes]
    assert published_losses().loss == pytest.approx(source, rel=1e-6)
    starts = np.floor(np.linspace(0, 2524, 50))
    assert published_losses().starts.tolist() == starts.tolist()


def test_a_users_own_series_is_played_as_it_is(tmp_path: Path) -> None:
    """A made-up file in which every substation takes twice as much from noon UTC to midnight UTC as before."""
    begins = pd.date_range("2024-05-01", "2024-12-01", freq="15min", tz="UTC")
    load_mw = np.where(begins.hour < 12, 20.0, 40.0)
    rows = []
    for zone in published_zones():
        for name in zone.substations:
            table = {
                "interval_start": begins,
                "zone_substation": name,
                "load_mw": load_mw,
            }
            rows.append(pd.DataFrame(table))
    path = tmp_path / "series.parquet"
    pd.concat(rows).to_parquet(path)
    made = make_task("dso33-as-published", series=str(path))
    assert isinstance(made, PublishedDso33Task)
    values = np.unique(made.days.shape.round(9))
    assert values[1] / values[0] == pytest.approx(2.0)
    assert len(values) == 2
