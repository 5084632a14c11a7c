"""The protocol on a task without a grid: who plays where, what is kept, what the page says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from counter_task import CounterTask
from tieline.agents.evaluate import evaluate
from tieline.agents.training import judging_seeds
from tieline.bench.kit.markdown import Table
from tieline.bench.kit.trainings import (
    CURVE_DAYS,
    CurvePoint,
    FewerSet,
    Learner,
    Trained,
)
from tieline.bench.learning import contests, measure, page, played, score
from tieline.bench.learning.contest import Contest, Optimum, Rule, Split
from tieline.bench.learning.options import Options
from tieline.envs.task import Task
from tieline.errors import InputError
from tieline.typing import FloatArray


@dataclass(frozen=True)
class Constant:
    """Every entry of the action the same number."""

    task: Task[Any]
    level: float = 0.0

    def act(self, observation: FloatArray, state: Any = None) -> FloatArray:
        """(episode, action)."""
        del state
        return np.full((len(observation), self.task.action.size), self.level)


def train(task: Task[Any], seeds: Sequence[int], steps: int) -> list[Trained]:
    """What a training with more steps and a higher seed would find: larger numbers."""
    curve = [CurvePoint(steps // 2, 0.0), CurvePoint(steps, 3.0)]
    return [
        Trained(seed, Constant(task, 1.0 + 0.1 * seed), steps, 2.0, curve)
        for seed in seeds
    ]


def counter_contest() -> Contest:
    return Contest(
        name="counter",
        question="Count.",
        unit="1",
        training=CounterTask,
        splits={
            "even": lambda: Split(CounterTask(), [0, 2, 4, 6, 8]),
            "odd": lambda: Split(CounterTask(), [1, 3, 5, 7]),
        },
        rules={
            "nothing": Rule("adds nothing", Constant),
            "half": Rule("adds halves", lambda task: Constant(task, 0.5)),
        },
        optimum=Optimum(
            "all it can",
            lambda split: Constant(split.task, 2.0),
            lambda _, split: [1e3] * len(split.seeds),
        ),
        learners=(
            Learner("adder", "adds", "numpy", "none", 200, train),
            Learner(
                "left adder",
                "adds left",
                "numpy",
                "none",
                200,
                FewerSet(train, ("left",)),
            ),
            Learner(
                "absent", "is not here", "no_such_package", "extra-of-it", 1, train
            ),
        ),
        loss_kwh=lambda task, episodes: episodes["step"].to_numpy(float),
        money_per_return=2.0,
        currency="EUR",
        wider=(("adder", "left adder"),),
    )


@pytest.fixture(autouse=True)
def counter_is_a_contest(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (contests, measure, played):
        monkeypatch.setattr(module, "CONTESTS", {"counter": counter_contest})


def asked(**values: Any) -> Options:
    return Options(tasks=("counter",), studies=("none",), trainings=2, **values)


def test_everybody_plays_every_split():
    measured = measure.measure(asked())
    scores = measured.scores["counter"]
    names = {(score.split, score.who, score.seed) for score in scores}
    assert ("odd", "adder", 1) in names
    assert len(names) == len(scores) == 2 * (2 + 1 + 2 + 2)
    (left_out,) = measured.left_out
    assert (left_out.who, left_out.case) == ("absent", "counter")
    assert "extra-of-it" in left_out.reason


def test_a_return_is_that_of_the_task():
    scores = measure.measure(asked()).scores["counter"]
    nothing = next(one for one in scores if one.who == "nothing")
    # level 2 in three steps: 2 x 2 each, less 3 x (1 + 2 + 3)
    assert nothing.returns[1] == 3 * 2 * 2 - 3 * 6
    assert list(nothing.loss_kwh) == [6.0] * 5


def test_who_sets_less_leaves_the_rest_alone():
    scores = measure.measure(asked()).scores["counter"]
    both = next(one for one in scores if one.who == "adder")
    left = next(one for one in scores if one.who == "left adder")
    half = next(one for one in scores if one.who == "half")
    assert left.returns == half.returns
    assert both.returns[0] > left.returns[0]


def test_the_days_can_be_fewer():
    scores = measure.measure(asked(most_days=3)).scores["counter"]
    assert {len(score.returns) for score in scores} == {3}


def test_kept_parts_are_not_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = measure.measure(asked(parts=tmp_path))
    monkeypatch.setattr(measure.Judge, "rules", None)
    monkeypatch.setattr(measure.Judge, "learned", None)
    again = measure.measure(asked(parts=tmp_path))
    kept = again.scores["counter"]
    for one, measured in zip(kept, first.scores["counter"], strict=True):
        assert (one.split, one.who, one.seed) == (
            measured.split,
            measured.who,
            measured.seed,
        )
        assert one.returns == measured.returns


def test_an_unknown_task_is_refused():
    with pytest.raises(InputError, match="Unknown task 'countr'"):
        measure.measure(Options(tasks=("countr",)))


def test_the_page_says_who_is_better_and_what_it_is_worth():
    markdown = page.page(measure.measure(asked()))
    texts = [block for section in markdown.sections for block in section.blocks]
    verdict = next(
        text for text in texts if isinstance(text, str) and "**counter**" in text
    )
    assert "What was learned gains more than the rule." in verdict
    tables = {section.title: section.blocks[-1] for section in markdown.sections}
    year = tables["In a year"]
    assert isinstance(year, Table)
    assert [row[2] for row in year.rows] == ["half", "adder"] * 2
    assert year.rows[0][5].endswith(" EUR")
    wider = tables["What a larger choice is worth"]
    assert isinstance(wider, Table)
    assert [row[2:4] for row in wider.rows] == [("adder", "left adder")] * 2


@dataclass(frozen=True)
class Halved:
    """A safety step that lets half of an action pass."""

    decider: Constant
    task: Task[Any]

    def act(self, observation: FloatArray, state: Any = None) -> FloatArray:
        """(episode, action)."""
        return 0.5 * self.decider.act(observation, state)


def test_rules_and_learners_also_play_behind_the_safety_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Level 1.0 halved is the rule "half"; what is trained for both rows is trained once."""

    def guarded_contest() -> Contest:
        return replace(counter_contest(), is_guarded=True)

    for module in (measure, played):
        monkeypatch.setattr(module, "CONTESTS", {"counter": guarded_contest})
    monkeypatch.setattr(score, "SafeDecider", Halved)
    measured = measure.measure(asked())
    even = [one for one in measured.scores["counter"] if one.split == "even"]
    by_name = {(one.who, one.seed): one for one in even}
    adder = by_name["adder, guarded", 0]
    assert adder.returns == by_name["half", -1].returns
    assert adder.steps == 0
    assert ("half, guarded", -1) in by_name
    assert ("nothing, guarded", -1) in by_name
    texts = [
        block for section in page.page(measured).sections for block in section.blocks
    ]
    words = [text for text in texts if isinstance(text, str) and "..., guarded" in text]
    assert len(words) == 1


def test_a_curve_is_told_as_gain_over_doing_nothing():
    """Doing nothing has a mean return r on the days of the curve: 3 is a gain of 100 (3 - r) / |r| percent."""
    task = CounterTask()
    seeds = judging_seeds(CURVE_DAYS)
    evaluation = evaluate(Constant(task), task, seeds, timed=0)
    nothing = evaluation.metrics["return_mean"]
    scores = measure.measure(asked()).scores["counter"]
    adder = next(one for one in scores if one.who == "adder")
    (half_way, at_end) = adder.curve
    assert half_way[0] == 100
    assert at_end == (200, pytest.approx(100.0 * (3.0 - nothing) / abs(nothing)))
    assert next(one for one in scores if one.who == "half").curve == ()
