"""Capacities of the deployments, and what they say together: at the accepted risk, and how they spread, limit by limit."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from tieline.studies.hosting_capacity.judging.levels import most_common
from tieline.studies.hosting_capacity.judging.risk import (
    Capacity,
    capacity_at_risk,
    quantile_pct,
)
from tieline.studies.hosting_capacity.solving.search import ANY
from tieline.typing import FloatArray

SPREAD = {"min_pct": 0.0, "p05_pct": 0.05, "median_pct": 0.5, "max_pct": 1.0}
"""Columns that say how the capacities spread: share of the deployments that may have less."""


def with_all_limits(searched: pd.DataFrame) -> pd.DataFrame:
    """Capacities of the configured variant, searched limit by limit, with rows for all limits together.

    Args:
        searched: rows of one variant, as of `search_capacities` by limit, sorted by limit and deployment.

    Returns:
        The rows of limit "any", where of each deployment that limit stands that breaks first, before the others.
    """
    # of several limits that break in the same bracket the one of the table's first row is named
    ordered = searched.sort_values(["deployment", "broken_pct"], kind="stable")
    together = ordered.drop_duplicates("deployment").assign(limit=ANY)
    # what was not solved ends the capacity by every limit, broken or not
    safe_pct = searched.groupby("deployment")["safe_pct"].min()
    together = together.assign(safe_pct=together["deployment"].map(safe_pct))
    return pd.concat([together, searched], ignore_index=True)


def spread_table(capacities: pd.DataFrame, risk: float) -> pd.DataFrame:
    """One row per limit, all of them together first.

    Args:
        capacities: rows of `with_all_limits`.
        risk: accepted share of deployments.

    Returns:
        Columns `limit`; `at_risk_pct` with its interval `at_risk_low_pct`, `at_risk_high_pct`; `min_pct`, `p05_pct`,
        `median_pct`, `max_pct` of the deployments; `violating` of `deployments` break it. NaN in what is not known because too
        few break it.
    """
    return pd.DataFrame(
        [
            _spread(str(limit), rows, risk)
            for limit, rows in capacities.groupby("limit", sort=False)
        ]
    )


def capacity_of(rows: pd.DataFrame, risk: float) -> Capacity:
    """Hosting capacity at a risk, of the rows of one limit and variant."""
    safe_pct, broken_pct = bounds(rows)
    return capacity_at_risk(safe_pct, broken_pct, risk)


def bounds(rows: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Highest level that holds and lowest that does not, (deployment,) each [%]."""
    return (
        rows["safe_pct"].to_numpy(dtype=float),
        rows["broken_pct"].to_numpy(dtype=float),
    )


def binding(rows: pd.DataFrame, capacity_pct: float) -> tuple[str, str]:
    """Which limit breaks first as PV grows past the hosting capacity, and where that is most often.

    Args:
        rows: capacities of one variant, all limits together.
        capacity_pct: the hosting capacity; NaN where none is stated.

    Returns:
        Of the deployments that do not get beyond the hosting capacity, the limit that stops most of them; of all that break a
        limit where none is among these. "none" if no deployment breaks one.
    """
    breaking = rows[np.isfinite(rows["broken_pct"])]
    stopped = breaking[breaking["safe_pct"] <= capacity_pct]
    if stopped.empty:
        stopped = breaking
    limit = most_common(stopped["binding_limit"].tolist(), "none")
    of_limit = stopped[stopped["binding_limit"] == limit]
    return limit, most_common(of_limit["binding_at"].tolist(), "")


def _spread(limit: str, rows: pd.DataFrame, risk: float) -> dict[str, object]:
    safe_pct, broken_pct = bounds(rows)
    capacity = capacity_at_risk(safe_pct, broken_pct, risk)
    return {
        "limit": limit,
        "at_risk_pct": known(capacity.pct, not capacity.is_least),
        "at_risk_low_pct": capacity.low_pct,
        "at_risk_high_pct": known(capacity.high_pct, True),
        **_quantiles(safe_pct, broken_pct),
        "violating": int(np.isfinite(broken_pct).sum()),
        "deployments": len(rows),
    }


def _quantiles(safe_pct: FloatArray, broken_pct: FloatArray) -> dict[str, float]:
    """The columns of `SPREAD`; NaN where it is a deployment that never breaks."""
    if np.isnan(safe_pct).any():
        return dict.fromkeys(SPREAD, math.nan)
    columns = {}
    for name, share in SPREAD.items():
        breaks = math.isfinite(quantile_pct(broken_pct, share))
        columns[name] = known(quantile_pct(safe_pct, share), breaks)
    return columns


def known(pct: float, is_known: bool) -> float:
    """The level, NaN where it is not known or has no bound."""
    return pct if is_known and math.isfinite(pct) else math.nan
