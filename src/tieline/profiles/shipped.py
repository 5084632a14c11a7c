"""Series of a year that come with the grids of SimBench, for the loads and the sun of a study: `simbench:1-LV-rural1--0-sw`.

They are quarter hours of 2016 at German local time. A load has a share of its nominal active power; reactive power, for which
SimBench has a series of its own, follows it here. The sun is the mean of the series of the grid's PV, by rating, or of all PV
series of the package's table where the grid has none.

Source: C. Spalthoff et al., "SimBench: open source time series of power load, storage and generation for the simulation of
electrical distribution grids", ETG Congress 2019.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tieline.errors import InputError
from tieline.feeders.shipped import is_shipped, shipped_net
from tieline.profiles.table_times import read_times

TIME_ZONE = "Europe/Berlin"
"""Of the times in the package."""

TIMES = "%d.%m.%Y %H:%M"

PV = "pv"
"""How the types and series of photovoltaics begin, in lower case."""


def shipped_loads(name: str, time_zone: str | None = None) -> pd.DataFrame:
    """Share of nominal active power of each load of a grid, a column per load, by name.

    Args:
        name: of the grid, as in `load_feeder`.
        time_zone: of the times that are returned; None for that of the package.

    Raises:
        InputError: if there is no such grid, or it has no series.
        MissingExtraError: if the package is not installed.
    """
    from tieline.feeders.pandapower.net import open_net

    raw = _net_with_series(name)
    series = raw.profiles["load"]
    net = open_net(raw, name)
    columns = {}
    for row in net.rows("load"):
        columns[net.element_name("load", row)] = series[f"{row['profile']}_pload"]
    return _with_times(series, columns, time_zone)


def shipped_sun(name: str, time_zone: str | None = None) -> pd.DataFrame:
    """PV output per rating, one column `sun`; arguments and errors as of `shipped_loads`."""
    raw = _net_with_series(name)
    series = raw.profiles["renewables"]
    weights = _pv_weights(raw, series)
    if weights.empty:
        raise InputError(
            f"'{name}' has no PV series. Give a --sun-table, or let the sun be drawn."
        )
    mean = series[weights.index].to_numpy(dtype=float) @ weights.to_numpy()
    return _with_times(series, {"sun": mean / weights.sum()}, time_zone)


def _net_with_series(name: str) -> Any:
    net = shipped_net(name) if is_shipped(name) else None
    if net is None or "profiles" not in net:
        raise InputError(f"'{name}' comes without series. Those of SimBench have some.")
    return net


def _pv_weights(raw: Any, series: pd.DataFrame) -> pd.Series:
    """Rating behind each series of PV [MVA]."""
    is_pv = raw.sgen["type"].astype(str).str.lower().str.startswith(PV)
    rated = raw.sgen[is_pv & raw.sgen["in_service"]]
    if len(rated):
        return rated.groupby("profile")["sn_mva"].sum()
    names = [column for column in series.columns if column.lower().startswith(PV)]
    return pd.Series(1.0, index=names)


def _with_times(
    series: pd.DataFrame, columns: dict[str, Any], time_zone: str | None
) -> pd.DataFrame:
    local = pd.to_datetime(series["time"], format=TIMES)
    times, findings = read_times(local, TIME_ZONE)
    if findings:
        raise InputError(f"Times of the package: {findings[0].message}")
    values = {name: np.asarray(column, dtype=float) for name, column in columns.items()}
    index = times.tz_convert(time_zone or TIME_ZONE).rename("time")
    return pd.DataFrame(values, index=index)
