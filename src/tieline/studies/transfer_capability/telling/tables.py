"""The tables of a transfer: where each limit breaks, every place of it, bus voltages, readings over the transfer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.errors import InputError
from tieline.studies.gauges import Gauge
from tieline.studies.transfer_capability.ways.estimate import (
    dc_estimates,
    is_loading,
    tangent_estimates,
)
from tieline.studies.transfer_capability.ways.search import Breaks
from tieline.studies.transfer_capability.world.cases import Cases, excess
from tieline.typing import FloatArray

NO_SOLUTION = "no-solution"
"""Name of the limit beyond which the power flow has no solution."""

CURVE_POINTS = 41
BEYOND = 1.25
"""The curve of the report goes this far beyond TTC."""


def make_tables(
    cases: Cases, breaks: Breaks, ttc_kw: float, drawn_kw: FloatArray
) -> dict[str, pd.DataFrame]:
    """Tables `limits`, `elements`, `buses`, `curve`, `draws`.

    Args:
        cases: that were solved.
        breaks: where each limit breaks, of the one case.
        ttc_kw: total transfer capability [kW].
        drawn_kw: TTC of every draw, (draw,) [kW].
    """
    return {
        "limits": _limits(cases, breaks),
        "elements": _elements(cases, ttc_kw),
        "buses": _buses(cases, ttc_kw),
        "curve": _curve(cases, ttc_kw),
        "draws": pd.DataFrame({"ttc_kw": drawn_kw}),
    }


def _limits(cases: Cases, breaks: Breaks) -> pd.DataFrame:
    """One row per limit: where it breaks, at which place, and the estimates; NaN where it does not break before the power flow
    ends, whose row is last, and NaN there if loads have turned into impedances by then.
    """
    estimates_kw = tangent_estimates(cases)
    rows = []
    for k, gauge in enumerate(cases.gauges):
        row = {"limit": gauge.kind.name, "number": gauge.limit}
        row |= _break_of(cases, breaks, k)
        row |= _tangent_of(gauge, estimates_kw[k], breaks.broken_kw[0, -1])
        row["dc_estimate_kw"] = _dc(cases, k)
        rows.append(row)
    end_kw = np.nan
    if cases.takes_what_is_sent(breaks.safe_kw[0, -1]):
        end_kw = breaks.safe_kw[0, -1]
    rows.append({"limit": NO_SOLUTION, "transfer_kw": end_kw, "place": ""})
    return pd.DataFrame(rows).fillna({"tangent_place": ""})


def _break_of(cases: Cases, breaks: Breaks, k: int) -> dict[str, float | str]:
    """The last transfer that keeps a limit, and the place that breaks it."""
    gauge = cases.gauges[k]
    safe_kw = float(breaks.safe_kw[0, k])
    beyond = cases.at(breaks.broken_kw[:, k])
    reading = cases.read(beyond)[k][0]
    # Without a solution every limit counts as broken: only one that is read to break has a place of its own.
    is_read = bool(np.isfinite(reading).all())
    if not is_read or safe_kw >= breaks.broken_kw[0, -1]:
        return {"transfer_kw": np.nan, "place": ""}
    return {
        "transfer_kw": safe_kw,
        "place": gauge.names[cases.worst_place(k, reading)],
    }


def _tangent_of(
    gauge: Gauge, estimate_kw: FloatArray, end_kw: float
) -> dict[str, float | str]:
    """The place at which the tangent meets the limit first."""
    likely = int(np.argmin(estimate_kw))
    # Beyond the last transfer that has a power flow, a straight line says nothing.
    if estimate_kw[likely] >= end_kw:
        return {"tangent_estimate_kw": np.nan, "tangent_place": ""}
    return {
        "tangent_estimate_kw": float(estimate_kw[likely]),
        "tangent_place": gauge.names[likely],
    }


def _dc(cases: Cases, k: int) -> float:
    """Smallest DC estimate of a gauge; NaN if the DC model does not know it."""
    gauge = cases.gauges[k]
    if not is_loading(gauge) or not cases.network.feeder.single_phase_equivalent:
        return float("nan")
    try:
        return float(dc_estimates(cases, k).min())
    except InputError:
        # a branch without reactance: there is no DC model, and a remark says so
        return float("nan")


def _elements(cases: Cases, ttc_kw: float) -> pd.DataFrame:
    """Every place of every limit: reading before the transfer and at TTC, and its estimate; the tightest first."""
    at_ttc = cases.read(cases.at(np.array([ttc_kw])))
    before = cases.read(cases.base)
    parts = []
    estimates_kw = tangent_estimates(cases)
    for k, gauge in enumerate(cases.gauges):
        end = at_ttc[k][0]
        room = -excess(gauge, end, cases.bounds[k][0])
        columns = {
            "limit": gauge.kind.name,
            "place": gauge.names,
            "unit": gauge.kind.unit,
            "before": before[k][0],
            "at_ttc": end,
            "room_pct": 100 * room / gauge.limit,
            "tangent_estimate_kw": estimates_kw[k],
        }
        parts.append(pd.DataFrame(columns))
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values("room_pct", ignore_index=True)


def _buses(cases: Cases, ttc_kw: float) -> pd.DataFrame:
    """Lowest and highest voltage of each bus before the transfer and at TTC."""
    solution = cases.at(np.array([0.0, ttc_kw]))
    v_pu = cases.points.magnitude_pu(solution.v_pu)
    buses = cases.network.feeder.buses
    points = pd.DataFrame(
        {
            "bus": [buses[k].name for k in cases.points.bus],
            "before_pu": v_pu[0],
            "at_ttc_pu": v_pu[1],
        }
    )
    grouped = points.groupby("bus", sort=False)
    lowest = grouped.min().add_prefix("lowest_")
    highest = grouped.max().add_prefix("highest_")
    return pd.concat([lowest, highest], axis=1).reset_index()


def _curve(cases: Cases, ttc_kw: float) -> pd.DataFrame:
    """Worst reading of each limit over the transfer; NaN where there is no solution."""
    # a TTC of 0 still needs an axis
    end_kw = BEYOND * max(ttc_kw, 1.0)
    transfer_kw = np.linspace(0.0, end_kw, CURVE_POINTS)
    readings = cases.read(cases.at(transfer_kw))
    columns = {"transfer_kw": transfer_kw}
    for gauge, values in zip(cases.gauges, readings, strict=True):
        worst = values.max(axis=1) if gauge.kind.side > 0 else values.min(axis=1)
        columns[gauge.kind.column] = worst
    return pd.DataFrame(columns)
