"""How far everybody is from the optimum on random requests that no training has seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tieline.envs.draws import spread
from tieline.envs.reserve.task import ReserveTask
from tieline.studies.reserve.answers import LEARNED, objective_of
from tieline.studies.reserve.deciders import Splitter
from tieline.studies.reserve.optimum import find_optimum
from tieline.studies.result import Metric
from tieline.studies.unjudged import known

FIRST_SEED = 2**32
"""Held-out requests are spread from this plus the seed of the run; trainings and learning curves use smaller numbers."""


def gap_table(
    task: ReserveTask,
    count: int,
    seed: int,
    rules: Mapping[str, Splitter],
    policies: Mapping[int, Splitter],
) -> pd.DataFrame:
    """Gap of the objective to the optimum [%], a row per decider: `who`, `seed` of its training, `requests`, of them `unjudged`
    because a power flow has no solution; of the others mean, median, 95 %, worst, NaN if there is none.
    """
    state = task.start(spread(FIRST_SEED + seed, count))
    objective = objective_of(task)
    best = find_optimum(objective, state, seed)
    everybody = [*((LEARNED, trained_with, split) for trained_with, split in policies.items())]
    everybody += [(name, None, split) for name, split in rules.items()]
    rows = []
    for who, trained_with, split in everybody:
        reached = objective(split(state), state.bid_cents)
        judged = np.isfinite(reached) & np.isfinite(best.objective)
        gap = pd.Series((reached[judged] / best.objective[judged] - 1.0) * 100.0)
        spread_of = {
            "median_pct": gap.median(),
            "p95_pct": gap.quantile(0.95),
            "worst_pct": gap.max(),
        }
        counts = {"requests": count, "unjudged": int((~judged).sum())}
        rows.append(
            {"who": who, "seed": trained_with, **counts, "mean_pct": gap.mean(), **spread_of}
        )
    return pd.DataFrame(rows).astype({"seed": "Int64"})


def gap_metrics(gaps: pd.DataFrame) -> dict[str, Metric]:
    """`objective_gap_pct` over the seeds of the learned policy with spread, `objective_gap_pct_<who>` for the rules; of the
    requests that were judged.
    """
    learned = gaps.loc[gaps["who"] == LEARNED, "mean_pct"]
    rules = gaps[gaps["who"] != LEARNED].set_index("who")["mean_pct"]
    metrics: dict[str, Metric] = {
        f"objective_gap_pct_{who}": known(gap) for who, gap in rules.items()
    }
    if len(learned) == 0:
        return metrics
    spread_of = {"std": learned.std(ddof=0), "best": learned.min(), "worst": learned.max()}
    return {
        "objective_gap_pct": known(learned.mean()),
        **{f"objective_gap_pct_{name}": known(value) for name, value in spread_of.items()},
        "gap_seeds": float(len(learned)),
        **metrics,
    }
