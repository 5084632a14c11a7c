"""Load restoration on islands: the shipped policies beside MPC, where sun and wind are drawn and the forecast is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean
from typing import Any

from tieline.bench.learning.options import Options
from tieline.bench.learning.studies.gap_score import (
    GapScore,
    Kind,
    Study,
    Tell,
    policies_digest,
)
from tieline.bench.restoration.horizons import (
    HorizonScore,
    scores_of,
    with_gaps,
)
from tieline.bench.restoration.options import Options as RestorationOptions
from tieline.bench.restoration.training import Training, trainings_of
from tieline.studies.restoration.deciders import (
    BOUND,
    BOUNDS,
    CPO,
    DECIDERS,
    HOLD,
    LEARNED,
)
from tieline.studies.restoration.ways.policies import shipped_folder
from tieline.studies.shell import run_study

SCENARIO = "random"
"""The one of several draws."""

ISLANDS = ("ieee36", "case141")
"""Those that were published."""

DRAWS = RestorationOptions().draws

ASKED = (
    BOUND,
    "mpc-8",
    "mpc-rest",
    "mpc-corrected",
    "mpc-persistent",
    HOLD,
    *LEARNED,
)


def _cases(options: Options) -> Mapping[str, Any]:
    del options
    digests = {island: policies_digest(shipped_folder(island)) for island in ISLANDS}
    return {"draws": DRAWS, "deciders": ASKED, "policies": digests}


def _measure(options: Options, tell: Tell) -> Iterator[GapScore]:
    del options
    trainings = {one.island: one for one in trainings_of(ISLANDS, None)}
    for island in ISLANDS:
        tell(f"restoration: {island}")
        result = run_study(
            "restoration",
            feeder=island,
            scenarios=(SCENARIO,),
            draws=DRAWS,
            deciders=ASKED,
            policy=str(shipped_folder(island)),
        )
        horizons = with_gaps(list(scores_of(island, result.tables)))
        yield from restoration_scores(horizons, trainings.get(island))


def restoration_scores(
    horizons: Sequence[HorizonScore], training: Training | None
) -> Iterator[GapScore]:
    """The mean over the draws of each decider and policy on an island."""
    by_decider: dict[tuple[str, int], list[HorizonScore]] = {}
    for score in horizons:
        if score.who not in BOUNDS:
            by_decider.setdefault((score.who, score.policy), []).append(score)
    for (who, policy), scores in by_decider.items():
        gaps = [score.gap_pct for score in scores if score.gap_pct is not None]
        yield GapScore(
            judged_on=f"{scores[0].island}, {len(scores)} draws of sun and wind",
            who=DECIDERS[who].words,
            kind=_kind(who),
            gap_pct=mean(gaps),
            seed=policy,
            broken=mean(score.violations or 0 for score in scores),
            # the record is that of CPO's training
            train_s=training.seed_s if training and who == CPO else None,
        )


def _kind(who: str) -> Kind:
    if who in LEARNED:
        return "learned"
    return "rule" if who == HOLD else "mpc"


RESTORATION = Study(
    name="restoration",
    optimum="the bound of a cone program of all steps that knows sun and wind, in % of it",
    cases=_cases,
    measure=_measure,
    absent={},
)
