"""The split of a reserve: policies trained anew, on requests that no training has seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tieline.bench.learning.options import Options
from tieline.bench.learning.score import NO_SEED
from tieline.bench.learning.studies.gap_score import GapScore, Study, Tell
from tieline.bench.reserve.options import Options as ReserveOptions
from tieline.studies.reserve.headline import WORDS
from tieline.studies.reserve.ways.cases import LEARNED
from tieline.studies.result import Result
from tieline.studies.shell import run_study

REQUESTS = ReserveOptions().held_out


def _cases(options: Options) -> Mapping[str, Any]:
    return {"requests": REQUESTS, "trainings": options.trainings}


def _measure(options: Options, tell: Tell) -> Iterator[GapScore]:
    tell("reserve: training and unseen requests")
    result = run_study(
        "reserve", train=True, trainings=options.trainings, held_out=REQUESTS
    )
    return reserve_scores(result)


def reserve_scores(result: Result) -> Iterator[GapScore]:
    """A score for each rule and training of a run of the study with unseen requests."""
    table = result.tables["held_out"]
    # all seeds train side by side: each has its part of the time
    train_s = result.number("train_s") / result.number("trainings")
    for row in table.to_dict("records"):
        is_learned = row["who"] == LEARNED
        yield GapScore(
            judged_on=f"{int(row['requests']):,} unseen requests",
            who=WORDS[str(row["who"])],
            kind="learned" if is_learned else "rule",
            gap_pct=float(row["mean_pct"]),
            seed=int(row["seed"]) if is_learned else NO_SEED,
            train_s=train_s if is_learned else None,
        )


RESERVE = Study(
    name="reserve",
    optimum="the best that a search from every merit order finds on AC, in % of its weighted sum; not proven",
    cases=_cases,
    measure=_measure,
    absent={
        "mpc": "a request is one decision, there is nothing ahead",
        "broken": "requests tell the weighted sum alone, of which what voltages depart by is a part",
    },
)
