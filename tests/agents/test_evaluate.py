"""Evaluation against sums taken by hand, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tieline.agents.decider import RuleDecider
from tieline.agents.evaluate import evaluate
from tieline.envs import BatchedEnv, Constraint, Outcome, Task, Term, make_task
from tieline.envs.box import Box
from tieline.errors import InputError, ShapeError


@dataclass(frozen=True)
class Count:
    """Steps done, the seed, both (episode,)."""

    done: np.ndarray
    seed: np.ndarray


class Counting(Task[Count]):
    """Three steps; in step t the term is seed + t and the cost is t. From seed 100 on, the second step has no solution."""

    name, feeder_name = "counting", "none"
    observation, action = Box.of(("done",), 0.0, 9.0), Box.of(("a",), 0.0, 1.0)
    terms, constraints = (
        (Term("amount", "kWh", -2.0, 50.0),),
        (Constraint("count", "", 1.5, 7.0),),
    )

    def start(self, seeds: np.ndarray) -> Count:
        return Count(np.zeros(len(seeds)), seeds.astype(float))

    def observe(self, state: Count) -> np.ndarray:
        return state.done[:, None]

    def advance(self, state: Count, actions: np.ndarray) -> Outcome[Count]:
        done = state.done + 1
        amount, over = (state.seed + done)[:, None], done == 3
        solved = (state.seed < 100) | (done != 2)
        return Outcome(
            Count(done, state.seed),
            amount,
            done[:, None],
            np.zeros(len(done), dtype=bool),
            over,
            solved,
        )


def nothing(task: Task[Any], state: Any) -> np.ndarray:
    """The lowest action."""
    return np.zeros((len(state.done), 1))


def test_by_hand() -> None:
    """Seed 4: 5 + 6 + 7; seed 10: 11 + 12 + 13; costs 1, 2, 3, of which two are above 1.5."""
    task = Counting()
    result = evaluate(RuleDecider(nothing, task), task, [4, 10])
    table = result.episodes
    assert table["seed"].tolist() == [4, 10]
    assert table["amount"].tolist() == [18.0, 36.0]
    assert table["return"].tolist() == [-36.0, -72.0]
    assert (table["count_mean"].tolist(), table["count_worst"].tolist()) == (
        [2.0, 2.0],
        [3.0, 3.0],
    )
    assert table["count_steps_above"].tolist() == [2, 2]
    metrics = result.metrics
    assert (metrics["return_mean"], metrics["return_std"], metrics["return_worst"]) == (
        -54.0,
        18.0,
        -72.0,
    )
    assert metrics["count_share_above"] == pytest.approx(2 / 3)
    assert (metrics["episodes"], metrics["steps"], metrics["solved_share"]) == (
        2.0,
        6.0,
        1.0,
    )
    assert metrics["decision_ms"] > 0


def test_an_episode_without_a_solution_ends_at_its_worst() -> None:
    """Seed 100: 101, then the stated worst, 50; costs 1 and 7. The other goes on alone."""
    task = Counting()
    result = evaluate(RuleDecider(nothing, task), task, [100, 4], timed=0)
    table = result.episodes
    assert (table["steps"].tolist(), table["solved"].tolist()) == (
        [2, 3],
        [False, True],
    )
    assert table["amount"].tolist() == [151.0, 18.0]
    assert (table["count_mean"].tolist(), table["count_worst"].tolist()) == (
        [4.0, 2.0],
        [7.0, 3.0],
    )
    assert (result.metrics["solved_share"], result.metrics["steps"]) == (0.5, 5.0)
    assert result.metrics["count_mean"] == pytest.approx((1 + 7 + 1 + 2 + 3) / 5)
    assert "decision_ms" not in result.metrics


def test_seeds_decide_and_their_company_does_not() -> None:
    task = make_task("reserve", lowest_pu=0.93)
    half = RuleDecider(
        lambda task, state: np.full((len(state.request_kw), task.action.size), 0.5),
        task,
    )
    many = evaluate(half, BatchedEnv(task), np.arange(8), safe=True, timed=0).episodes
    few = evaluate(half, task, [5, 2], safe=True, timed=0).episodes
    assert many["touched"].sum() > 0
    for column in few:
        assert few[column].tolist() == pytest.approx(
            many[column].to_numpy()[[5, 2]].tolist(), rel=1e-6, abs=1e-9
        )
    assert (many["undervoltage_pu_worst"] == many["violation_after_pu"]).all()


def test_refusals() -> None:
    task = Counting()
    with pytest.raises(ShapeError, match="at least one seed"):
        evaluate(RuleDecider(nothing, task), task, np.array([], dtype=int))
    with pytest.raises(InputError, match="'counting' does not say"):
        evaluate(RuleDecider(nothing, task), task, [1], safe=True)
