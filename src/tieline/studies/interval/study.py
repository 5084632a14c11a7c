"""Interval power flow of a feeder: bounds by Taylor inclusion, and beside them what Monte-Carlo draws reach.

The bounds themselves, what they hold and what not, stand in `powerflow.interval`.

Source: M. Al-Saffar, PhD thesis, University of Alberta, 2.2.3.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.errors import NotConvergedError
from tieline.feeders import Feeder
from tieline.network import Network
from tieline.powerflow.interval.flow import Bounds, IntervalFlow, interval_power_flow
from tieline.studies.answer import Answer, Metric, Tell
from tieline.studies.interval.config import IntervalConfig
from tieline.studies.interval.sampling import Hull, sampled_hull
from tieline.studies.load_model import tell_load_model
from tieline.studies.unjudged import count_unjudged, finite_or_none
from tieline.typing import FloatArray

FIXED_PU = 1e-9
"""Width up to which a voltage counts as fixed [pu]: below what a power flow is solved to."""


def answer(feeder: Feeder, config: IntervalConfig, tell: Tell) -> Answer:
    """Answer one interval question.

    Args:
        feeder: of which.
        config: the question.
        tell: is told draws done and draws in all.

    Returns:
        Metrics `v_low_pu`, `v_low_at`, `v_high_pu`, `v_high_at`, `loss_low_kw`, `loss_centre_kw`, `loss_high_kw`,
        `width_ratio_<family>` (bounds over Monte-Carlo hull, of the sums of all widths), `attained_share_<family>` (how much of
        the bounds AC solutions attain), `remainder_max_pu`, `draws`, `draws_outside`, `draws_not_converged`, `not_bounded`,
        `may_break`, `must_break`, `uncertain_powers`, `cases_unjudged` (voltages without bounds), `unjudged_pct`; tables
        `voltages`, `currents`, `losses`. Families: voltage, current, loss. The lowest and highest voltage are None where a
        voltage has no bounds.

    Raises:
        InputError, FeederError: if the configuration cannot be used on the feeder.
        NotConvergedError: if the centre has no power-flow solution, or no voltage that moves has bounds.
    """
    network = Network.from_feeder(feeder)
    flow = interval_power_flow(
        network,
        load_pct=config.spread_pct,
        der_pct=config.der_spread_pct,
        order=config.order,
        load_scale=config.load_pct / 100,
        controls="off" if config.controls == "off" else "feeder",
        load_model=config.load_model,
    )
    _require_bounds(flow, config)
    hull = sampled_hull(flow, config.draws, config.seed, tell)
    tables = {
        "voltages": _voltages(flow, hull, config),
        "currents": _currents(flow, hull),
        "losses": _columns(flow.loss, hull.loss, "kw"),
    }
    metrics = _metrics(flow, hull, tables, config)
    loads = tell_load_model(flow.uncertain.centre, config.load_model, "At the centre")
    return Answer(metrics, tables, [*_remarks(flow, metrics), *loads])


def _require_bounds(flow: IntervalFlow, config: IntervalConfig) -> None:
    """Refuse to conclude from voltages that nothing moves, such as that of the source.

    Raises:
        NotConvergedError: if no other has bounds.
    """
    moves = np.nan_to_num(flow.voltage.width, nan=0.0) > FIXED_PU
    missing = int(np.isnan(flow.voltage.width).sum())
    if not missing or moves.any():
        return
    most_pct = config.load_pct * (1 + config.spread_pct / 100)
    raise NotConvergedError(
        f"Nothing could be judged: none of the {missing} voltages of feeder '{flow.uncertain.network.feeder.name}' that move has "
        f"bounds. Where all powers are at their worst, loads at up to {most_pct:g} % of nominal, the power flow has no solution. "
        "Lower the spread (--spread-pct) or the load level (--load-pct)."
    )


def _voltages(flow: IntervalFlow, hull: Hull, config: IntervalConfig) -> pd.DataFrame:
    """One row per voltage point; `state`: ok, may break (the bounds or a solved power flow leave the limits), breaks (the bounds
    lie outside), not bounded.
    """
    feeder = flow.uncertain.network.feeder
    buses = [feeder.buses[k].name for k in flow.points.bus]
    places = pd.DataFrame({"point": flow.points.names, "bus": buses})
    columns = _columns(flow.voltage, hull.voltage, "pu")
    table = pd.concat([places, columns], axis=1)
    return table.assign(state=_states(flow.voltage, hull.voltage, config.band_pu))


def _states(
    bounds: Bounds, ranges: FloatArray, band_pu: tuple[float, float]
) -> np.ndarray:
    """What is known of each voltage point against the limits, (point,)."""
    low, high = bounds.low, bounds.high
    lowest_pu, highest_pu = band_pu
    breaks = (high < lowest_pu) | (low > highest_pu)
    holds = (low >= lowest_pu) & (high <= highest_pu)
    is_unknown = ~np.isfinite(low) | ~np.isfinite(high)
    # A solved power flow that leaves the limits says that they may break, whether there are bounds or not.
    solved_low = np.fmin(bounds.centre, ranges[0])
    solved_high = np.fmax(bounds.centre, ranges[1])
    leaves = (solved_low < lowest_pu) | (solved_high > highest_pu)
    # Comparisons with NaN are false: a point without bounds neither breaks nor holds, and may break only as solved.
    conditions = [is_unknown & ~leaves, breaks, holds]
    return np.select(conditions, ["not bounded", "breaks", "ok"], "may break")


def _currents(flow: IntervalFlow, hull: Hull) -> pd.DataFrame:
    """One row per conductor at the first end of a line or transformer."""
    network = flow.uncertain.network
    elements = [network.elements[k] for k in network.terminals.element[flow.terminals]]
    places = pd.DataFrame(
        {
            "kind": [kind for kind, _ in elements],
            "name": [name for _, name in elements],
            "node": [
                network.node_names[k] for k in network.terminals.node[flow.terminals]
            ],
        }
    )
    return pd.concat([places, _columns(flow.current, hull.current, "a")], axis=1)


def _columns(bounds: Bounds, hull: FloatArray, unit: str) -> pd.DataFrame:
    """The bounds and the hull of one family side by side."""
    columns = {
        "low": bounds.low,
        "centre": bounds.centre,
        "high": bounds.high,
        "attained_low": bounds.attained_low,
        "attained_high": bounds.attained_high,
        "drawn_low": hull[0],
        "drawn_high": hull[1],
        "remainder": bounds.remainder,
    }
    return pd.DataFrame({f"{name}_{unit}": values for name, values in columns.items()})


def _metrics(
    flow: IntervalFlow,
    hull: Hull,
    tables: dict[str, pd.DataFrame],
    config: IntervalConfig,
) -> dict[str, Metric]:
    voltages = tables["voltages"]
    bounded = voltages.dropna(subset=["low_pu", "high_pu"])
    metrics: dict[str, Metric] = {
        "v_low_pu": None,
        "v_low_at": "",
        "v_high_pu": None,
        "v_high_at": "",
    }
    # Where one voltage has no bounds, it may be the lowest or the highest.
    if len(bounded) == len(voltages):
        metrics |= _extreme(bounded, "low", int(bounded["low_pu"].to_numpy().argmin()))
        metrics |= _extreme(
            bounded, "high", int(bounded["high_pu"].to_numpy().argmax())
        )
    metrics["loss_low_kw"] = finite_or_none(flow.loss.low[0])
    metrics["loss_centre_kw"] = finite_or_none(flow.loss.centre[0])
    metrics["loss_high_kw"] = finite_or_none(flow.loss.high[0])
    return (
        metrics
        | _tightness(flow, hull)
        | {
            "remainder_max_pu": float(np.nanmax(flow.voltage.remainder))
            if len(bounded)
            else None,
            "draws": config.draws,
            "draws_outside": hull.outside,
            "draws_not_converged": hull.not_converged,
            "not_bounded": len(voltages) - len(bounded),
            "may_break": int((voltages["state"] == "may break").sum()),
            "must_break": int((voltages["state"] == "breaks").sum()),
            "uncertain_powers": flow.uncertain.n_variables,
            **count_unjudged(len(voltages) - len(bounded), len(voltages)),
        }
    )


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


def _remarks(flow: IntervalFlow, metrics: dict[str, Metric]) -> list[str]:
    remarks = [
        "The bounds are a Taylor inclusion: the expansion never leaves them, and what it leaves out is estimated by AC power "
        "flows at its extremes, not proved."
    ]
    network = flow.uncertain.network
    if network.feeder.has_controls:
        remarks.append(
            "Regulators and capacitors stay where they are at the centre over the whole interval."
        )
    if metrics["draws_outside"]:
        remarks.append(
            f"{metrics['draws_outside']} of {metrics['draws']} draws leave the bounds. Lower the spread."
        )
    if metrics["not_bounded"]:
        remarks.append(
            f"{metrics['not_bounded']} voltages have no bounds: within the spread the feeder can be loaded beyond what it can "
            "carry. So the lowest and the highest voltage are not known, and those that break are at least the ones counted. "
            "Lower the spread or the load level."
        )
    if metrics["draws_not_converged"]:
        remarks.append(
            f"{metrics['draws_not_converged']} of {metrics['draws']} draws have no power-flow solution: bounds and drawn ranges "
            "are those of the draws that have one."
        )
    return remarks
