"""The tables of an interval power flow: bounds and drawn ranges of voltages, currents and losses, side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.powerflow.interval.flow import Bounds, IntervalFlow
from tieline.studies.interval.config import IntervalConfig
from tieline.studies.interval.sampling import Hull
from tieline.typing import FloatArray


def make_tables(
    flow: IntervalFlow, hull: Hull, config: IntervalConfig
) -> dict[str, pd.DataFrame]:
    """Tables `voltages`, `currents`, `losses`: a row for each bounded output."""
    return {
        "voltages": _voltages(flow, hull, config),
        "currents": _currents(flow, hull),
        "losses": _columns(flow.loss, hull.loss, "kw"),
    }


def _voltages(flow: IntervalFlow, hull: Hull, config: IntervalConfig) -> pd.DataFrame:
    """One row per voltage point; `state`: ok, may break (the bounds or a solved power flow leave the limits), breaks (the bounds
    lie outside), not bounded.
    """
    feeder = flow.uncertain.network.feeder
    points = flow.points
    buses = [feeder.buses[k].name for k in points.bus]
    places = pd.DataFrame({"point": points.names, "bus": buses})
    columns = _columns(flow.voltage, hull.voltage, "pu")
    table = pd.concat([places, columns], axis=1)
    return table.assign(state=_states(flow.voltage, hull.voltage, config.band_pu))


def _states(
    bounds: Bounds, ranges: FloatArray, band_pu: tuple[float, float]
) -> np.ndarray:
    """What is known of each voltage point against the limits, (point,)."""
    low = bounds.low
    high = bounds.high
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
    terminals = network.terminals
    elements = [network.elements[k] for k in terminals.element[flow.terminals]]
    places = {
        "kind": [kind for kind, _ in elements],
        "name": [name for _, name in elements],
        "node": [network.node_names[k] for k in terminals.node[flow.terminals]],
    }
    columns = _columns(flow.current, hull.current, "a")
    return pd.concat([pd.DataFrame(places), columns], axis=1)


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
