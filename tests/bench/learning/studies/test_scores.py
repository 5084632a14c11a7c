"""What benchmarks of studies measure, as gaps: means over regions, days and draws, each training by itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from tieline.bench.learning.studies.market import JUDGED_ON, market_scores
from tieline.bench.learning.studies.microgrids import microgrids_scores
from tieline.bench.learning.studies.reserve import reserve_scores
from tieline.bench.learning.studies.restoration import restoration_scores
from tieline.bench.market.held_out import Score
from tieline.bench.market.policies import Training as MarketTraining
from tieline.bench.microgrids.days import DayScore
from tieline.bench.microgrids.training import Training as MicrogridsTraining
from tieline.bench.restoration.horizons import HorizonScore
from tieline.bench.restoration.training import Training as RestorationTraining


def test_reserve() -> None:
    table = pd.DataFrame(
        {
            "who": ["learned", "learned", "merit"],
            "seed": pd.array([0, 1, None], dtype="Int64"),
            "requests": [1000, 1000, 1000],
            "mean_pct": [0.1, 0.3, 2.0],
        }
    )
    numbers = {"train_s": 40.0, "trainings": 2.0}
    result: Any = SimpleNamespace(tables={"held_out": table}, number=numbers.get)
    first, second, rule = reserve_scores(result)
    assert (first.gap_pct, second.gap_pct) == (0.1, 0.3)
    assert (first.kind, first.seed, first.train_s) == ("learned", 0, 20.0)
    assert (rule.who, rule.kind) == ("merit order with sensitivities", "rule")
    assert rule.train_s is None
    assert rule.judged_on == "1,000 unseen requests"


def game(who: str, region: int, regret_pct: float, kind: str = "open") -> Score:
    seed = 3 if who in ("both", "policy") else -1
    return Score(kind, region, 9, who, -1, seed, regret_pct, 50.0)


def test_market() -> None:
    scores = [
        game("both", 1, 1.0),
        game("both", 2, 3.0),
        game("greedy", 1, 4.0),
        game("greedy", 2, 8.0),
        # neither the policy alone nor games as published stand in the table
        game("policy", 1, 0.0),
        game("greedy", 1, 0.0, "paper"),
    ]
    training = MarketTraining(5, 2, 100, 50.0, "here")
    policy, greedy = market_scores(scores, training)
    assert (policy.gap_pct, policy.kind, policy.seed) == (2.0, "learned", 3)
    assert policy.train_s == 10.0
    assert (greedy.gap_pct, greedy.kind) == (6.0, "rule")
    assert greedy.judged_on == JUDGED_ON["open"]


def day(number: int, who: str, gap_pct: float, broken: int) -> DayScore:
    return DayScore(
        day=number,
        who=who,
        seed=0 if who == "safe" else -1,
        gap_pct=gap_pct,
        steps=96,
        proposed_broken=50,
        broken=broken,
        proposed_max_pu=0.0,
        max_pu=0.0,
        loading_pct=0.0,
        projections=0,
        decision_ms=0.0,
        safe_decision_ms=0.0,
        day_s=0.0,
    )


def test_microgrids() -> None:
    days = [
        day(0, "central", 0.0, 0),
        day(0, "safe", 0.4, 0),
        day(1, "safe", 0.6, 0),
        day(0, "merit", 0.5, 90),
        day(1, "merit", 0.7, 80),
    ]
    training = MicrogridsTraining(5, 100, 600.0, "here")
    policies, merit = microgrids_scores(days, training)
    assert (policies.gap_pct, policies.broken, policies.train_s) == (0.5, 0.0, 120.0)
    assert policies.judged_on == "2 unseen days"
    # broken as carried out, not as proposed
    assert (merit.kind, merit.broken) == ("rule", 85.0)


def horizon(who: str, gap_pct: float | None, policy: int = -1) -> HorizonScore:
    return HorizonScore(
        island="ieee36",
        scenario="random",
        who=who,
        policy=policy,
        draw=0,
        steps=24,
        objective=0.0,
        restored_kwh=0.0,
        restored_pct=0.0,
        shed_kwh=0.0,
        gap_pct=gap_pct,
        first_step_pct=0.0,
        full_step=0,
        blackout_steps=0,
        violations=None if gap_pct is None else 2,
        touched=0,
        decision_ms=0.0,
        horizon_s=0.0,
    )


def test_restoration() -> None:
    horizons = [
        horizon("bound", None),
        horizon("mpc-8", 1.0),
        horizon("hold", 3.0),
        horizon("cpo", 0.1, policy=4),
        horizon("imitation", 0.2, policy=4),
    ]
    training = RestorationTraining("ieee36", 5, 240.0, 1000, "here")
    scores = list(restoration_scores(horizons, training))
    assert [score.kind for score in scores] == ["mpc", "rule", "learned", "learned"]
    assert [score.gap_pct for score in scores] == [1.0, 3.0, 0.1, 0.2]
    # the record is that of CPO's training
    assert [score.train_s for score in scores] == [None, None, 240.0, None]
    assert {score.broken for score in scores} == {2.0}
