"""Days of one's own: loads, sun and prices from tables; what no table gives is that of the shapes.

    load     a column per load of the feeder, or one called "load" for all, shares of nominal; without it the load shapes of the
             feeder, where it has any
    sun      PV output per rating, at most 1, one sky for all
    price    per MWh

Every local day begins with the stored energy and powers of the configuration.
"""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import numpy as np

from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.days import day_of_shapes
from tieline.envs.microgrids.plant import Plant
from tieline.profiles.clock import steps
from tieline.profiles.config import ProfileConfig
from tieline.profiles.shapes import ShapeSeries, has_load_shapes
from tieline.profiles.table import load_table
from tieline.profiles.use_table import (
    load_pu_from_table,
    series_from_table,
    sun_from_table,
)
from tieline.studies.microgrids.config import MicrogridsConfig


def own_days(plant: Plant, config: MicrogridsConfig) -> dict[int, Day]:
    """Days from tables, by their date as a number, 20250621.

    Raises:
        InputError: if a table cannot be used, or does not cover the days.
    """
    days = {}
    for number in range(config.days):
        date = config.start + timedelta(days=number)
        calendar = ProfileConfig(
            start=date,
            step_minutes=config.step_minutes,
            time_zone=config.time_zone,
        )
        days[int(f"{date:%Y%m%d}")] = _own_day(plant, config, calendar)
    return days


def _own_day(plant: Plant, config: MicrogridsConfig, calendar: ProfileConfig) -> Day:
    times = steps(calendar)
    # on days on which clocks change there are more steps, or fewer
    hour = np.asarray(times.hour + times.minute / 60, dtype=np.float64)
    day = day_of_shapes(plant, config, hour)
    zone = config.time_zone
    changes: dict[str, Any] = {}
    feeder = plant.network.feeder
    devices = plant.network.devices
    if config.load_table is not None:
        load_pu = load_pu_from_table(load_table(config.load_table, zone), feeder, times)
        changes["load_kw"] = load_pu * devices.p_kw[: devices.n_loads]
        changes["load_kvar"] = load_pu * devices.q_kvar[: devices.n_loads]
    elif has_load_shapes(feeder):
        load_kw, load_kvar = ShapeSeries(feeder, times).load_powers()
        changes |= {"load_kw": load_kw, "load_kvar": load_kvar}
    if config.sun_table is not None:
        sun = sun_from_table(config.sun_table, zone, times)
        changes["sun"] = np.tile(sun[:, None], (1, len(plant.pv.names)))
    if config.price_table is not None:
        per_mwh = series_from_table(
            config.price_table, zone, times, may_be_negative=True
        )
        changes["price"] = per_mwh / 1000
    return dataclasses.replace(day, **changes)
