"""How far everybody is from the optimum on random requests that no training has seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tieline.envs.draws import spread
from tieline.envs.reserve.task import ReserveTask
from tieline.studies.reserve.ways.cases import LEARNED, objective_of
from tieline.studies.reserve.ways.deciders import Splitter
from tieline.studies.reserve.ways.optimum import find_optimum
from tieline.typing import FloatArray

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
    rows = []
    for trained_with, split in policies.items():
        value = objective(split(state), state.bid_cents)
        rows.append(
            {"who": LEARNED, "seed": trained_with, **_gap(value, best.objective)}
        )
    for name, split in rules.items():
        value = objective(split(state), state.bid_cents)
        rows.append({"who": name, "seed": None, **_gap(value, best.objective)})
    return pd.DataFrame(rows).astype({"seed": "Int64"})


def _gap(value: FloatArray, optimum: FloatArray) -> dict[str, float]:
    """How many requests there are, and how far those that were judged are above the optimum [%]."""
    is_judged = np.isfinite(value) & np.isfinite(optimum)
    ratio = value[is_judged] / optimum[is_judged]
    gap_pct = pd.Series((ratio - 1.0) * 100.0)
    return {
        "requests": len(value),
        "unjudged": int((~is_judged).sum()),
        "mean_pct": gap_pct.mean(),
        "median_pct": gap_pct.median(),
        "p95_pct": gap_pct.quantile(0.95),
        "worst_pct": gap_pct.max(),
    }
