"""How the voltage of each bus spreads over the deployments: the probabilistic power flow of the study.

Of a bus in a deployment the highest voltage over its phases and steps is looked at. Mean and standard deviation, quartiles and
extremes of every bus are in a table; of the buses that are shown every draw is kept, for their distribution.

Source: M. Al-Saffar, PhD thesis, University of Alberta, 3.3 and figures 3.6 to 3.8.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.studies.hosting_capacity.config import HostingCapacityConfig

SHOWN = 3
"""Buses whose distribution is shown if none are named: the most affected ones."""


def bus_table(
    config: HostingCapacityConfig, feeder: Feeder, rows: pd.DataFrame
) -> pd.DataFrame:
    """One row per level and bus.

    Args:
        config: gives the voltage above which a bus is impacted.
        feeder: gives the names.
        rows: one per level, deployment and bus, sorted by them: highest and lowest voltage over the steps, and `critical`.
    """
    tables = [
        _bus_rows(config, feeder, level_pct, group)
        for level_pct, group in rows.groupby("level_pct", sort=True)
    ]
    if tables:
        return pd.concat(tables, ignore_index=True)
    return _bus_rows(config, feeder, 0.0, rows)


def most_affected(buses: pd.DataFrame, level_pct: float) -> pd.DataFrame:
    """Rows of a level, the bus first at which a limit breaks in most deployments, then the one with the highest voltage."""
    at_level = buses[buses["level_pct"] == level_pct]
    order = ["critical_share", "v_highest_pu"]
    return at_level.sort_values(order, ascending=False, kind="stable")


def voltage_table(
    feeder: Feeder, rows: pd.DataFrame, bus_names: tuple[str, ...]
) -> pd.DataFrame:
    """Every draw of some buses.

    Args:
        feeder: gives the names.
        rows: as in `bus_table`.
        bus_names: names of the buses.

    Returns:
        Columns `level_pct`, `deployment`, `bus`, `v_high_pu`, `v_low_pu`.
    """
    numbers = {
        k: bus.name for k, bus in enumerate(feeder.buses) if bus.name in bus_names
    }
    bus_rows = rows[rows["bus"].isin(list(numbers))]
    named = bus_rows.assign(bus=bus_rows["bus"].map(numbers))
    columns = ["level_pct", "deployment", "bus", "v_high_pu", "v_low_pu"]
    return named[columns].reset_index(drop=True)


def _bus_rows(
    config: HostingCapacityConfig, feeder: Feeder, level_pct: object, rows: pd.DataFrame
) -> pd.DataFrame:
    buses = np.unique(rows["bus"].to_numpy())
    shape = (-1, len(buses))
    # without any row there is no number of draws to be worked out
    if len(buses) == 0:
        shape = (1, 0)
    highest = rows["v_high_pu"].to_numpy(dtype=float).reshape(shape)
    lowest = rows["v_low_pu"].to_numpy(dtype=float).reshape(shape)
    critical = rows["critical"].to_numpy().reshape(shape)
    low, median, high = np.quantile(highest, [0.25, 0.5, 0.75], axis=0)
    is_impacted = highest > config.impacted_above_pu
    columns = {
        "level_pct": level_pct,
        "bus": [feeder.buses[k].name for k in buses],
        "v_min_pu": lowest.min(axis=0),
        "v_mean_pu": highest.mean(axis=0),
        "v_std_pu": _standard_deviation(highest),
        "v_lowest_pu": highest.min(axis=0),
        "v_q25_pu": low,
        "v_median_pu": median,
        "v_q75_pu": high,
        "v_highest_pu": highest.max(axis=0),
        "impacted_share": is_impacted.mean(axis=0),
        "critical_share": critical.mean(axis=0),
    }
    return pd.DataFrame(columns)


def _standard_deviation(draws: np.ndarray) -> np.ndarray:
    """Estimate of the standard deviation of each column; NaN from one draw, which says nothing about a spread."""
    if len(draws) < 2:
        return np.full(draws.shape[1], np.nan)
    return draws.std(axis=0, ddof=1)
