"""Compiled rollouts: both ways play the same, what the page says of who is faster."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

from tieline.bench.kit.markdown import Page
from tieline.bench.rollouts import measure
from tieline.bench.rollouts.measure import RolloutSpeeds
from tieline.bench.rollouts.options import Options
from tieline.bench.rollouts.page import page

RowsOf = Callable[[Page, str], list[dict[str, str]]]
TextOf = Callable[[Page, str], str]


def test_both_ways_play_the_same_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "AT_LEAST_S", 0.0)
    monkeypatch.setattr(measure, "EPISODES", (3,))
    monkeypatch.setattr(measure, "POOL_DAYS", 2)
    monkeypatch.setattr(measure, "TASKS", {"reserve": None})
    training = measure.TRAINING.model_copy(update={"episodes": 4, "round_steps": 3})
    monkeypatch.setattr(measure, "TRAINING", training)
    measured = measure.measure(Options(feeders=("ieee33",), rounds=1))
    (speed,) = measured.speeds
    assert (speed.feeder, speed.nodes, speed.ports) == ("ieee33", 33, 32)
    assert speed.reward_difference < 1e-4
    assert speed.times == pytest.approx(speed.compiled_per_s / speed.stepped_per_s)
    (round_of_training,) = measured.trainings
    assert round_of_training.learning_share > 0
    (reserve,) = measured.tasks
    assert "no compiled form" in reserve.why_not
    assert measured.left_out == ()


def test_the_crossover_is_told_by_feeder(
    rollout_speeds: RolloutSpeeds, text_of: TextOf
) -> None:
    text = text_of(page(rollout_speeds), "Rollouts")
    assert (
        "128 side by side: the compiled loop is faster up to small (33 nodes, 32 ports), `BatchedEnv` from large (800 nodes, "
        "400 ports) on." in text
    )
    assert (
        "1,024 side by side: `BatchedEnv` is faster from the smallest on, small" in text
    )


def test_rows_of_the_page(rollout_speeds: RolloutSpeeds, rows_of: RowsOf) -> None:
    trainings = rows_of(page(rollout_speeds), "Trainings")
    assert [row["pays from [steps]"] for row in trainings] == ["120,000", "never"]
    tasks = rows_of(page(rollout_speeds), "Every task")
    assert [row["compiled form"] for row in tasks] == [
        "compiled",
        "Task 'reserve' has no compiled form.",
    ]
