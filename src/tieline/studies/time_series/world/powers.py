"""`Powers`: what every load takes and every DER injects at every step.

load         its table, else its shape where the feeder brings shapes, else drawn; without a shape of its own nominal
PV           its shape, else it follows the sun (a table, the mean of the PV shapes, or drawn)
storage      its shape as far as its energy reaches, else idle; either way less its idling loss
generator    its shape, else as the feeder states it
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.devices.storage_course import storage_course
from tieline.feeders import Feeder
from tieline.feeders.elements import Storage
from tieline.profiles import load_pu_from_table, load_table, sun_from_table
from tieline.profiles.clock import steps
from tieline.profiles.config import ProfileConfig
from tieline.profiles.draw import (
    draw_scenarios,
    follows_load_shapes,
    follows_sun_shapes,
)
from tieline.profiles.shapes import ShapeSeries
from tieline.studies.feeder_ders import ders_over_time
from tieline.studies.time_series.config import TimeSeriesConfig
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Powers:
    """Loads and DERs in the order of the feeder.

    `times`: start of each step. `load_kw`, `load_kvar`: consumption, (time, load). `der_kw`, `der_kvar`: injection, (time, der).
    `stored_kwh`: energy of each storage at the end of each step, (time, storage).
    """

    times: pd.DatetimeIndex
    load_kw: FloatArray
    load_kvar: FloatArray
    der_kw: FloatArray
    der_kvar: FloatArray
    stored_kwh: FloatArray

    @property
    def step_h(self) -> float:
        """Length of a step [h]."""
        return (self.times[1] - self.times[0]).total_seconds() / 3600


def make_powers(feeder: Feeder, config: TimeSeriesConfig) -> Powers:
    """The powers of a run; raises `InputError` if a table cannot be used or does not cover the days."""
    profiles = used_profiles(feeder, config)
    times = steps(profiles)
    series = ShapeSeries(feeder, times, config.shape_kind)
    load_kw, load_kvar, sun_pu = _loads_and_sun(feeder, config, series)
    der_kw, der_kvar = ders_over_time(feeder, sun_pu)
    stored_kwh = np.tile([s.stored_kwh for s in feeder.storages], (len(times), 1))
    powers = Powers(times, load_kw, load_kvar, der_kw, der_kvar, stored_kwh)
    if profiles.shapes == "feeder":
        _follow_shapes(feeder, powers, series)
    return powers


def used_profiles(feeder: Feeder, config: TimeSeriesConfig) -> ProfileConfig:
    """What is asked of the profiles. Shapes have no place: unless one is given, or a sun is drawn, their hours are those of UTC,
    so that a year of the file is a year, whatever clocks do somewhere.
    """
    profiles = config.drawn_profiles
    has_place = config.time_zone is not None or config.latitude is not None
    draws_sun = bool(feeder.pvs) and not follows_sun_shapes(feeder, profiles)
    if has_place or draws_sun or not follows_load_shapes(feeder, profiles):
        return profiles
    return profiles.with_flags(time_zone="UTC")


def _loads_and_sun(
    feeder: Feeder, config: TimeSeriesConfig, series: ShapeSeries
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Loads (time, load) [kW, kvar], and PV output per rating, (time,)."""
    profiles = used_profiles(feeder, config)
    zone = profiles.time_zone
    scenarios = draw_scenarios(feeder, profiles, 1, config.seed)
    sun_pu = scenarios.sun_pu[0]
    if config.sun_table is not None:
        sun_pu = sun_from_table(config.sun_table, zone, series.times)
    scale = config.load_pct / 100
    load_pu = scenarios.load_pu[0]
    if config.load_table is not None:
        table = load_table(config.load_table, zone)
        load_pu = load_pu_from_table(table, feeder, series.times)
    elif follows_load_shapes(feeder, profiles):
        # a shape may have Q of its own, or kW of a load without nominal power
        load_kw, load_kvar = series.load_powers()
        return load_kw * scale, load_kvar * scale, sun_pu
    nominal_kw = np.array([load.p_kw for load in feeder.loads])
    nominal_kvar = np.array([load.q_kvar for load in feeder.loads])
    share = load_pu * scale
    return share * nominal_kw, share * nominal_kvar, sun_pu


def _follow_shapes(feeder: Feeder, powers: Powers, series: ShapeSeries) -> None:
    """Put the power of DERs that follow a shape in place of what they have."""
    first_storage = len(feeder.pvs)
    for column, der in enumerate(feeder.ders):
        shaped = series.powers(der)
        if shaped is None:
            continue
        p_kw, q_kvar = shaped
        if isinstance(der, Storage):
            course = storage_course(der, p_kw, powers.step_h)
            p_kw = course.p_kw
            powers.stored_kwh[:, column - first_storage] = course.stored_kwh
        powers.der_kw[:, column] = p_kw
        powers.der_kvar[:, column] = q_kvar
