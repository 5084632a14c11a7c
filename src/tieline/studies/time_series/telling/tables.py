"""The tables of the run folder.

steps         every step: powers, loss, extremes, highest loadings, what is broken
voltages      every voltage point: lowest, mean, highest, and when
loadings      every line and transformer with a rating: mean, highest, and when
violations    every place that breaks a limit: hours, worst and when, first time
regulators    every regulator: taps moved, steps with a move, lowest, mean and highest tap
capacitors    every switched bank: switchings, mean of the steps in
positions     taps and steps in at the end of every step
days          energies and extremes of every day
storages      stored energy at the end of every step; where the feeder has storages
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.studies.time_series.records import Breaks, Records
from tieline.studies.time_series.walk import Walk
from tieline.typing import FloatArray, IntArray


def make_tables(walk: Walk) -> dict[str, pd.DataFrame]:
    """All tables by name."""
    steps = _steps(walk)
    tables = {
        "steps": steps,
        "voltages": _voltages(walk),
        "loadings": _loadings(walk),
        "violations": _violations(walk),
        "regulators": _regulators(walk),
        "capacitors": _capacitors(walk),
        "positions": _positions(walk),
        "days": _days(steps, walk.powers.step_h),
    }
    storages = walk.network.feeder.storages
    if storages:
        names = [f"{storage.name}_kwh" for storage in storages]
        stored = pd.DataFrame(walk.powers.stored_kwh, columns=names)
        stored.insert(0, "time", walk.records.times)
        tables["storages"] = stored
    return tables


def _steps(walk: Walk) -> pd.DataFrame:
    records = walk.records
    steps = records.totals
    steps.insert(0, "time", records.times)
    for kind, highest in records.highest_loading_pct.items():
        steps[f"{kind}_pct"] = highest
    places = [breaks.places for breaks in records.breaks]
    steps["broken_limits"] = np.sum(places, axis=0)
    steps["broken_buses"] = records.broken_buses
    return steps


def _voltages(walk: Walk) -> pd.DataFrame:
    records = walk.records
    voltages = records.voltages
    buses = walk.network.feeder.buses
    table = pd.DataFrame(
        {
            "point": walk.points.names,
            "bus": [buses[k].name for k in walk.points.bus],
            "v_min_pu": voltages.lowest,
            "v_mean_pu": voltages.mean,
            "v_max_pu": voltages.highest,
            "when_lowest": _when(records, voltages.step_of_lowest),
            "when_highest": _when(records, voltages.step_of_highest),
        }
    )
    # a point that never has voltage has no extremes
    return table[voltages.is_known].reset_index(drop=True)


def _loadings(walk: Walk) -> pd.DataFrame:
    records = walk.records
    loadings = records.loadings
    table = pd.DataFrame(
        {
            "kind": [kind for kind, _ in walk.network.elements],
            "name": [name for _, name in walk.network.elements],
            "mean_pct": loadings.mean,
            "highest_pct": loadings.highest,
            "when_highest": _when(records, loadings.step_of_highest),
        }
    )
    rated = table[loadings.is_known]
    return rated.sort_values("highest_pct", ascending=False, ignore_index=True)


def _when(records: Records, steps: IntArray) -> pd.Index:
    """Local times of some steps, as text."""
    return records.times[steps].strftime("%Y-%m-%d %H:%M")


def _violations(walk: Walk) -> pd.DataFrame:
    records = walk.records
    step_h = walk.powers.step_h
    parts = [_breaking_places(breaks, records, step_h) for breaks in records.breaks]
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values("hours", ascending=False, kind="stable", ignore_index=True)


def _breaking_places(breaks: Breaks, records: Records, step_h: float) -> pd.DataFrame:
    """The places at which one limit breaks."""
    kind = breaks.gauge.kind
    extremes = breaks.extremes
    worst, step_of_worst = extremes.highest, extremes.step_of_highest
    if kind.side < 0:
        worst, step_of_worst = extremes.lowest, extremes.step_of_lowest
    table = pd.DataFrame(
        {
            "limit": kind.name,
            "place": list(breaks.gauge.names),
            "hours": breaks.steps * step_h,
            "worst": worst,
            "allowed": breaks.gauge.limit,
            "unit": kind.unit,
            "when_worst": _when(records, step_of_worst),
            "when_first": _when(records, breaks.first_step),
        }
    )
    return table[breaks.steps > 0]


def _moves(first: IntArray | FloatArray, ends: IntArray | FloatArray) -> FloatArray:
    """How far each position moves in each step, (step, position); `first` (1, position) before the first one."""
    return np.abs(np.diff(np.vstack([first, ends]), axis=0)).astype(float)


def _regulators(walk: Walk) -> pd.DataFrame:
    taps = walk.records.taps
    moves = _moves(walk.first.taps, taps)
    return pd.DataFrame(
        {
            "regulator": [unit.name for unit in walk.network.feeder.regulators],
            "movements": moves.sum(axis=0).astype(int),
            "steps_with_a_move": (moves > 0).sum(axis=0),
            "lowest_tap": taps.min(axis=0),
            "mean_tap": taps.mean(axis=0),
            "highest_tap": taps.max(axis=0),
        }
    )


def _capacitors(walk: Walk) -> pd.DataFrame:
    feeder = walk.network.feeder
    steps_in = walk.records.steps_in
    moves = _moves(walk.first.steps_in, steps_in)
    table = pd.DataFrame(
        {
            "capacitor": [bank.name for bank in feeder.capacitors],
            "switchings": moves.sum(axis=0).astype(int),
            "mean_steps_in": steps_in.mean(axis=0),
            "steps": [bank.steps for bank in feeder.capacitors],
        }
    )
    controlled = {control.capacitor for control in feeder.capacitor_controls}
    # one that a clock switches has no control here, but moves
    is_switched = table["capacitor"].isin(controlled) | (table["switchings"] > 0)
    return table[is_switched].reset_index(drop=True)


def _positions(walk: Walk) -> pd.DataFrame:
    feeder = walk.network.feeder
    taps = {
        f"{unit.name}_tap": walk.records.taps[:, k]
        for k, unit in enumerate(feeder.regulators)
    }
    banks = {
        f"{bank.name}_steps": walk.records.steps_in[:, k]
        for k, bank in enumerate(feeder.capacitors)
    }
    return pd.DataFrame({"time": walk.records.times, **taps, **banks})


def _days(steps: pd.DataFrame, step_h: float) -> pd.DataFrame:
    by_day = steps.groupby(steps["time"].dt.strftime("%Y-%m-%d"), sort=False)
    powers = ("load_kw", "der_kw", "source_kw", "loss_kw")
    energies = {f"{name}h": by_day[name].sum() * step_h for name in powers}
    return pd.DataFrame(
        {
            **energies,
            "peak_kw": by_day["source_kw"].max(),
            "v_min_pu": by_day["v_min_pu"].min(),
            "v_max_pu": by_day["v_max_pu"].max(),
            "broken_h": by_day["broken_limits"].agg(lambda n: (n > 0).sum()) * step_h,
        }
    ).reset_index(names="day")
