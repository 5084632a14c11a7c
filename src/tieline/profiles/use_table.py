"""A table of series at the steps of a study, and its columns as the loads of a feeder.

Resampling keeps energy: the table is constant over each of its steps; its running integral is read at the edges of the study's
steps. Longer steps get means, shorter ones the value held, and steps that do not line up their shares of both.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pandas as pd

from tieline.counted import counted
from tieline.errors import InputError, unknown_name_message
from tieline.feeders import Feeder
from tieline.feeders.shipped import is_shipped
from tieline.profiles.shipped import shipped_sun
from tieline.profiles.table import load_table
from tieline.typing import FloatArray

FOR_ALL = ("load", "loads", "all", "total", "feeder")
"""Names of a single column that stands for all loads alike; another one is a load of that name, or a mistake."""


def at_times(table: pd.DataFrame, times: pd.DatetimeIndex) -> FloatArray:
    """Means of every column over the steps that begin at `times` (evenly spaced), (time, column).

    Raises `InputError` if the table does not cover them.
    """
    edges, table_step = _edges_since(times[0], pd.DatetimeIndex(table.index))
    study_edges, study_step = _edges_since(times[0], times)
    # hours are sums of steps: they may differ by rounding
    begins_late = study_edges[0] < edges[0] - 1e-9
    ends_early = study_edges[-1] > edges[-1] + 1e-9
    if begins_late or ends_early:
        raise InputError(
            f"The table covers {table.index[0]} to {_end(table.index)}, but {times[0]} to {_end(times)} is asked for. "
            f"Give a longer table, or ask for days that it covers: its first has the start {table.index[0]:%Y-%m-%d}."
        )
    values = table.to_numpy(dtype=float)
    at_begin = np.zeros(values.shape[1])
    running = np.cumsum(values, axis=0) * table_step
    integral = np.vstack([at_begin, running])
    columns = [np.interp(study_edges, edges, column) for column in integral.T]
    at_edges = np.stack(columns, axis=1)
    in_steps = at_edges[1:] - at_edges[:-1]
    return in_steps / study_step


def series_from_table(
    path: str,
    time_zone: str,
    times: pd.DatetimeIndex,
    *,
    may_be_negative: bool = False,
    highest: float = math.inf,
) -> FloatArray:
    """The one column of a file, as means over the steps that begin at `times`, (time,), in the unit of the file.

    Raises:
        InputError: if the file cannot be read, has another number of columns beside the time, does not cover the steps, or has a
            value below zero that may not be, or above `highest`.
    """
    table = load_table(
        path, time_zone, may_be_negative=may_be_negative, highest=highest
    )
    if len(table.columns) != 1:
        raise InputError(
            f"Table '{path}' has {len(table.columns)} columns beside the time. Give one."
        )
    return at_times(table, times)[:, 0]


def sun_from_table(path: str, time_zone: str, times: pd.DatetimeIndex) -> FloatArray:
    """PV output per rating from the one column of a file, as means over the steps, (time,); raises as `series_from_table`.

    Inverters clip at their rating (`profiles.pv`): what is above 1 is in another unit. The name of a grid that comes with series
    stands for the mean of its PV (`profiles.shipped`).
    """
    if is_shipped(path):
        return at_times(shipped_sun(path, time_zone), times)[:, 0]
    return series_from_table(path, time_zone, times, highest=1.0)


def load_pu_from_table(
    table: pd.DataFrame,
    feeder: Feeder,
    times: pd.DatetimeIndex,
    unit: Literal["pu", "kw"] = "pu",
) -> FloatArray:
    """Loads of a feeder from a table.

    Args:
        table: a column per load, by name, or a single one called as in `FOR_ALL` for all loads alike.
        feeder: gives the order and the nominal power of the loads.
        times: start of each step, (time,).
        unit: "pu", shares of nominal power; "kw", power of each load, or of the whole feeder if there is a single column.

    Returns:
        Share of each load's nominal power, (time, load).

    Raises:
        InputError: if a load has no column, a column no load, the table is too short, or kW are given for a load of 0 kW.
    """
    names = [load.name for load in feeder.loads]
    nominal_kw = np.array([load.p_kw for load in feeder.loads])
    values = at_times(table, times)
    columns = list(table.columns)
    # a single column of a load's name is that load's, also where the feeder has no other
    if len(columns) == 1 and columns[0] in FOR_ALL and columns[0] not in names:
        total_kw = nominal_kw.sum()
        _refuse_zero(["all loads together"], np.array([total_kw]), unit)
        share = values
        if unit == "kw":
            share = values / total_kw
        return np.repeat(share, len(names), axis=1)
    _check_columns(columns, names)
    _refuse_zero(names, nominal_kw, unit)
    places = [columns.index(name) for name in names]
    ordered = values[:, places]
    if unit == "kw":
        return ordered / nominal_kw
    return ordered


def _edges_since(
    origin: pd.Timestamp, times: pd.DatetimeIndex
) -> tuple[FloatArray, float]:
    """Hours after the origin at which each step begins and the last one ends, and the length of a step [h]."""
    since_origin = (times - origin) / pd.Timedelta(hours=1)
    hours = np.asarray(since_origin, dtype=float)
    step_h = float(hours[1] - hours[0])
    end_h = hours[-1] + step_h
    return np.r_[hours, end_h], step_h


def _end(times: pd.Index) -> pd.Timestamp:
    return times[-1] + (times[1] - times[0])


def _check_columns(columns: list[str], names: list[str]) -> None:
    missing = [name for name in names if name not in columns]
    unknown = [name for name in columns if name not in names]
    says = [unknown_name_message("load", name, names) for name in unknown[:3]]
    if missing:
        count = counted(len(missing), "load")
        says.append(
            f"{count} without a column, such as '{missing[0]}'. Add them, or give a single column '{FOR_ALL[0]}' for all."
        )
    if says:
        raise InputError(
            "The columns of the table do not fit the feeder's loads. " + " ".join(says)
        )


def _refuse_zero(names: list[str], nominal_kw: FloatArray, unit: str) -> None:
    zero = [name for name, kw in zip(names, nominal_kw, strict=True) if kw == 0]
    if unit == "kw" and zero:
        raise InputError(
            f"Loads of 0 kW have no share of it: {', '.join(zero[:3])}. Give the table in shares (unit 'pu')."
        )
