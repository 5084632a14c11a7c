"""The table of all decisions: gaps by hand, the best of each kind, words where there is no number."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.bench.learning.contest import Contest, Kind
from tieline.bench.learning.overview import (
    OverviewRow,
    contest_notes,
    contest_row,
    overview_table,
    study_notes,
    study_rows,
)
from tieline.bench.learning.score import Score
from tieline.bench.learning.standing import rank
from tieline.bench.learning.studies import STUDIES
from tieline.bench.learning.studies.gap_score import GapScore


def score(who: str, kind: Kind, returns: list[float], **values: float) -> Score:
    return Score(
        split="unseen days",
        who=who,
        kind=kind,
        seed=int(values.get("seed", -1)),
        returns=returns,
        loss_kwh=[0.0, 0.0],
        steps_outside=[values.get("outside", 0.0)] * 2,
        unsolved=0,
        decision_ms=1.0,
        train_s=values.get("train_s", 0.0),
    )


PLAYED = [
    score("nothing", "nothing", [-10.0, -10.0]),
    score("droop", "rule", [-8.0, -10.0], outside=2.0),
    score("PPO", "learned", [-6.0, -8.0], seed=0, train_s=30.0, outside=1.0),
    score("PPO", "learned", [-5.0, -7.0], seed=1, train_s=50.0, outside=0.0),
]
BEST = score("proven optimum", "optimum", [-4.0, -6.0])


def contest() -> Contest:
    return Contest(
        name="counter",
        question="",
        unit="",
        training=lambda: pytest.fail("nobody is trained"),
        splits={},
        rules={},
        optimum=None,
        learners=(),
        loss_kwh=lambda task, episodes: np.zeros(0),
    )


def cells(row: OverviewRow) -> list[str]:
    return list(overview_table([row]).rows[0])


def test_behind_the_safety_step_stands_the_time_of_the_training() -> None:
    guarded = score("PPO, guarded", "learned", [-5.0, -6.0], seed=0)
    row = contest_row(contest(), rank([*PLAYED, guarded, BEST]))
    assert "PPO, guarded" in cells(row)
    assert cells(row)[-1] == "40"


def test_gaps_of_a_contest_by_hand() -> None:
    """The optimum returns -5 a day, the rule -9, the trainings -7 and -6: 80, 40 and 20 % behind."""
    ranking = rank([*PLAYED, BEST])
    assert cells(contest_row(contest(), ranking)) == [
        "counter",
        "unseen days",
        "droop",
        "80",
        "n/a",
        "n/a",
        "PPO",
        "30 (20 to 40)",
        "2.00, 0.50",
        "2",
        "40",
    ]
    assert "no MPC" in contest_notes(contest(), ranking)


def test_without_an_optimum_nobody_has_a_gap() -> None:
    ranking = rank(PLAYED)
    row = cells(contest_row(contest(), ranking))
    assert row[2:4] == ["droop", "n/a"]
    # two seeds were trained all the same
    assert row[6:] == ["PPO", "n/a", "2.00, 0.50", "2", "40"]
    assert "no optimum is proven" in contest_notes(contest(), ranking)


def test_the_best_of_each_kind_of_a_study() -> None:
    scores = [
        GapScore("days", "slow", "rule", 4.0, broken=1.0),
        GapScore("days", "quick", "rule", 2.0, broken=3.0),
        GapScore("days", "policy", "learned", 1.0, seed=0, train_s=10.0),
        GapScore("days", "policy", "learned", 0.5, seed=1, train_s=20.0),
        # one lucky seed of another method does not make it the best
        GapScore("days", "other", "learned", 0.1, seed=0),
        GapScore("days", "other", "learned", 9.0, seed=1),
        GapScore("hours", "ahead", "mpc", 0.25),
    ]
    days, hours = study_rows("reserve", scores)
    assert cells(days)[2:] == [
        "quick",
        "2",
        "n/a",
        "n/a",
        "policy",
        "0.75 (0.5 to 1)",
        "3.00, n/a",
        "2",
        "15",
    ]
    assert cells(hours)[2:] == [
        *("n/a", "n/a"),
        *("ahead", "0.25"),
        *("n/a", "n/a"),
        *("n/a, n/a", "n/a", "n/a"),
    ]


@pytest.mark.parametrize("name", STUDIES)
def test_every_absence_has_a_reason(name: str) -> None:
    text = study_notes(name)
    assert f"({name}.md)" in text
    for reason in STUDIES[name].absent.values():
        assert reason in text
