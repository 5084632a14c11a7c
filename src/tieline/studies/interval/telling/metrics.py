"""Metrics of an interval power flow, by names that stay the same from version to version.

v_low_pu, v_low_at, v_high_pu, v_high_at   the lowest and the highest voltage within the bounds; None where one has no bounds
loss_low_kw, loss_centre_kw, loss_high_kw
width_ratio_FAMILY       bounds over Monte-Carlo hull, of the sums of all widths; families: voltage, current, loss
attained_share_FAMILY    how much of the bounds AC solutions attain
remainder_max_pu         the largest estimate of what the expansion of a voltage leaves out
draws, draws_outside, draws_not_converged
not_bounded, may_break, must_break   voltages by what is known of them
uncertain_powers         variables of the expansion
cases_unjudged, unjudged_pct   voltages without bounds
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.powerflow.interval.flow import IntervalFlow
from tieline.studies.answer import Metric
from tieline.studies.interval.config import IntervalConfig
from tieline.studies.interval.sampling import Hull
from tieline.studies.unjudged import count_unjudged, finite_or_none
from tieline.typing import FloatArray


def make_metrics(
    flow: IntervalFlow,
    hull: Hull,
    voltages: pd.DataFrame,
    config: IntervalConfig,
) -> dict[str, Metric]:
    """All metrics by name; `voltages` is the table of that name."""
    return (
        _extremes(voltages)
        | _losses(flow)
        | _tightness(flow, hull)
        | _counts(flow, hull, voltages, config)
    )


def _extremes(voltages: pd.DataFrame) -> dict[str, Metric]:
    """Lowest and highest voltage; None where one has no bounds, since it may be the lowest or the highest."""
    if len(_bounded(voltages)) < len(voltages):
        return {"v_low_pu": None, "v_low_at": "", "v_high_pu": None, "v_high_at": ""}
    lowest = int(voltages["low_pu"].to_numpy().argmin())
    highest = int(voltages["high_pu"].to_numpy().argmax())
    return _extreme(voltages, "low", lowest) | _extreme(voltages, "high", highest)


def _bounded(voltages: pd.DataFrame) -> pd.DataFrame:
    return voltages.dropna(subset=["low_pu", "high_pu"])


def _losses(flow: IntervalFlow) -> dict[str, Metric]:
    loss = flow.loss
    return {
        "loss_low_kw": finite_or_none(loss.low[0]),
        "loss_centre_kw": finite_or_none(loss.centre[0]),
        "loss_high_kw": finite_or_none(loss.high[0]),
    }


def _counts(
    flow: IntervalFlow, hull: Hull, voltages: pd.DataFrame, config: IntervalConfig
) -> dict[str, Metric]:
    """How sure the bounds are: what the expansion leaves out, draws, voltages by what is known of them."""
    n_bounded = len(_bounded(voltages))
    n_missing = len(voltages) - n_bounded
    remainder_pu = None
    if n_bounded:
        remainder_pu = float(np.nanmax(flow.voltage.remainder))
    states = voltages["state"]
    return {
        "remainder_max_pu": remainder_pu,
        "draws": config.draws,
        "draws_outside": hull.outside,
        "draws_not_converged": hull.not_converged,
        "not_bounded": n_missing,
        "may_break": int((states == "may break").sum()),
        "must_break": int((states == "breaks").sum()),
        "uncertain_powers": flow.uncertain.n_variables,
        **count_unjudged(n_missing, len(voltages)),
    }


def _tightness(flow: IntervalFlow, hull: Hull) -> dict[str, Metric]:
    """Width of the bounds over that of the draws, and the share of the width that AC solutions attain, of each family."""
    families = {
        "voltage": (flow.voltage, hull.voltage),
        "current": (flow.current, hull.current),
        "loss": (flow.loss, hull.loss),
    }
    metrics: dict[str, Metric] = {}
    for name, (bounds, ranges) in families.items():
        metrics[f"width_ratio_{name}"] = _ratio(bounds.width, ranges[1] - ranges[0])
    for name, (bounds, _) in families.items():
        attained = bounds.attained_high - bounds.attained_low
        metrics[f"attained_share_{name}"] = _ratio(attained, bounds.width)
    return metrics


def _extreme(voltages: pd.DataFrame, side: str, row: int) -> dict[str, Metric]:
    """The value and place of one row on one side."""
    return {
        f"v_{side}_pu": float(voltages[f"{side}_pu"].iloc[row]),
        f"v_{side}_at": str(voltages["point"].iloc[row]),
    }


def _ratio(above: FloatArray, below: FloatArray) -> float | None:
    """Sum over sum, of the outputs that have both; None if there is nothing to divide by."""
    has_both = np.isfinite(above) & np.isfinite(below)
    total = float(below[has_both].sum())
    if total <= 0:
        return None
    return float(above[has_both].sum()) / total
