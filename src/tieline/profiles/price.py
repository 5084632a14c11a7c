"""Prices: a market pool with spikes, or a time-of-use tariff.

Pool: a day with a morning and an evening hump, times the exponential of mean-reverting noise, plus spikes that come as a Poisson
process by day, are Pareto distributed (heavy tail) and die away; cut at floor and cap. The form is that of J. J. Lucia,
E. S. Schwartz (Review of Derivatives Research 5, 2002, doi:10.1023/A:1013846631785) with the jumps of A. Cartea, M. G. Figueroa
(Applied Mathematical Finance 12, 2005, doi:10.1080/13504860500117503).

Figures follow twenty years of the Alberta pool: mean 57, on-peak 70 and off-peak 31 CAD/MWh, a fifth of the value above 500
(EDC Associates, Alberta's energy-only power pool: 20 years of retail competition, 2021), floor 0 and cap 999.99 (AESO, ISO
rule 203.1). Left out: that the price follows the load and the sun of the same scenario.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from tieline.errors import InputError
from tieline.profiles.clock import Clock, read_clock
from tieline.profiles.config import ProfileConfig, TariffPeriod
from tieline.profiles.noise import correlation, remember
from tieline.typing import BoolArray, FloatArray

HUMPS = ((9.0, 0.5), (18.5, 0.8))
HUMP_WIDTH_H = 3.0
WEEKEND = 0.9
"""Hours and heights of the humps over the night's price of 1, their width, and the factor of weekends: on-peak (7 to 23 h) over
off-peak is 1.33, what the figures above leave once the spikes are taken out of the on-peak mean."""

NOISE_SPREAD = 0.35
NOISE_MEMORY_H = 8.0
"""Spread and memory of the logarithm of the price without spikes: tieline's own planning assumption."""

SPIKE_FROM_PER_MWH = 500.0
SPIKE_TAIL = 2.0
SPIKE_MEMORY_H = 1.5
"""Smallest spike, exponent of the Pareto tail, and how long a spike lasts [h]. With 0.35 a day under a cap of 1000 they bring a
third of the mean price, and a sixth of all value comes above 500."""

ON_PEAK_H = (7.0, 23.0)
"""Spikes begin in the on-peak hours of the pool, ending 8 to 23."""


@dataclass(frozen=True)
class PriceModel:
    """Price without chance, (time,) [currency/MWh], and where spikes may begin, events per step, (time,)."""

    config: ProfileConfig
    step_h: float
    expected_per_mwh: FloatArray
    spikes_per_step: FloatArray

    def draw(self, random: np.random.Generator) -> FloatArray:
        """Prices of one scenario, (time,) [currency/MWh]; a tariff is the same in all."""
        if self.config.price == "time-of-use":
            return self.expected_per_mwh.copy()
        rho = correlation(self.step_h, NOISE_MEMORY_H)
        noise = remember(random.standard_normal(len(self.expected_per_mwh)), rho)
        # less half the variance: the mean of the exponential is then 1
        factor = np.exp(NOISE_SPREAD * noise - NOISE_SPREAD**2 / 2)
        quiet = self.expected_per_mwh * factor
        spikes = _draw_spikes(random, self.spikes_per_step, self.step_h)
        # cut last: the expected price allows for what the cap takes from the spikes
        return np.clip(
            quiet + spikes,
            self.config.pool_floor_per_mwh,
            self.config.pool_cap_per_mwh,
        )


def make_price_model(config: ProfileConfig, times: pd.DatetimeIndex) -> PriceModel:
    """What is the same in every scenario; raises `InputError` if spikes alone bring more than the mean price."""
    clock = read_clock(times)
    step_h = (times[1] - times[0]).total_seconds() / 3600
    if config.price == "time-of-use":
        return PriceModel(
            config, step_h, tariff_per_mwh(config, clock), np.zeros(len(times))
        )
    quiet_mean = config.pool_mean_per_mwh - spike_mean_per_mwh(config)
    if quiet_mean <= 0:
        raise InputError(
            f"pool_spikes_per_day ({config.pool_spikes_per_day:g}) alone bring {spike_mean_per_mwh(config):.0f} per MWh, not "
            f"less than pool_mean_per_mwh ({config.pool_mean_per_mwh:g}). Take fewer spikes or a higher mean."
        )
    begin_h, end_h = ON_PEAK_H
    is_on_peak = (clock.hour >= begin_h) & (clock.hour < end_h)
    per_step = config.pool_spikes_per_day * step_h / (end_h - begin_h)
    return PriceModel(
        config=config,
        step_h=step_h,
        expected_per_mwh=quiet_mean * pool_shape(clock),
        spikes_per_step=np.where(is_on_peak, per_step, 0.0),
    )


