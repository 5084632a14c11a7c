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

FIRST_SEED = 2**32
"""Held-out requests are spread from this plus the seed of the run; trainings and learning curves use smaller numbers."""


def gap_table(
    task: ReserveTask, count: int, seed: int, rules: Mapping[str, Splitter], policies: Mapping[int, Splitter]
) -> pd.DataFrame:
    """Gap of the objective to the optimum [%], a row per decider: `who`, `seed` of its training, mean, median, 95 %, worst."""
    state = task.start(spread(FIRST_SEED + seed, count))
    objective = objective_of(task)
    best = find_optimum(objective, state, seed)
    everybody = [*((LEARNED, trained_with, split) for trained_with, split in policies.items())]
    everybody += [(name, None, split) for name, split in rules.items()]
    rows = []
    for who, trained_with, split in everybody:
        reached = objective(split(state), state.bid_cents)
        gap = (reached / best.objective - 1.0) * 100.0
        spread_of = {"median_pct": np.median(gap), "p95_pct": np.quantile(gap, 0.95), "worst_pct": gap.max()}
        rows.append({"who": who, "seed": trained_with, "requests": count, "mean_pct": gap.mean(), **spread_of})
    return pd.DataFrame(rows).astype({"seed": "Int64"})


def gap_metrics(gaps: pd.DataFrame) -> dict[str, float]:
    """`objective_gap_pct` over the seeds of the learned policy with spread, `objective_gap_pct_<who>` for the rules."""
    learned = gaps.loc[gaps["who"] == LEARNED, "mean_pct"]
    rules = gaps[gaps["who"] != LEARNED].set_index("who")["mean_pct"]
    metrics = {f"objective_gap_pct_{who}": float(gap) for who, gap in rules.items()}
    if len(learned) == 0:
        return metrics
    spread_of = {"std": learned.std(ddof=0), "best": learned.min(), "worst": learned.max()}
    return {
        "objective_gap_pct": float(learned.mean()),
        **{f"objective_gap_pct_{name}": float(value) for name, value in spread_of.items()},
        "gap_seeds": float(len(learned)),
        **metrics,
    }
