"""Which cases violate, and which limit breaks first.

A case violates if PV makes any point break a limit. Where several limits are broken, the binding one is the one that breaks
first as PV grows: between the last level at which a limit holds and the first at which it is broken, its worst reading is taken
to grow evenly, and the limit that reaches its number at the lowest penetration binds.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.settings.limits import LimitKind, Limits
from tieline.typing import BoolArray, FloatArray, IntArray


def judge(cases: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Cases of one variant with their judgement.

    Args:
        cases: rows of the case table, sorted by level and deployment, every deployment at every level.
        limits: the numbers.

    Returns:
        The cases with `violates`, `binding_limit` ("none" if it does not), `binding_at` and `binding_when`.
    """
    kinds = limits.kinds
    points = np.stack([cases[f"{kind.column}_points"].to_numpy() for kind in kinds])
    broken = (points > 0) & cases["converged"].to_numpy()
    crossing = np.where(
        broken,
        np.stack([_crossing_pct(cases, kind, limits.number(kind)) for kind in kinds]),
        np.inf,
    )
    first = crossing.argmin(axis=0)
    violates = broken.any(axis=0)

    def of_first(suffix: str) -> np.ndarray:
        values = np.stack(
            [cases[f"{kind.column}_{suffix}"].to_numpy(dtype=object) for kind in kinds]
        )
        return np.where(violates, values[first, np.arange(len(cases))], "")

    names = np.array([kind.name for kind in kinds], dtype=object)
    return cases.assign(
        violates=violates,
        binding_limit=np.where(violates, names[first], "none"),
        binding_at=of_first("at"),
        binding_when=of_first("when"),
    )


def _crossing_pct(cases: pd.DataFrame, kind: LimitKind, limit: float) -> FloatArray:
    """Penetration at which each case's deployment first reaches a limit, (case,) [%]; infinite if it never does."""
    levels = np.unique(cases["level_pct"].to_numpy())
    excess = kind.side * (cases[kind.column].to_numpy(dtype=float) - limit).reshape(len(levels), -1)
    broken = np.nan_to_num(excess, nan=-np.inf) > 0
    column = np.arange(excess.shape[1])
    at = broken.argmax(axis=0)
    before = np.maximum(at - 1, 0)
    low, high = np.nan_to_num(excess[before, column], nan=0.0), excess[at, column]
    share = np.where(at > 0, np.clip(-low / np.where(high > low, high - low, 1.0), 0, 1), 0.0)
    crossing = np.where(
        broken.any(axis=0), levels[before] + share * (levels[at] - levels[before]), np.inf
    )
    return np.tile(crossing, len(levels))


def capacity_pct(judged: pd.DataFrame) -> pd.Series:
    """Hosting capacity of every deployment by its number: the highest level before its first violation [%]; NaN where a level
    below that, or any if there is none, was not judged.
    """
    violates, solved = (
        judged.pivot(index="level_pct", columns="deployment", values=name).to_numpy()
        for name in ("violates", "converged")
    )
    levels = np.unique(judged["level_pct"].to_numpy())
    first = _first_true(violates)
    is_judged = first <= _first_true(~solved)
    capacity = np.where(is_judged & (first > 0), levels[np.maximum(first - 1, 0)], np.nan)
    return pd.Series(
        capacity, index=np.unique(judged["deployment"].to_numpy()), name="capacity_pct"
    )


def _first_true(grid: BoolArray) -> IntArray:
    """Row of the first true of each column, (column,); the number of rows where there is none."""
    return np.where(grid.any(axis=0), grid.argmax(axis=0), len(grid))
