"""Gains over doing nothing, the order of deciders, and what is not proven of the optimum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tieline.bench.learning.contest import Kind
from tieline.bench.learning.score import NO_SEED, Score
from tieline.bench.learning.standing import rank


def score(
    who: str,
    kind: Kind,
    returns: Sequence[float],
    seed: int = NO_SEED,
    bounds: Sequence[float] = (),
) -> Score:
    days = len(returns)
    return Score(
        split="days",
        who=who,
        kind=kind,
        seed=seed,
        returns=returns,
        loss_kwh=[100.0] * days,
        steps_outside=[0.0] * days,
        unsolved=0,
        decision_ms=1.0,
        bounds=bounds,
    )


NOTHING = score("nothing", "nothing", [-10.0, -30.0])
RULE = score("rule", "rule", [-8.0, -28.0])
LEARNED = [
    score("agent", "learned", [-7.0, -25.0], seed=0),
    score("agent", "learned", [-9.0, -23.0], seed=1),
]
BEST = score("proven optimum", "optimum", [-5.0, -20.0], bounds=[-4.9, -20.0])


def test_a_gain_is_in_percent_of_what_doing_nothing_costs_on_average():
    ranking = rank([NOTHING, RULE, *LEARNED, BEST])
    by_name = {standing.who: standing for standing in ranking.standings}
    assert by_name["rule"].gain_pct.tolist() == [[10.0, 10.0]]
    assert by_name["agent"].gain_pct == pytest.approx(
        np.array([[15.0, 25.0], [5.0, 35.0]])
    )
    assert by_name["agent"].mean_pct == pytest.approx(20.0)
    assert by_name["nothing"].mean_pct == 0.0


def test_the_best_of_each_kind_is_found():
    ranking = rank([NOTHING, RULE, *LEARNED, BEST])
    assert [one.who for one in ranking.standings] == [
        "proven optimum",
        "agent",
        "rule",
        "nothing",
    ]
    best = ranking.best("learned")
    assert best is not None
    assert best.who == "agent"
    assert ranking.best("mpc") is None


def test_what_is_not_proven_is_told_in_points():
    assert rank([NOTHING, BEST]).unproven_pct == pytest.approx(0.5)
    assert np.isnan(rank([NOTHING, RULE]).unproven_pct)
