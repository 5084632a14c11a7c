"""The choice of DERs in the balancing market: the shipped policies, on games that no training has seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean
from typing import Any

from tieline.bench.learning.options import Options
from tieline.bench.learning.studies.gap_score import (
    GapScore,
    Study,
    Tell,
    policies_digest,
)
from tieline.bench.market.day_games import KIND
from tieline.bench.market.held_out import Score, judge
from tieline.bench.market.options import CASE
from tieline.bench.market.options import Options as MarketOptions
from tieline.bench.market.policies import SHIPPED, Training, find_policies
from tieline.bench.market.stage import make_stage
from tieline.studies.market.telling.words import DECIDERS

GAMES = 100
"""Of each region and kind, as on the page of the market."""

JUDGED_ON = {
    "open": f"{GAMES} unseen games of each region",
    KIND: "minutes of five days",
}
"""Kinds of games that stand here; those as published have one offer for all and little to choose."""


def _cases(options: Options) -> Mapping[str, Any]:
    del options
    return {"games": GAMES, "policies": policies_digest(SHIPPED)}


def _measure(options: Options, tell: Tell) -> Iterator[GapScore]:
    del options
    policies = find_policies(MarketOptions(), tell)
    stage = make_stage(CASE)
    scores = judge(stage, range(stage.n_regions), GAMES, policies.files, tell)
    return market_scores(scores, policies.training)


def market_scores(
    scores: Sequence[Score], training: Training | None
) -> Iterator[GapScore]:
    """The mean over the regions of each rule and of each policy as the market asks it."""
    train_s = None if training is None else training.train_s / training.seeds
    by_decider: dict[tuple[str, str, int], list[float]] = {}
    for score in scores:
        if score.kind not in JUDGED_ON:
            continue
        # a policy alone is on the market's page, but the market never asks it so
        if score.is_learned and not score.is_judged_policy:
            continue
        key = (score.kind, score.who, score.seed)
        by_decider.setdefault(key, []).append(score.regret_pct)
    learned = {score.who for score in scores if score.is_learned}
    for (kind, who, seed), regrets in by_decider.items():
        yield GapScore(
            judged_on=JUDGED_ON[kind],
            who=DECIDERS.get(who, who),
            kind="learned" if who in learned else "rule",
            gap_pct=mean(regrets),
            seed=seed,
            train_s=train_s if who in learned else None,
        )


MARKET = Study(
    name="market",
    optimum="the best of all sets, each solved on AC, in % of the distance of a random set",
    cases=_cases,
    measure=_measure,
    absent={
        "mpc": "a minute is one choice, there is nothing ahead",
        "broken": "games tell what a set costs; limits are those of the whole market, of which its own page tells",
    },
)
