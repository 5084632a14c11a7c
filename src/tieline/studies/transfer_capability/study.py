"""Available transfer capability: how much more power can be sent between two sets of buses.

    TTC = smaller of the thermal limit and the voltage limit,      ATC = TTC - TRM - CBM

The transfer grows from the base case (AC continuation by `search`) until a limit breaks. TRM is a fraction of TTC, or what TTC
loses when load and PV are uncertain: TTC less the quantile that all but (1 - confidence) of the draws exceed. Stability is left
out; where the power flow has no solution before any limit breaks, that is where TTC ends.

Source: M. Al-Saffar, PhD thesis, University of Alberta, 2.2.2.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.errors import InfeasibleBaseError, InputError
from tieline.feeders import Feeder
from tieline.powerflow import Solution
from tieline.studies.answer import Answer, Metric, Tell
from tieline.studies.gauges import tell_unrated
from tieline.studies.line_ratings import with_line_ratings
from tieline.studies.load_model import tell_load_model
from tieline.studies.transfer_capability.cases import (
    Cases,
    excess_of,
    make_cases,
    worst_place,
)
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.studies.transfer_capability.estimate import (
    dc_estimates,
    is_loading,
    tangent_estimates,
)
from tieline.studies.transfer_capability.search import Breaks, first_breaks
from tieline.studies.transfer_capability.transfer import make_transfer
from tieline.studies.unjudged import count_unjudged, why_unsolved
from tieline.typing import BoolArray, FloatArray, IntArray

NO_SOLUTION = "no-solution"
"""Name of the limit beyond which the power flow has no solution."""

CURVE_POINTS = 41
BEYOND = 1.25
"""The curve of the report goes this far beyond TTC."""


def answer(feeder: Feeder, config: TransferCapabilityConfig, tell: Tell) -> Answer:
    """Answer one transfer-capability question.

    Args:
        feeder: on which.
        config: the question.
        tell: is told steps done and steps in all.

    Returns:
        Metrics `atc_kw`, `ttc_kw`, `trm_kw`, `cbm_kw`, `binding_limit`, `binding_at`, `thermal_limit_kw`, `voltage_limit_kw` and
        `no_solution_kw` (where each alone would end the transfer; None for a limit that does not break before), and
        `tangent_estimate_kw`, `dc_estimate_kw` (None where there is none), `cases_unjudged` (draws without a solution before any
        transfer), `unjudged_pct`; tables `limits`, `elements`, `buses`, `curve`,
        `draws`.

    Raises:
        InputError, FeederError: if the configuration cannot be used on the feeder.
        NotConvergedError: if the feeder has no solution before the transfer.
        InfeasibleBaseError: if a limit is broken before the transfer.
    """
    rated = with_line_ratings(feeder, config.line_rating_a)
    transfer = make_transfer(rated, config)
    cases = make_cases(transfer, config)
    _check_gauges(cases)
    _check_base(cases)
    # Of the size of many answers; doubling from there finds the others in a few rounds.
    start_kw = max(rated.peak_load_kw, 1.0) / 4
    tell(0, 2, "where limits break")
    breaks = first_breaks(cases.broken, 1, start_kw, config.resolution_kw)
    tell(1, 2, "the margin")
    limits = _limits(cases, breaks)
    ttc_kw = float(breaks.safe_kw[0].min())
    drawn_kw = np.empty(0)
    unsolved = 0
    if config.trm == "monte-carlo":
        drawn_kw, unsolved = _drawn_ttc(cases, config, start_kw)
    trm_kw = _margin(ttc_kw, drawn_kw, config)
    tell(2, 2, "done")
    tables = {
        "limits": limits,
        "elements": _elements(cases, ttc_kw),
        "buses": _buses(cases, ttc_kw),
        "curve": _curve(cases, ttc_kw),
        "draws": pd.DataFrame({"ttc_kw": drawn_kw}),
    }
    metrics = _metrics(limits, ttc_kw, trm_kw, config) | count_unjudged(
        unsolved, len(drawn_kw)
    )
    at_end = cases.solve(
        np.zeros(1, dtype=np.int64),
        breaks.broken_kw[:, -1],
    )
    at_ttc = cases.solve(
        np.zeros(1, dtype=np.int64),
        np.array([ttc_kw]),
    )
    loads = tell_load_model(at_ttc, config.load_model, "At TTC")
    return Answer(
        metrics,
        tables,
        [*_remarks(cases, metrics, config, at_end), *loads],
    )


def _check_gauges(cases: Cases) -> None:
    if not cases.gauges:
        raise InputError(
            f"No limit can break on feeder '{cases.network.feeder.name}': no voltage limit is on and no line or transformer "
            "has a rating. Give --line-rating-a, or a voltage limit."
        )


def _check_base(cases: Cases) -> None:
    """Every limit must hold before the transfer."""
    for gauge, values in zip(cases.gauges, cases.read(cases.base), strict=True):
        if excess_of(gauge, values)[0] > 0:
            worst = worst_place(gauge, values[0])
            raise InfeasibleBaseError(
                f"Feeder '{cases.network.feeder.name}' breaks a limit before any transfer: {gauge.kind.words} at "
                f"{gauge.names[worst]}, {values[0, worst]:.4g} {gauge.kind.unit} against {gauge.limit:g}. Lower the load "
                "(--load-pct) or widen the limit."
            )


def _drawn_ttc(
    cases: Cases, config: TransferCapabilityConfig, start_kw: float
) -> tuple[FloatArray, int]:
    """TTC of every draw, (draw,) [kW]; 0 where a limit is broken before the transfer or there is no solution. And how many draws
    have none.
    """
    draws = cases.with_draws(config)
    no_solution = draws.broken(np.arange(config.draws), np.zeros(config.draws))[:, -1]

    # The TTC of a draw ends at whatever breaks first: one bracket a draw instead of one a limit.
    def any_broken(case: IntArray, transfer_kw: FloatArray) -> BoolArray:
        return np.any(draws.broken(case, transfer_kw), axis=1, keepdims=True)

    breaks = first_breaks(any_broken, config.draws, start_kw, config.resolution_kw)
    return breaks.safe_kw[:, 0], int(no_solution.sum())


def _margin(
    ttc_kw: float, drawn_kw: FloatArray, config: TransferCapabilityConfig
) -> float:
    if config.trm == "fraction":
        return ttc_kw * config.trm_pct / 100
    quantile_kw = float(np.quantile(drawn_kw, 1 - config.confidence_pct / 100))
    # draws may all lie above the TTC of the base case; a margin does not add to what is available
    return max(0.0, ttc_kw - quantile_kw)


def _limits(cases: Cases, breaks: Breaks) -> pd.DataFrame:
    """One row per limit: where it breaks, at which place, and the estimates; NaN where it does not break before the power flow
    ends, whose row is last.
    """
    end_kw = breaks.broken_kw[0, -1]
    rows = []
    estimates_kw = tangent_estimates(cases)
    for k, gauge in enumerate(cases.gauges):
        beyond = cases.solve(
            np.zeros(1, dtype=np.int64),
            breaks.broken_kw[:, k],
        )
        broken = cases.read(beyond)[k][0]
        # Without a solution every limit counts as broken: only one that is read to break has a place of its own.
        breaks_itself = (
            bool(np.isfinite(broken).all()) and breaks.safe_kw[0, k] < end_kw
        )
        estimate_kw = estimates_kw[k]
        likely = int(np.argmin(estimate_kw))
        # Beyond the last transfer that has a power flow, a straight line says nothing.
        meets = estimate_kw[likely] < end_kw
        rows.append(
            {
                "limit": gauge.kind.name,
                "number": gauge.limit,
                "transfer_kw": breaks.safe_kw[0, k] if breaks_itself else np.nan,
                "place": gauge.names[worst_place(gauge, broken)]
                if breaks_itself
                else "",
                "tangent_estimate_kw": estimate_kw[likely] if meets else np.nan,
                "tangent_place": gauge.names[likely] if meets else "",
                "dc_estimate_kw": _dc(cases, k),
            }
        )
    rows.append(
        {"limit": NO_SOLUTION, "transfer_kw": breaks.safe_kw[0, -1], "place": ""}
    )
    return pd.DataFrame(rows).fillna({"tangent_place": ""})


def _dc(cases: Cases, k: int) -> float:
    """Smallest DC estimate of a gauge; NaN if the DC model does not know it."""
    gauge = cases.gauges[k]
    if not is_loading(gauge) or not cases.network.feeder.single_phase_equivalent:
        return float("nan")
    try:
        return float(dc_estimates(cases, gauge).min())
    except InputError:
        # a branch without reactance: there is no DC model, and a remark says so
        return float("nan")


def _elements(cases: Cases, ttc_kw: float) -> pd.DataFrame:
    """Every place of every limit: reading before the transfer and at TTC, and its estimate; the tightest first."""
    at_ttc = cases.read(cases.solve(np.zeros(1, dtype=np.int64), np.array([ttc_kw])))
    before = cases.read(cases.base)
    parts = []
    estimates_kw = tangent_estimates(cases)
    for k, gauge in enumerate(cases.gauges):
        end = at_ttc[k][0]
        columns = {
            "limit": gauge.kind.name,
            "place": gauge.names,
            "unit": gauge.kind.unit,
            "before": before[k][0],
            "at_ttc": end,
            "room_pct": 100 * gauge.kind.side * (gauge.limit - end) / gauge.limit,
            "tangent_estimate_kw": estimates_kw[k],
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True).sort_values(
        "room_pct", ignore_index=True
    )


def _buses(cases: Cases, ttc_kw: float) -> pd.DataFrame:
    """Lowest and highest voltage of each bus before the transfer and at TTC."""
    case = np.zeros(2, dtype=np.int64)
    v_pu = cases.points.magnitude_pu(cases.solve(case, np.array([0.0, ttc_kw])).v_pu)
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
    solution = cases.solve(np.zeros(CURVE_POINTS, dtype=np.int64), transfer_kw)
    readings = cases.read(solution)
    columns = {"transfer_kw": transfer_kw}
    for gauge, values in zip(cases.gauges, readings, strict=True):
        worst = values.max(axis=1) if gauge.kind.side > 0 else values.min(axis=1)
        columns[gauge.kind.column] = worst
    return pd.DataFrame(columns)


def _metrics(
    limits: pd.DataFrame, ttc_kw: float, trm_kw: float, config: TransferCapabilityConfig
) -> dict[str, Metric]:
    by_name = limits.set_index("limit")
    binding = str(by_name["transfer_kw"].idxmin())
    is_thermal = limits["limit"].str.endswith("-loading")
    is_voltage = limits["limit"].str.startswith("voltage-")
    return {
        "atc_kw": ttc_kw - trm_kw - config.cbm_kw,
        "ttc_kw": ttc_kw,
        "trm_kw": trm_kw,
        "cbm_kw": config.cbm_kw,
        "binding_limit": binding,
        "binding_at": str(by_name["place"][binding]),
        "thermal_limit_kw": _smallest(limits.loc[is_thermal, "transfer_kw"]),
        "voltage_limit_kw": _smallest(limits.loc[is_voltage, "transfer_kw"]),
        "no_solution_kw": float(by_name["transfer_kw"][NO_SOLUTION]),
        "tangent_estimate_kw": _smallest(limits["tangent_estimate_kw"]),
        "dc_estimate_kw": _smallest(limits["dc_estimate_kw"]),
    }


def _smallest(column: pd.Series) -> float | None:
    finite = column[np.isfinite(column.astype(float))]
    return float(finite.min()) if len(finite) else None


def _remarks(
    cases: Cases,
    metrics: dict[str, Metric],
    config: TransferCapabilityConfig,
    at_end: Solution,
) -> list[str]:
    """What a reader must know; `at_end` is the first transfer without a power-flow solution."""
    remarks = [
        "TTC is the smaller of the thermal and the voltage limit of steady state; stability limits are left out."
    ]
    missing = [tell_unrated(cases.network, gauge) for gauge in cases.gauges]
    remarks += [
        f"{elements} have no rating and limit nothing."
        for elements in missing
        if elements
    ]
    has_lines = any(gauge.kind.name == "line-loading" for gauge in cases.gauges)
    if (
        config.limit_numbers.line_pct is not None
        and not has_lines
        and cases.network.feeder.lines
    ):
        remarks.append(
            "No line has a rating: line loading limits nothing. Give --line-rating-a to rate them all."
        )
    if metrics["binding_limit"] == NO_SOLUTION:
        why = why_unsolved(int(at_end.outcome[0]))
        remarks.append(
            f"No limit is known to break: TTC ends where the power flow {why}."
        )
    if config.trm == "monte-carlo":
        remarks.append(
            "Load and DER draws are uniform and independent of each other; regulators are treated as configured."
        )
    if metrics["cases_unjudged"]:
        remarks.append(
            f"{metrics['cases_unjudged']} of {config.draws} draws have no power-flow solution before any transfer and were not "
            "judged: their TTC counts as 0, which can only widen the margin."
        )
    if float(metrics["atc_kw"] or 0.0) <= 0:  # type: ignore[arg-type]
        remarks.append(
            "The margins use up the whole transfer capability: nothing is available."
        )
    return remarks
