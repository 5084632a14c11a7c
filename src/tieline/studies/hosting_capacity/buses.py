"""The bus table: how the voltage of each bus spreads over the deployments of a level, and how often it is impacted or
critical.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.studies.hosting_capacity.config import HostingCapacityConfig


def bus_table(config: HostingCapacityConfig, feeder: Feeder, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per level and bus.

    Args:
        config: gives the voltage above which a bus is impacted.
        feeder: gives the names.
        rows: one per level, deployment and bus, sorted by them: highest and lowest voltage over the steps, and `critical`.
    """
    tables = [
        _level(config, feeder, level_pct, group)
        for level_pct, group in rows.groupby("level_pct", sort=True)
    ]
    return pd.concat(tables, ignore_index=True) if tables else _level(config, feeder, 0.0, rows)


def _level(
    config: HostingCapacityConfig, feeder: Feeder, level_pct: object, rows: pd.DataFrame
) -> pd.DataFrame:
    buses = np.unique(rows["bus"].to_numpy())
    shape = (-1, max(len(buses), 1))
    highest = rows["v_high_pu"].to_numpy(dtype=float).reshape(shape)
    lowest = rows["v_low_pu"].to_numpy(dtype=float).reshape(shape)
    critical = rows["critical"].to_numpy().reshape(shape)
    low, median, high = (
        np.quantile(highest, [0.25, 0.5, 0.75], axis=0) if len(rows) else np.empty((3, 0))
    )
    return pd.DataFrame(
        {
            "level_pct": level_pct,
            "bus": [feeder.buses[k].name for k in buses],
            "v_min_pu": lowest.min(axis=0) if len(rows) else [],
            "v_lowest_pu": highest.min(axis=0) if len(rows) else [],
            "v_q25_pu": low,
            "v_median_pu": median,
            "v_q75_pu": high,
            "v_highest_pu": highest.max(axis=0) if len(rows) else [],
            "impacted_share": (highest > config.impacted_pu).mean(axis=0) if len(rows) else [],
            "critical_share": critical.mean(axis=0) if len(rows) else [],
        }
    )
