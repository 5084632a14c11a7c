"""The numbers of a run over time by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tieline.studies.answer import Metric
from tieline.studies.time_series.walk import Walk
from tieline.studies.unjudged import count_unjudged, finite_or_none
from tieline.typing import FloatArray


def make_metrics(walk: Walk, tables: dict[str, pd.DataFrame]) -> dict[str, Metric]:
    """All numbers of a run.

    Energies [kWh]: `load_kwh`, `der_kwh`, `loss_kwh`, `import_kwh` from the source and `export_kwh` into it; `loss_pct` of what
    enters the feeder. Powers [kW]: `peak_kw` of the source with `peak_when`, `lowest_kw`. Voltages: `v_min_pu`, `v_max_pu`, with
    `v_min_at`, `v_min_when` and so on. Loading: `line_pct`, `transformer_pct`, the highest. Controls: `tap_movements`,
    `capacitor_switchings`. Limits: `violation_h`, hours in which any is broken, `voltage_bus_h`, bus-hours beyond a voltage
    limit, and `first_violation`. `places_dead`: voltage points that had no supply in any step. `steps`, and those without an
    answer as `cases_unjudged`.
    """
    records = walk.records
    steps = tables["steps"]
    unsolved = int((~records.is_solved).sum())
    return {
        **_energies(steps, walk.powers.step_h),
        **_peaks(steps),
        **_voltages(walk),
        **_loadings(walk),
        "tap_movements": int(tables["regulators"]["movements"].sum()),
        "capacitor_switchings": int(tables["capacitors"]["switchings"].sum()),
        **_violations(steps, walk.powers.step_h),
        "places_dead": records.n_dead,
        "steps": len(steps),
        **count_unjudged(unsolved, len(steps)),
    }


def _energies(steps: pd.DataFrame, step_h: float) -> dict[str, Metric]:
    source_kw = steps["source_kw"].to_numpy()
    import_kwh = _energy_kwh(np.maximum(source_kw, 0.0), step_h)
    der_kwh = _energy_kwh(steps["der_kw"], step_h)
    loss_kwh = _energy_kwh(steps["loss_kw"], step_h)
    entering_kwh = import_kwh + max(der_kwh, 0.0)
    loss_pct = None
    if entering_kwh > 0:
        loss_pct = 100 * loss_kwh / entering_kwh
    return {
        "load_kwh": _energy_kwh(steps["load_kw"], step_h),
        "der_kwh": der_kwh,
        "import_kwh": import_kwh,
        "export_kwh": _energy_kwh(np.maximum(-source_kw, 0.0), step_h),
        "loss_kwh": loss_kwh,
        "loss_pct": loss_pct,
    }


def _energy_kwh(power_kw: Any, step_h: float) -> float:
    """Energy of the steps that have an answer."""
    return float(np.nansum(power_kw)) * step_h


def _peaks(steps: pd.DataFrame) -> dict[str, Metric]:
    source_kw = steps["source_kw"]
    peak = source_kw.idxmax()
    return {
        "peak_kw": float(source_kw[peak]),
        "peak_when": when(steps["time"][peak]),
        "lowest_kw": float(source_kw.min()),
    }


def when(time: pd.Timestamp) -> str:
    """A time as text."""
    return f"{time:%Y-%m-%d %H:%M}"


def _voltages(walk: Walk) -> dict[str, Metric]:
    records = walk.records
    voltages = records.voltages
    numbers: dict[str, Metric] = {}
    low = int(np.argmin(voltages.lowest))
    high = int(np.argmax(voltages.highest))
    ends = (
        ("v_min", low, voltages.lowest, voltages.step_of_lowest),
        ("v_max", high, voltages.highest, voltages.step_of_highest),
    )
    for name, place, values, step in ends:
        numbers[f"{name}_pu"] = finite_or_none(float(values[place]))
        numbers[f"{name}_at"] = walk.points.names[place]
        numbers[f"{name}_when"] = when(records.times[step[place]])
    return numbers


def _loadings(walk: Walk) -> dict[str, Metric]:
    highest = walk.records.highest_loading_pct
    return {f"{kind}_pct": _highest(values) for kind, values in highest.items()}


def _highest(values: FloatArray) -> float | None:
    """The largest of some numbers; None where none is known."""
    return finite_or_none(float(np.fmax.reduce(values, initial=-np.inf)))


def _violations(steps: pd.DataFrame, step_h: float) -> dict[str, Metric]:
    is_broken = steps["broken_limits"] > 0
    first = None
    if is_broken.any():
        first = when(steps["time"][is_broken.idxmax()])
    return {
        "violation_h": float(is_broken.sum()) * step_h,
        "voltage_bus_h": float(steps["broken_buses"].sum()) * step_h,
        "first_violation": first,
    }
