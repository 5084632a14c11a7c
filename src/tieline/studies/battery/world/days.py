"""`Day`: price, sun and loads of the steps that are played, one for each scenario.

The published case has one load curve for all buses with a valley of 5 % while the sun is highest and a peak of 100 % in the
evening. Drawn curves of homes have flatter valleys, so the mean curve c of the drawn loads is stretched: with c0 its mean over
the sunniest steps and c1 its highest value,

    share(t) = light + (peak - light) max(0, (c(t) - c0) / (c1 - c0))

Nights below the valley stay at the light load. Loads from a table or by the feeder's own shapes, or with
`light_load_pct = "drawn"`, are left as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.profiles.clock import steps
from tieline.profiles.draw import draw_scenarios, follows_load_shapes
from tieline.profiles.table import load_table
from tieline.profiles.use_table import (
    load_pu_from_table,
    series_from_table,
    sun_from_table,
)
from tieline.studies.battery.config import BatteryConfig
from tieline.typing import FloatArray, IntArray

SUNNIEST = 0.999
"""Steps whose sun is at least this share of the highest count as the sunniest: the plateau of inverters at their rating."""


@dataclass(frozen=True, eq=False)
class Day:
    """One scenario.

    Attributes:
        times: start of each step.
        hours: length of a step [h].
        price: of energy, (step,) [currency/kWh].
        sun_pu: PV output per rating, (step,).
        load_kw, load_kvar: demand, (step, load) [kW, kvar].
    """

    times: pd.DatetimeIndex
    hours: float
    price: FloatArray
    sun_pu: FloatArray
    load_kw: FloatArray
    load_kvar: FloatArray

    @property
    def n_steps(self) -> int:
        """Number of steps."""
        return len(self.price)

    @property
    def load_bill(self) -> float:
        """What the load alone would cost [currency]."""
        return self.hours * float((self.price[:, None] * self.load_kw).sum())

    def only(self, at: IntArray) -> Day:
        """Some steps of the day."""
        return Day(
            self.times[at],
            self.hours,
            self.price[at],
            self.sun_pu[at],
            self.load_kw[at],
            self.load_kvar[at],
        )


def make_days(feeder: Feeder, config: BatteryConfig) -> Iterator[Day]:
    """The days of a run, one per scenario; raises `InputError` if a table cannot be used or is too short."""
    times = steps(config.drawn_profiles)
    tables = _tables(feeder, config, times)
    nominal_kw = np.array([load.p_kw for load in feeder.loads])
    nominal_kvar = np.array([load.q_kvar for load in feeder.loads])
    for k in range(config.scenarios):
        scenario = draw_scenarios(
            feeder, config.drawn_profiles, 1, config.seed, first=k
        )
        price_per_mwh = (
            tables["price"] if "price" in tables else scenario.price_per_mwh[0]
        )
        sun_pu = tables["sun"] if "sun" in tables else scenario.sun_pu[0]
        load_pu = tables.get("load")
        if load_pu is None:
            load_pu = scenario.load_pu[0]
        if is_stretched(feeder, config):
            load_pu = _shaped(load_pu, nominal_kw, sun_pu, config)
        yield Day(
            times=times,
            hours=scenario.step_h,
            price=price_per_mwh / 1000,
            sun_pu=sun_pu,
            load_kw=load_pu * nominal_kw,
            load_kvar=load_pu * nominal_kvar * config.reactive_pct / 100,
        )


def is_stretched(feeder: Feeder, config: BatteryConfig) -> bool:
    """Whether the loads are one stretched curve: neither left as drawn, nor those of a table or of the feeder's shapes."""
    is_as_drawn = isinstance(config.light_load_pct, str)
    is_stated = config.load_table is not None or follows_load_shapes(
        feeder, config.drawn_profiles
    )
    return not (is_as_drawn or is_stated)


def _shaped(
    load_pu: FloatArray,
    nominal_kw: FloatArray,
    sun_pu: FloatArray,
    config: BatteryConfig,
) -> FloatArray:
    """Shares of nominal load, (step, load): one stretched curve for all."""
    assert not isinstance(config.light_load_pct, str)  # those are left as drawn
    # loads that feed back say nothing of the curve, and might make the sum 0
    weight = np.maximum(nominal_kw, 0.0)
    mean_curve = load_pu @ weight / weight.sum()
    light = config.light_load_pct / 100
    peak = config.peak_load_pct / 100
    curve = stretched(mean_curve, sun_pu, light, peak)
    return np.repeat(curve[:, None], len(nominal_kw), axis=1)


def stretched(
    curve: FloatArray, sun_pu: FloatArray, light: float, peak: float
) -> FloatArray:
    """A load curve with the given value where the sun is highest and the given peak, (step,).

    Raises:
        InputError: if the curve is highest while the sun is: no stretching gives it a valley there.
    """
    is_sunniest = sun_pu >= SUNNIEST * sun_pu.max()
    valley = curve[is_sunniest].mean()
    top = curve.max()
    if not top > valley:
        raise InputError(
            "The load is highest while the sun is: it has no valley there to stretch. Give --light-load-pct drawn, or loads with "
            "an evening peak."
        )
    above_valley = np.maximum((curve - valley) / (top - valley), 0.0)
    return light + (peak - light) * above_valley


def _tables(
    feeder: Feeder, config: BatteryConfig, times: pd.DatetimeIndex
) -> dict[str, FloatArray]:
    """What is read from files in place of drawn series: "load", "sun", "price", those that are given."""
    zone = config.drawn_profiles.time_zone
    series = {}
    if config.load_table is not None:
        shares = load_table(config.load_table, zone)
        series["load"] = load_pu_from_table(shares, feeder, times)
    if config.sun_table is not None:
        series["sun"] = sun_from_table(config.sun_table, zone, times)
    if config.price_table is not None:
        # markets pay for taking energy now and then
        prices = series_from_table(
            config.price_table, zone, times, may_be_negative=True
        )
        series["price"] = prices
    return series
