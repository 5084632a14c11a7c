"""The load of a feeder over time, as a share of each load's nominal power.

A load is homes, businesses or industry, by name or by size. Its nominal power is what its customers are expected to take together
at the peak of the year, so the expected share never passes 1; what is drawn may. A load of few homes is drawn event by event
(`households`); one of many, and every business, is its shape times lognormal noise of the right mean, variance and memory:

    share(t) = shape(t) level exp(w(t)) exp(s(t) z(t) - s(t)^2 / 2),   s^2 = ln(1 + variance / (customers mean^2))

with z an Ornstein-Uhlenbeck process of each load, `level` what lasts of a load's homes, and w the swing that all loads share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.errors import InputError, unknown_name_message
from tieline.feeders import Feeder
from tieline.feeders.elements import Load
from tieline.profiles.businesses import COMMERCIAL, INDUSTRIAL, BusinessKind
from tieline.profiles.clock import Clock, read_clock
from tieline.profiles.config import CustomerKind, ProfileConfig
from tieline.profiles.households import (
    draw_homes,
    expected_peak_kw,
    home_rates,
    home_statistics,
    lasting_spread,
)
from tieline.profiles.noise import correlation, remember
from tieline.typing import FloatArray, IntArray

FEW_HOMES = 20
"""Homes of a load up to which each is drawn event by event. Above, the spread around the mean is under 0.4 and lognormal fits it
(tested)."""

SWING_MEMORY_H = 24.0
"""Weather and habit change from day to day [h]."""

Draw = Callable[[np.random.Generator, FloatArray], FloatArray]
"""Draws the columns of one group of loads from chance and the common swing (time,): (time, load) shares of nominal power."""


@dataclass(frozen=True)
class LoadModel:
    """How the loads of one feeder are drawn at given times; made once, drawn for every scenario."""

    n_loads: int
    swing_spread: float
    swing_rho: float
    n_times: int
    groups: tuple[tuple[IntArray, Draw], ...]

    def draw(self, random: np.random.Generator) -> FloatArray:
        """One scenario, (time, load)."""
        noise = remember(random.standard_normal(self.n_times), self.swing_rho)
        # less half the variance: the mean of the exponential is then 1
        exponent = noise * self.swing_spread - self.swing_spread**2 / 2
        common = np.exp(exponent)
        load_pu = np.empty((self.n_times, self.n_loads))
        for columns, draw in self.groups:
            load_pu[:, columns] = draw(random, common)
        return load_pu


def make_load_model(
    feeder: Feeder, config: ProfileConfig, times: pd.DatetimeIndex
) -> LoadModel:
    """The model of a feeder's loads; raises `InputError` if `customer_of_load` names a load that is not there."""
    nominal_kw = np.array([abs(load.p_kw) for load in feeder.loads])
    return model_of_customers(nominal_kw, _kinds(feeder, config), config, times)


def model_of_customers(
    nominal_kw: FloatArray,
    kind_of_load: Sequence[CustomerKind],
    config: ProfileConfig,
    times: pd.DatetimeIndex,
) -> LoadModel:
    """The model of loads of given size and kind, (load,) each, wherever they stand; place and habits are the configuration's."""
    kinds = np.array(kind_of_load)
    clock = read_clock(times)
    step_h = (times[1] - times[0]).total_seconds() / 3600
    groups = []
    latitude = config.latitude
    peak_kw = expected_peak_kw(latitude)
    home_kw = config.household_peak_kw or peak_kw
    # a load smaller than a home is still one
    homes = np.maximum(np.round(nominal_kw / home_kw), 1).astype(np.int64)
    is_residential = kinds == "residential"
    is_few = homes <= FEW_HOMES
    few = np.flatnonzero(is_residential & is_few)
    many = np.flatnonzero(is_residential & ~is_few)
    if len(few):
        draw_few = _few_homes(homes[few], times, latitude, peak_kw)
        groups.append((few, draw_few))
    if len(many):
        draw_many = _many_homes(homes[many], clock, step_h, latitude, peak_kw)
        groups.append((many, draw_many))
    for name, business in (("commercial", COMMERCIAL), ("industrial", INDUSTRIAL)):
        columns = np.flatnonzero(kinds == name)
        if len(columns):
            draw_businesses = _businesses(business, nominal_kw[columns], clock, step_h)
            groups.append((columns, draw_businesses))
    rho = correlation(step_h, SWING_MEMORY_H)
    return LoadModel(
        len(nominal_kw), config.weather_spread, rho, len(times), tuple(groups)
    )


def _kinds(feeder: Feeder, config: ProfileConfig) -> list[CustomerKind]:
    """Kind of each load."""
    kind_of: dict[str, CustomerKind] = {
        name.lower(): kind for name, kind in config.customer_of_load.items()
    }
    names = [load.name for load in feeder.loads]
    unknown = sorted(kind_of.keys() - set(names))
    if unknown:
        messages = [unknown_name_message("load", name, names) for name in unknown]
        raise InputError(f"customer_of_load: {' '.join(messages)}")
    return [
        kind_of.get(load.name) or _kind_by_rule(load, config) for load in feeder.loads
    ]


def _kind_by_rule(load: Load, config: ProfileConfig) -> CustomerKind:
    if config.customers != "by-size":
        return config.customers
    if abs(load.p_kw) <= config.residential_up_to_kw:
        return "residential"
    if abs(load.p_kw) <= config.commercial_up_to_kw:
        return "commercial"
    return "industrial"


def _few_homes(
    homes: IntArray, times: pd.DatetimeIndex, latitude: float, peak_kw: float
) -> Draw:
    rates = home_rates(times, latitude)

    def draw(random: np.random.Generator, common: FloatArray) -> FloatArray:
        power_kw = draw_homes(random, homes, rates, common)
        return power_kw / (homes * peak_kw)

    return draw


def _many_homes(
    homes: IntArray, clock: Clock, step_h: float, latitude: float, peak_kw: float
) -> Draw:
    home = home_statistics(clock, step_h, latitude)
    # homes are independent: the variance of their mean falls with their number
    of_one = home.variance_kw2 / home.mean_kw**2
    of_mean = of_one[:, None] / homes
    spread = np.sqrt(np.log1p(of_mean))
    mean_pu = home.mean_kw[:, None] / peak_kw
    shape = mean_pu * np.exp(-(spread**2) / 2)
    level_shape = homes / lasting_spread() ** 2

    def draw(random: np.random.Generator, common: FloatArray) -> FloatArray:
        level = random.gamma(level_shape, 1 / level_shape)
        innovations = random.standard_normal(spread.shape)
        noise = remember(innovations, home.rho)
        factor = common[:, None] * level
        around_mean = np.exp(spread * noise)
        return shape * around_mean * factor

    return draw


def _businesses(
    kind: BusinessKind, nominal_kw: FloatArray, clock: Clock, step_h: float
) -> Draw:
    customers = np.maximum(np.round(nominal_kw / kind.customer_kw), 1)
    of_mean = kind.spread**2 / customers
    spread = np.sqrt(np.log1p(of_mean))
    expected = kind.shape(clock)[:, None]
    shape = expected * np.exp(-(spread**2) / 2)
    rho = correlation(step_h, kind.memory_h)

    def draw(random: np.random.Generator, common: FloatArray) -> FloatArray:
        innovations = random.standard_normal(shape.shape)
        noise = remember(innovations, rho)
        around_mean = np.exp(spread * noise)
        return shape * around_mean * common[:, None]

    return draw