def spike_mean_per_mwh(config: ProfileConfig) -> float:
    """What spikes add to the mean price under the cap c [currency/MWh].

    A spike S exp(-t / memory) under a cap holds memory S if S < c, else memory c (1 + ln(S / c)); S is Pareto from s with tail a.
    """
    s = SPIKE_FROM_PER_MWH
    a = SPIKE_TAIL
    c = config.pool_cap_per_mwh
    chance_above = min((s / c) ** a, 1.0)
    below_cap = 0.0
    if s < c:
        below_cap = a / (a - 1) * (s - c * chance_above)
    time_at_cap = 1 + 1 / a + math.log(max(s / c, 1.0))
    mean_height = below_cap + c * chance_above * time_at_cap
    return config.pool_spikes_per_day * SPIKE_MEMORY_H / 24 * mean_height


def pool_shape(clock: Clock) -> FloatArray:
    """Expected price without spikes per its mean over a week, (time,)."""
    of_the_day = _humps(clock.hour)
    of_the_week = np.where(clock.is_weekend, WEEKEND, 1.0)
    return of_the_day * of_the_week / _mean_of_humps()


def tariff_per_mwh(config: ProfileConfig, clock: Clock) -> FloatArray:
    """Price of the first period of the tariff that holds at each step, else the base price, (time,) [currency/MWh]."""
    price = np.full(len(clock.hour), config.tariff_base_per_mwh)
    for period in reversed(config.tariff):
        price[_holds(period, clock)] = period.price_per_mwh
    return price


def _humps(hour: FloatArray) -> FloatArray:
    middle, height = np.array(HUMPS).T
    away_h = hour[:, None] - middle
    widths = away_h / HUMP_WIDTH_H
    humps = height * np.exp(-(widths**2) / 2)
    return 1 + humps.sum(axis=1)


@cache
def _mean_of_humps() -> float:
    """Mean over a week of five weekdays and two days of weekend."""
    return float(_humps(np.arange(0.005, 24, 0.01)).mean()) * (5 + 2 * WEEKEND) / 7


def _draw_spikes(
    random: np.random.Generator, per_step: FloatArray, step_h: float
) -> FloatArray:
    """Spikes of one scenario, (time,) [currency/MWh]; each keeps its energy whatever the step."""
    n_steps = len(per_step)
    count = random.poisson(per_step)
    begin = np.repeat(np.arange(n_steps), count)
    # NumPy's Pareto begins at 0, that of the textbooks at 1
    pareto = 1 + random.pareto(SPIKE_TAIL, len(begin))
    size = SPIKE_FROM_PER_MWH * pareto
    rho = correlation(step_h, SPIKE_MEMORY_H)
    # the mean of the first step; what dies away after it is the filter's
    first = size * SPIKE_MEMORY_H * (1 - rho) / step_h
    starts = np.bincount(begin, first, n_steps)
    return np.asarray(lfilter([1.0], [1.0, -rho], starts))


def _holds(period: TariffPeriod, clock: Clock) -> BoolArray:
    is_after_start = clock.hour >= period.from_hour
    is_before_end = clock.hour < period.to_hour
    by_hour = is_after_start & is_before_end
    if period.from_hour >= period.to_hour:  # over midnight
        by_hour = is_after_start | is_before_end
    by_day = {
        "all": np.ones_like(clock.is_weekend),
        "weekdays": ~clock.is_weekend,
        "weekends": clock.is_weekend,
    }
    return by_hour & by_day[period.days]
