"""The what-if table: hosting capacity with one thing changed, beside the configured one, on the same draws.

Every variant solves the same deployments under the same load and sun, so variants are compared pair by pair: the gain of a
deployment is its own hosting capacity in the variant less its own as configured, where both are known (`compared`). The mean gain
has a 95 % interval of normal approximation.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from tieline.studies.hosting_capacity.judging.judgement import capacity_pct
from tieline.studies.hosting_capacity.judging.levels import (
    Z_95,
    first_violation,
    hosting_capacity,
    last_judged,
    level_table,
)
from tieline.studies.hosting_capacity.world.variants import Variant


def what_if_table(
    judgements: dict[str, pd.DataFrame],
    variants: tuple[Variant, ...],
    n_steps: int,
    is_certain: bool,
) -> pd.DataFrame:
    """One row per variant, the configured one first.

    Args:
        judgements: judged cases by variant.
        variants: in the order of the rows.
        n_steps: power flows per case.
        is_certain: nothing is left to chance.
    """
    base = capacity_pct(judgements[variants[0].key])
    return pd.DataFrame(
        [
            _row(variant, judgements[variant.key], base, n_steps, is_certain)
            for variant in variants
        ]
    )


def _row(
    variant: Variant,
    judgement: pd.DataFrame,
    base: pd.Series,
    n_steps: int,
    is_certain: bool,
) -> dict[str, object]:
    levels = level_table(judgement, n_steps, is_certain)
    first = first_violation(levels)
    safe = hosting_capacity(levels)
    judged_up_to = last_judged(levels)
    capacity = capacity_pct(judgement)
    gain = (capacity - base).dropna().to_numpy()
    count = len(gain)
    mean = np.nan
    better = np.nan
    worse = np.nan
    if count:
        mean = float(gain.mean())
        better = float((gain > 0).mean())
        worse = float((gain < 0).mean())
    half = np.nan  # one pair says nothing about a spread
    if count > 1:
        half = Z_95 * float(gain.std(ddof=1)) / math.sqrt(count)
    return {
        "variant": variant.key,
        "text": variant.text,
        "hosting_capacity_pct": _level_of(safe),
        "first_violation_pct": _level_of(first),
        "binding_limit": "none" if first is None else first["binding_limit"],
        "median_capacity_pct": capacity.dropna().quantile(),
        "gain_pct": mean,
        "gain_low_pct": mean - half,
        "gain_high_pct": mean + half,
        "better_share": better,
        "worse_share": worse,
        "compared": count,
        "judged_up_to_pct": _level_of(judged_up_to),
        "not_converged": int((~judgement["converged"]).sum()),
    }


def _level_of(row: pd.Series | None) -> float:
    """The level of a row of the table of levels; NaN where there is none."""
    return np.nan if row is None else row["level_pct"]
