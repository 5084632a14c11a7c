"""The what-if table: hosting capacity with one thing changed, beside the configured one, on the same draws.

Every variant solves the same deployments under the same load and sun. The hosting capacity of each row is the one at the
accepted risk, and the gain is the difference of the two. Its 95 % interval is that of the bootstrap over deployments: one is
drawn again in both variants at once, so what both have in common drops out.

Source of the interval: B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13 (percentile method).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from tieline.studies.hosting_capacity.judging.capacities import (
    binding,
    bounds,
    capacity_of,
    known,
)
from tieline.studies.hosting_capacity.judging.levels import last_judged, level_table
from tieline.studies.hosting_capacity.judging.risk import TAIL, quantile_pct
from tieline.studies.hosting_capacity.world.variants import Variant
from tieline.typing import FloatArray

RESAMPLES = 1000
"""Enough for the ends of a 95 % interval (the same source, section 13.3)."""


GAIN_COLUMNS = (
    "gain_pct",
    "gain_low_pct",
    "gain_high_pct",
    "better_share",
    "worse_share",
)
"""Columns that compare a variant with the configured one."""


def what_if_table(
    capacities: dict[str, pd.DataFrame],
    judgements: dict[str, pd.DataFrame],
    variants: tuple[Variant, ...],
    risk: float,
    n_steps: int,
) -> pd.DataFrame:
    """One row per variant, the configured one first.

    Args:
        capacities: of the deployments with all limits together, by variant.
        judgements: judged cases by variant.
        variants: in the order of the rows.
        risk: accepted share of deployments.
        n_steps: power flows per case.

    Returns:
        The row of a variant has its capacity (`is_least`: at least that), its gain, and `v_max_before_pv_pu`, the median over the
        deployments of the highest voltage without their PV.
    """
    base = capacities[variants[0].key]
    rows = []
    for variant in variants:
        levels = level_table(judgements[variant.key], n_steps, is_certain=False)
        row = {
            "variant": variant.key,
            "text": variant.text,
            **_capacity(capacities[variant.key], risk),
            **_gain(base, capacities[variant.key], risk),
            "v_max_before_pv_pu": float(levels["v_max_median_pu"].iloc[0]),
            "judged_up_to_pct": _judged_up_to(levels),
            "not_converged": int(levels["not_converged"].sum()),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _capacity(rows: pd.DataFrame, risk: float) -> dict[str, object]:
    """Hosting capacity of one variant; `is_least` where fewer than the accepted share break a limit."""
    capacity = capacity_of(rows, risk)
    safe_pct, broken_pct = bounds(rows)
    first_pct = float(broken_pct.min())
    limit, _ = binding(rows, capacity.pct)
    return {
        "hosting_capacity_pct": capacity.pct,
        "hosting_capacity_low_pct": capacity.low_pct,
        "hosting_capacity_high_pct": known(capacity.high_pct, True),
        "is_least": capacity.is_least,
        "first_violation_pct": known(first_pct, True),
        "binding_limit": limit,
        "median_capacity_pct": quantile_pct(safe_pct, 0.5),
    }


def _gain(
    base: pd.DataFrame, changed: pd.DataFrame, risk: float
) -> dict[str, float | int]:
    """What a variant gains, on the deployments that are known in both."""
    base_pct, _ = bounds(base)
    changed_pct, _ = bounds(changed)
    is_known = np.isfinite(base_pct) & np.isfinite(changed_pct)
    pairs = np.stack([base_pct, changed_pct])[:, is_known]
    count = pairs.shape[1]
    if not count:
        return {**dict.fromkeys(GAIN_COLUMNS, math.nan), "compared": 0}
    low_pct, high_pct = _gain_interval(pairs, risk)
    difference = pairs[1] - pairs[0]
    return {
        "gain_pct": _gain_of(pairs, risk),
        "gain_low_pct": low_pct,
        "gain_high_pct": high_pct,
        "better_share": float((difference > 0).mean()),
        "worse_share": float((difference < 0).mean()),
        "compared": count,
    }


def _gain_of(pairs: FloatArray, risk: float) -> float:
    """Difference of the capacities at risk; `pairs` (2, deployment) as configured and changed [%]."""
    return quantile_pct(pairs[1], risk) - quantile_pct(pairs[0], risk)


def _gain_interval(pairs: FloatArray, risk: float) -> tuple[float, float]:
    """Bounds of the 95 % interval of the gain; NaN from one pair, which says nothing about a spread."""
    count = pairs.shape[1]
    if count == 1:
        return math.nan, math.nan
    # a seed of its own: the same draws give the same interval, whatever else a run draws
    random = np.random.default_rng(0)
    gains = []
    for _ in range(RESAMPLES):
        again = random.integers(count, size=count)
        gains.append(_gain_of(pairs[:, again], risk))
    low_pct, high_pct = np.quantile(gains, [TAIL, 1 - TAIL]).tolist()
    return low_pct, high_pct


def _judged_up_to(levels: pd.DataFrame) -> float:
    """The highest level up to which every case was judged; NaN where not even the one without PV was."""
    row = last_judged(levels)
    return math.nan if row is None else float(row["level_pct"])
