"""What the draws say at each level: how likely a violation is, with its 95 % interval, and which level is shown.

A case without a solution is unjudged: it enters no share, and a level with one is not known to be safe.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from tieline.typing import FloatArray

Z_95 = 1.959963984540054
"""Two-sided 95 % quantile of the standard normal distribution."""


def level_table(
    judgement: pd.DataFrame, n_steps: int, is_certain: bool
) -> pd.DataFrame:
    """One row per level.

    Args:
        judgement: judged cases of one variant.
        n_steps: power flows per case.
        is_certain: nothing is left to chance, so nothing is estimated.
    """
    return pd.DataFrame(
        [
            _row(level, group, n_steps, is_certain)
            for level, group in judgement.groupby("level_pct", sort=True)
        ]
    )


def first_violation(levels: pd.DataFrame) -> pd.Series | None:
    """The row of the first level with a violating deployment."""
    breaking = levels[levels["violating"] > 0]
    if len(breaking):
        return breaking.iloc[0]
    return None


def last_judged(levels: pd.DataFrame) -> pd.Series | None:
    """The row of the highest level up to which every case was judged; None if one without PV was not."""
    is_whole = levels["not_converged"] == 0
    # a level above a gap does not count, whole as it may be
    is_whole_so_far = is_whole.cumprod().astype(bool)
    whole = levels[is_whole_so_far]
    if len(whole):
        return whole.iloc[-1]
    return None


def first_risky(levels: pd.DataFrame, risk: float) -> pd.Series | None:
    """The row of the first level at which more than the accepted share of the judged deployments violates."""
    risky = levels[levels["probability"] > risk]
    if len(risky):
        return risky.iloc[0]
    return None


def wilson_interval(hits: int, draws: int, z: float = Z_95) -> tuple[float, float]:
    """Score interval of a binomial probability; sensible also at 0 and at all hits.

    Args:
        hits: draws with the event.
        draws: all draws, above 0.
        z: normal quantile of the confidence wanted.

    Returns:
        Lower and upper bound, within 0 to 1.

    Source: E. B. Wilson, J. American Statistical Association 22 (1927), 209-212, doi 10.1080/01621459.1927.10502953.
    """
    share = hits / draws
    spread = z * z / draws
    centre = share + spread / 2
    variance = share * (1 - share) / draws
    half = z * math.sqrt(variance + z * z / (4 * draws * draws))
    scale = 1 + spread
    # at no hit and at all hits the bound is exactly 0 or 1; the formula gives it but for rounding
    low = 0.0
    if hits != 0:
        low = (centre - half) / scale
    high = 1.0
    if hits != draws:
        high = (centre + half) / scale
    return low, high


def shown_level(levels: pd.DataFrame, risk: float) -> float:
    """The level that pages and tables show: the first at which more deployments violate than the risk accepts, else the first
    with a violation, else the highest that was judged at all.
    """
    risky = first_risky(levels, risk)
    if risky is not None:
        return float(risky["level_pct"])
    judged_levels = levels[levels["draws"] > 0]
    breaking = judged_levels[judged_levels["violating"] > 0]
    if len(breaking):
        return float(breaking["level_pct"].iloc[0])
    return float(judged_levels["level_pct"].max())


def _row(
    level_pct: object, all_draws: pd.DataFrame, n_steps: int, is_certain: bool
) -> dict[str, object]:
    group = all_draws[all_draws["converged"]]
    hits = int(group["violates"].sum())
    draws = len(group)
    probability = np.nan
    low, high = (np.nan, np.nan)
    if draws:
        probability = hits / draws
        low, high = wilson_interval(hits, draws)
    if is_certain and draws:
        low = high = float(hits)  # one certain deployment: nothing is estimated
    breaking = group[group["violates"]]
    return {
        "level_pct": level_pct,
        "pv_kw": all_draws["pv_kw"].mean(),
        "draws": draws,
        "violating": hits,
        "probability": probability,
        "probability_low": low,
        "probability_high": high,
        "violating_steps_share": group["violating_steps"].mean() / n_steps,
        **_voltages(group["v_max_pu"].to_numpy()),
        "v_min_pu": group["v_min_pu"].min(),
        "loss_mean_kw": group["loss_kw"].mean(),
        "binding_limit": most_common(breaking["binding_limit"].tolist(), "none"),
        "binding_at": most_common(breaking["binding_at"].tolist(), ""),
        "binding_when": most_common(breaking["binding_when"].tolist(), ""),
        "not_converged": len(all_draws) - draws,
    }


def _voltages(v_max_pu: FloatArray) -> dict[str, float]:
    """Spread of the highest voltage over the draws [pu]."""
    if not len(v_max_pu):
        return dict.fromkeys(
            ("v_max_p05_pu", "v_max_median_pu", "v_max_p95_pu", "v_max_pu"), np.nan
        )
    p05, median, p95 = np.quantile(v_max_pu, [0.05, 0.5, 0.95]).tolist()
    return {
        "v_max_p05_pu": p05,
        "v_max_median_pu": median,
        "v_max_p95_pu": p95,
        "v_max_pu": float(v_max_pu.max()),
    }


def most_common(values: list[str], default: str) -> str:
    """The most frequent value, the first in the alphabet if several are."""
    if values:
        return min(set(values), key=lambda value: (-values.count(value), value))
    return default
