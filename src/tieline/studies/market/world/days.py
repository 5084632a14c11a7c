"""`MarketDay`: what load, price, offers and sun do, minute by minute.

Loads keep to their schedule unless a table says otherwise. What departs from it stands at buses of its own: drawn as homes of a
given peak, above the least they take, because the least is what is scheduled,

    extra(t) = peak (s(t) - min s) / (max s - min s)

or read from a file. The demand of a region is what it takes beyond its schedule, D_m = load - schedule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.counted import counted
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.profiles.at_buses import BusSeries, draw_at_buses, read_at_buses
from tieline.profiles.clock import steps
from tieline.profiles.draw import draw_scenarios, follows_load_shapes
from tieline.profiles.shapes import ShapeSeries
from tieline.profiles.table import load_table
from tieline.profiles.use_table import load_pu_from_table, series_from_table
from tieline.studies.market.config import MINUTES_AN_HOUR, MarketConfig
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class MarketDay:
    """The minutes of a run, all of them; those that are cleared by number.

    Attributes:
        times: start of each minute.
        load_pu, schedule_pu: of the feeder's own loads, (minute, load) or (1, load) where nothing changes.
        extra: loads beyond the schedule.
        sun_pu: PV output per rating, (minute,).
        reference_price: l0, (minute,) [currency/kWh].
        cleared: numbers of the minutes that are cleared, (cleared,).
        stands_for: minutes that each of them stands for, up to the next one or the end of the window, (cleared,).
    """

    times: pd.DatetimeIndex
    load_pu: FloatArray
    schedule_pu: FloatArray
    extra: BusSeries
    sun_pu: FloatArray
    reference_price: FloatArray
    cleared: IntArray
    stands_for: IntArray

    def hour(self, minute: int) -> float:
        """Local hour of the day at a minute [h]."""
        time = self.times[minute]
        return time.hour + time.minute / 60


def departures(
    feeder: Feeder, config: MarketConfig, peak_kw: Mapping[str, float]
) -> BusSeries:
    """The loads beyond the schedule: those drawn of given peaks [kW], and those of a table.

    Raises:
        InputError: if the table cannot be used, or a bus stands in both.
    """
    profiles = config.drawn_profiles
    times = steps(profiles)
    homes = draw_at_buses(peak_kw, profiles, times, config.seed)
    series = BusSeries(homes.buses, _above_least(homes.p_kw, [*peak_kw.values()]))
    if config.extra_table is None:
        return series
    names = [bus.name for bus in feeder.buses]
    read = read_at_buses(config.extra_table, profiles.time_zone, times, names)
    twice = sorted(set(read.buses) & set(series.buses))
    if twice:
        raise InputError(
            f"extra_table and extra_loads both have a load at {', '.join(twice)}. Keep one of them."
        )
    p_kw = np.hstack([series.p_kw, read.p_kw])
    return BusSeries((*series.buses, *read.buses), p_kw)


def _above_least(series: FloatArray, peak_kw: list[float]) -> FloatArray:
    """Series from 0 at their least to their peak, (minute, bus)."""
    least = series.min(axis=0, initial=np.inf)
    above = series - least
    top = above.max(axis=0, initial=0.0)
    # one home that never switches anything on has no curve to stretch
    scale = np.divide(
        peak_kw,
        top,
        out=np.zeros(len(peak_kw)),
        where=top > 0,
    )
    return above * scale


def make_day(feeder: Feeder, config: MarketConfig, extra: BusSeries) -> MarketDay:
    """The minutes of a run.

    Args:
        feeder: as it was read.
        config: what is asked.
        extra: from `departures`.

    Raises:
        InputError: if a table cannot be used, or a price is not above 0.
    """
    profiles = config.drawn_profiles
    times = steps(profiles)
    schedule_pu = _schedule_pu(feeder, config, times)
    load_pu = schedule_pu
    if config.load_table is not None:
        table = load_table(config.load_table, profiles.time_zone)
        load_pu = load_pu_from_table(table, feeder, times) / (config.load_pct / 100)
    cleared, stands_for = _cleared(times, config)
    return MarketDay(
        times=times,
        load_pu=load_pu,
        schedule_pu=schedule_pu,
        extra=extra,
        sun_pu=draw_scenarios(feeder, profiles, 1, config.seed).sun_pu[0],
        reference_price=_prices(config, times, cleared),
        cleared=cleared,
        stands_for=stands_for,
    )


def _schedule_pu(
    feeder: Feeder, config: MarketConfig, times: pd.DatetimeIndex
) -> FloatArray:
    """Scheduled share of the loads of the plant, which stand at `load_pct` of nominal already."""
    if config.schedule_table is None:
        if follows_load_shapes(feeder, config.drawn_profiles):
            return ShapeSeries(feeder, times).load_pu()
        return np.ones((1, len(feeder.loads)))
    table = load_table(config.schedule_table, config.drawn_profiles.time_zone)
    return load_pu_from_table(table, feeder, times) / (config.load_pct / 100)


def _cleared(
    times: pd.DatetimeIndex, config: MarketConfig
) -> tuple[IntArray, IntArray]:
    """The minutes that are cleared, and how many each stands for, (cleared,)."""
    minute_of_day = np.asarray(times.hour * 60 + times.minute, dtype=float)
    first = _first_minute_from(config.from_hour)
    end = _first_minute_from(config.to_hour)
    in_window = np.flatnonzero((minute_of_day >= first) & (minute_of_day < end))
    since_first = minute_of_day[in_window] - first
    places = np.flatnonzero(since_first % config.every_minutes == 0)
    if not len(places):
        raise InputError(
            f"No minute lies between hour {config.from_hour:g} and {config.to_hour:g} of the days. Widen the window."
        )
    stands_for = np.diff(np.append(places, len(in_window)))
    return in_window[places].astype(np.int64), stands_for.astype(np.int64)


def _first_minute_from(hour: float) -> int:
    """The first minute of the day that begins at an hour or after it."""
    # 60 x 8.7 is a little below 522
    return math.ceil(round(MINUTES_AN_HOUR * hour, 6))


def _prices(
    config: MarketConfig, times: pd.DatetimeIndex, cleared: IntArray
) -> FloatArray:
    prices = np.full(len(times), config.reference_price)
    if config.price_table is not None:
        per_mwh = series_from_table(
            config.price_table,
            config.drawn_profiles.time_zone,
            times,
            may_be_negative=True,
        )
        prices = per_mwh / 1000
    low = cleared[prices[cleared] <= 0]
    if len(low):
        first = int(low[0])
        raise InputError(
            f"The reference price is {prices[first]:g} {config.currency}/kWh in the minute {times[first]:%Y-%m-%d %H:%M} and not "
            f"above 0 in {counted(len(low), 'minute')}: losses would be rewarded there, and no demand covered. Clear other "
            "hours, or ask `tieline run optimal-power-flow --formulation nlp` for such a minute."
        )
    return prices
