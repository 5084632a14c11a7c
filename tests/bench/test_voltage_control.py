"""The page of voltage control: gaps to the optimum by hand, who is best and what loses; and a run with tiny trainings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tieline.bench.kit.markdown import Page
from tieline.bench.voltage_control.baselines import OPTIMUM
from tieline.bench.voltage_control.gaps import standings, unproven_pct
from tieline.bench.voltage_control.held_out import HeldOut
from tieline.bench.voltage_control.learners import SAC
from tieline.bench.voltage_control.measure import (
    NAMES,
    VoltageControlMeasurement,
    measure,
)
from tieline.bench.voltage_control.options import Options
from tieline.bench.voltage_control.page import page
from tieline.envs.voltage_control.config import VoltageControlEnvConfig
from tieline.envs.voltage_control.rules import DoNothing
from tieline.envs.voltage_control.task import VoltageControlTask
from tieline.errors import InputError

RowsOf = Callable[[Page, str], list[dict[str, str]]]
TextOf = Callable[[Page, str], str]


def test_gaps_are_of_the_same_day(
    voltage_control_measurement: VoltageControlMeasurement,
) -> None:
    scores = voltage_control_measurement.scores
    by_name = {one.who: one for one in standings(scores)}
    ppo = by_name["PPO"]
    assert ppo.gap_pct == pytest.approx(np.array([[1.0, 2.0], [3.0, 6.0]]))
    assert ppo.mean_pct == pytest.approx(3.0)
    # the middle half of 1, 2, 3, 6
    assert ppo.middle_pct == pytest.approx(2.5)
    assert ppo.outside_share == pytest.approx(0.2)
    assert by_name[OPTIMUM].worst_pct == 0.0
    assert unproven_pct(scores) == pytest.approx(100.0 / 199.0)


def test_the_table_begins_with_the_optimum_and_goes_by_the_gap(
    voltage_control_measurement: VoltageControlMeasurement, rows_of: RowsOf
) -> None:
    rows = rows_of(page(voltage_control_measurement), "2 held-out days")
    assert [row["who"] for row in rows[:4]] == [OPTIMUM, "PPO", "steep droop", "SAC"]
    assert rows[1]["gap over seeds [%]"] == "1.5 to 4.5, std 1.5, 2 seeds"
    assert (rows[1]["steps below [%]"], rows[1]["above [%]"]) == ("5.00", "15.00")


def test_what_loses_is_said(
    voltage_control_measurement: VoltageControlMeasurement, text_of: TextOf
) -> None:
    text = text_of(page(voltage_control_measurement), "In short")
    assert "The best learned agent, PPO, is 3.0 % behind the optimum" in text
    assert "outside the band in 20.00 % of the steps" in text
    assert "behind the best rule: SAC." in text
    assert "DDPG: jax is missing" in text_of(
        page(voltage_control_measurement), "Left out"
    )


@pytest.fixture(scope="module")
def task() -> VoltageControlTask:
    return VoltageControlTask(VoltageControlEnvConfig(pool_days=4))


def test_every_held_out_day_is_played_once_and_none_is_of_the_training(
    task: VoltageControlTask,
) -> None:
    held_out = HeldOut(task, 8)
    days = held_out.task.start(held_out.seeds).day
    assert days.tolist() == list(range(8))
    assert not np.isin(held_out.task.days.load_pu, task.days.load_pu).any()
    score = held_out.score("nothing", DoNothing(held_out.task))
    assert len(score.returns) == 8
    # 10 kW lost all day are 240 kWh: the score is the mean of what the power flows lost
    state = held_out.task.start(held_out.seeds)
    lost_kwh = 0.0
    for _ in range(96):
        outcome = held_out.task.advance(state, np.zeros((8, 6)))
        lost_kwh += outcome.details["loss_kw"].mean() / 4.0
        state = outcome.state
    assert score.loss_kwh == pytest.approx(lost_kwh, rel=1e-6)


def test_a_learner_leaves_a_decider_of_each_seed(task: VoltageControlTask) -> None:
    """Too short to learn anything: shares inside the bounds, other ones for another seed."""
    first, second = SAC.train(task, [0, 1], 64)
    observation = task.observe(task.start(np.array([3, 4])))
    shares = [one.decider.act(observation) for one in (first, second)]
    assert (first.steps, first.seed, second.seed) == (64, 0, 1)
    assert first.train_s > 0
    assert shares[0].shape == (2, 6)
    assert np.abs(shares).max() <= 1.0
    assert (shares[0] != shares[1]).all()


def test_an_unknown_learner_is_refused_before_any_work() -> None:
    with pytest.raises(InputError, match=r"Unknown learner 'ppp'.*'ppo'"):
        measure(Options(learners=("ppp",)))


def test_every_learner_is_asked_for_by_default() -> None:
    assert Options().learners == NAMES
