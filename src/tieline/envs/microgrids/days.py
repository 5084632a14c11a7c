"""Days: that of the shapes, and days drawn around it.

load       shape x (1 + e),   e autoregressive, of spread `load_noise`, cut at twice that; one path for each microgrid and one
           for the feeder's own loads
sun        shape x clear-sky index of `profiles.clouds`, at most rated; one sky for all
"""

from __future__ import annotations

import dataclasses

import numpy as np

from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.shapes import (
    feeder_share,
    microgrid_share,
    price_at,
    sun_share,
)
from tieline.profiles.clouds import draw_clear_sky_index
from tieline.profiles.noise import child, correlation, remember
from tieline.typing import FloatArray

LOAD_MEMORY_H = 2.0
"""After which the deviation of a load is mostly forgotten; tieline's own planning assumption [h]."""

CUT = 2.0
"""Deviations are cut at so many spreads: a limit that holds 5 % more load is not asked to hold 20 %."""

LOAD = 0
SUN = 1
"""Places of the topics in the tree of seeds: another sky leaves the loads as they were."""


def day_of_shapes(
    plant: Plant, config: MicrogridsWorldConfig, hours: FloatArray | None = None
) -> Day:
    """The day without noise, or the steps of it that are read at some hours.

    Args:
        plant: whose loads, in the order of the feeder.
        config: shapes, tariff and what stands at the start.
        hours: at which steps are read, (step,) [h]; None takes the beginning of every step of 24 hours.
    """
    hour = _hours_of_day(config.step_h) if hours is None else hours
    shares = [feeder_share(hour)]
    for k in range(len(plant.microgrids)):
        shape = config.load_shapes[k % len(config.load_shapes)]
        shares.append(microgrid_share(shape, hour))
    sun = np.tile(sun_share(hour)[:, None], (1, len(plant.pv.names)))
    load_kw, load_kvar = loads_at(plant, np.column_stack(shares))
    return Day(
        hour=hour,
        step_h=config.step_h,
        price=price_at(config, hour),
        load_kw=load_kw,
        load_kvar=load_kvar,
        sun=sun,
        stored_kwh=_stored_at_start(plant, config.stored_start_share),
        # a small set ran at most at what it can give
        last_kw=np.minimum(config.last_kw, plant.generators.p_max_kw),
    )


def _hours_of_day(step_h: float) -> FloatArray:
    n_steps = round(24 / step_h)
    return np.asarray(np.arange(n_steps) * step_h, dtype=np.float64)


def drawn_day(plant: Plant, config: MicrogridsWorldConfig, seed: int) -> Day:
    """The day with noise; the same seed gives the same day."""
    day = day_of_shapes(plant, config)
    n_steps = len(day.hour)
    n_groups = 1 + len(plant.microgrids)
    # a stream each: a change in how one is drawn leaves the other as it was
    random = child(seed, LOAD)
    rho = correlation(day.step_h, LOAD_MEMORY_H)
    path = remember(random.standard_normal((n_steps, n_groups)), rho)
    factor = 1 + config.load_noise * np.clip(path, -CUT, CUT)
    of_load = factor[:, group_of_load(plant)]
    index = draw_clear_sky_index(
        child(seed, SUN), config.cloudiness, n_steps, day.step_h
    )
    return dataclasses.replace(
        day,
        load_kw=day.load_kw * of_load,
        load_kvar=day.load_kvar * of_load,
        sun=np.minimum(day.sun * index[:, None], 1.0),
    )


def loads_at(plant: Plant, shares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """P and Q of all loads, (step, load) each.

    Args:
        plant: whose loads.
        shares: of nominal, of the feeder's own loads and then of each microgrid, (step, group).
    """
    devices = plant.network.devices
    nominal_kw = devices.p_kw[: devices.n_loads]
    nominal_kvar = devices.q_kvar[: devices.n_loads]
    of_load = shares[:, group_of_load(plant)]
    return of_load * nominal_kw, of_load * nominal_kvar


def group_of_load(plant: Plant) -> np.ndarray:
    """0 for a load of the feeder, k for one of the k-th microgrid, (load,)."""
    group = np.zeros(len(plant.network.feeder.loads), dtype=np.int64)
    for k, microgrid in enumerate(plant.microgrids, start=1):
        group[microgrid.loads] = k
    return group


def _stored_at_start(plant: Plant, share: float) -> FloatArray:
    units = plant.batteries
    storages = plant.network.feeder.storages
    stored_kwh = [share * storage.energy_kwh for storage in storages]
    return np.clip(stored_kwh, units.stored_min_kwh, units.stored_max_kwh)
