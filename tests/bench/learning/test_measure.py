"""The protocol on a task without a grid: who plays where, what is kept, what the page says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from counter_task import CounterTask
from tieline.bench.kit.markdown import Table
from tieline.bench.kit.trainings import FewerSet, Learner, Trained
from tieline.bench.learning import contests, measure, page
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
    return [
        Trained(seed, Constant(task, 1.0 + 0.1 * seed), steps, 2.0) for seed in seeds
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
    for module in (contests, measure, page):
        monkeypatch.setattr(module, "CONTESTS", {"counter": counter_contest})


def asked(**values: Any) -> Options:
    return Options(tasks=("counter",), trainings=2, **values)


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
    assert "Of adder and half, adder gains more" in verdict
    tables = {section.title: section.blocks[-1] for section in markdown.sections}
    year = tables["In a year"]
    assert isinstance(year, Table)
    assert [row[2] for row in year.rows] == ["half", "adder"] * 2
    assert year.rows[0][5].endswith(" EUR")
    wider = tables["What a larger choice is worth"]
    assert isinstance(wider, Table)
    assert [row[2:4] for row in wider.rows] == [("adder", "left adder")] * 2
