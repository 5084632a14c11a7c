"""Which cases violate, and which limit breaks first.

A case violates if PV makes any point break a limit. Where several limits are broken, the binding one is the one that breaks
first as PV grows: between the last level at which a limit holds and the first at which it is broken, its worst reading is taken
to grow evenly, and the limit that reaches its number at the lowest penetration binds.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.settings.limits import LimitKind, Limits
from tieline.typing import FloatArray


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
    # without a solution at every step a case is unjudged, whatever broke at the steps that have one
    broken = (points > 0) & cases["converged"].to_numpy()
    crossings = [_crossing_pct(cases, kind, limits.number(kind)) for kind in kinds]
    reached_pct = np.stack(crossings)
    first = np.where(broken, reached_pct, np.inf).argmin(axis=0)
    violates = broken.any(axis=0)
    row = np.arange(len(cases))

    def of_first(suffix: str) -> np.ndarray:
        """A column of the limit that breaks first; empty where none does."""
        names = [f"{kind.column}_{suffix}" for kind in kinds]
        columns = [cases[name].to_numpy(dtype=object) for name in names]
        of_binding = np.stack(columns)[first, row]
        return np.where(violates, of_binding, "")

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
    reading = (
        cases[kind.column]
        .to_numpy(dtype=float)
        .reshape(
            len(levels),
            -1,
        )
    )
    excess = kind.side * (reading - limit)
    breaks = np.nan_to_num(excess, nan=-np.inf) > 0
    first = breaks.argmax(axis=0)
    below = np.maximum(first - 1, 0)
    deployment = np.arange(excess.shape[1])
    # a level that was not judged is taken as one just at the limit
    low = np.nan_to_num(excess[below, deployment], nan=0.0)
    high = excess[first, deployment]
    share = np.where(first > 0, _share_of_rise(low, high), 0.0)
    step_pct = levels[first] - levels[below]
    crossing_pct = levels[below] + share * step_pct
    reached_pct = np.where(breaks.any(axis=0), crossing_pct, np.inf)
    return np.tile(reached_pct, len(levels))


def _share_of_rise(low: FloatArray, high: FloatArray) -> FloatArray:
    """Where an even growth from `low` (at most 0) to `high` (above 0) passes 0, as a share of the way."""
    # a deployment that never breaks has both of the same level, and no use for the answer: only its rise must not be 0
    rise = np.where(high > low, high - low, 1.0)
    return np.clip(-low / rise, 0, 1)
