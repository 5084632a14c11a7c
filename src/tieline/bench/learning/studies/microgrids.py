"""Networked microgrids: the shipped policies with their safety step, on days that no training has seen."""

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
from tieline.bench.microgrids.days import DayScore, play_days
from tieline.bench.microgrids.options import Options as MicrogridsOptions
from tieline.bench.microgrids.training import FEEDER, Training, training_of
from tieline.studies.microgrids.deciders import CENTRAL, DECIDERS, SAFE
from tieline.studies.microgrids.ways.policies import shipped_folder


def _cases(options: Options) -> Mapping[str, Any]:
    folder = shipped_folder(FEEDER)
    return {"days": options.most_days, "policies": policies_digest(folder)}


def _measure(options: Options, tell: Tell) -> Iterator[GapScore]:
    days = play_days(MicrogridsOptions(days=options.most_days), tell)
    return microgrids_scores(days, training_of(None))


def microgrids_scores(
    days: Sequence[DayScore], training: Training | None
) -> Iterator[GapScore]:
    """The mean over the days of each rule and of each seed of the policies."""
    train_s = None if training is None else training.seed_s
    n_days = len({score.day for score in days})
    by_decider: dict[tuple[str, int], list[DayScore]] = {}
    for score in days:
        by_decider.setdefault((score.who, score.seed), []).append(score)
    for (who, seed), scores in by_decider.items():
        # the optimum is what all are held against
        if who == CENTRAL:
            continue
        is_learned = who == SAFE
        yield GapScore(
            judged_on=f"{n_days} unseen days",
            who=DECIDERS[who].words,
            kind="learned" if is_learned else "rule",
            gap_pct=mean(score.gap_pct for score in scores),
            seed=seed,
            broken=mean(score.broken for score in scores),
            train_s=train_s if is_learned else None,
        )


MICROGRIDS = Study(
    name="microgrids",
    optimum="the central optimum of the whole day, which it knows, in % of its cost",
    cases=_cases,
    measure=_measure,
    absent={"mpc": "the optimum by windows is asked on single hours alone"},
)
