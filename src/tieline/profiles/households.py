"""Homes as sums of appliances that switch on at random: one by one where they are few, by their law where they are many.

Appliance k of a home switches on as a Poisson process of rate r_k(t), draws p for a duration d, and all of them add up: a shot
noise. Few homes are drawn event by event, each event spread over the steps that it covers, so its energy is exact at any step.
Many homes need no events: mean, variance and correlation of a shot noise are known (N. Campbell, 1909; S. O. Rice,
Mathematical analysis of random noise, Bell System Tech. J. 23, 1944, doi:10.1002/j.1538-7305.1944.tb00874.x).
For step means of length s, with D_h f(x) = f(x + h) - 2 f(x) + f(x - h),

    covariance at lag x = sum over k of r_k E[p_k^2] E[ D_s D_d |x|^3 ] / (12 s^2)

People do things together: while a home is active (a two-state process of exponential spells, active a share a of the time) the
rates of what people switch on are r_k / a, else 0. With g(t) the mean power of those appliances and T the memory of the process
this adds the covariance g^2 (1 - a) / a R(x). What was switched on runs on for a while, which acts like an exponential filter of
the mean age A of what runs, so R(x) = T (T exp(-x / T) - A exp(-x / A)) / (T^2 - A^2).
Homes differ: each has its own appliances, and its own factor on all rates (gamma).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from tieline.profiles.appliances import (
    ACTIVE_MEMORY_H,
    ACTIVE_SHARE,
    APPLIANCES,
    DAILY_ENERGY_SPREAD,
    IDLE_KW,
    IDLE_SPREAD,
    Appliance,
    lognormal,
)
from tieline.profiles.clock import Clock, read_clock
from tieline.profiles.season import household_season, weekday_hour
from tieline.typing import BoolArray, FloatArray, IntArray

WARM_UP_H = 12.0
"""Events are drawn from this long before the first step, so that what still runs then is there [h]."""

IsActive = Callable[[FloatArray, IntArray], BoolArray]
"""Says of events at hours since the first step, in homes of given numbers, whether the home is active: (event,)."""


@dataclass(frozen=True)
class HomeStatistics:
    """One average home: `mean_kw` and `variance_kw2` of its step means, (time,); `rho` between neighbouring steps."""

    mean_kw: FloatArray
    variance_kw2: FloatArray
    rho: float


def home_statistics(clock: Clock, step_h: float, latitude: float) -> HomeStatistics:
    """Mean, variance and correlation of the step means of one home drawn at random, without the difference between homes."""
    season = household_season(clock.day_of_year, latitude)
    mean_kw = np.full(len(season), IDLE_KW)
    by_people_kw = np.zeros(len(season))
    ages_kw_h = 0.0
    variance = np.zeros(len(season))
    neighbours = 0.0
    for appliance in APPLIANCES:
        # what runs now was started some time ago, at the rate of that hour
        start_hour = (weekday_hour(clock) - appliance.mean_age_h) % 24
        per_h = appliance.owners * season * appliance.starts_per_h(start_hour)
        power_kw = per_h * appliance.kw * appliance.minutes / 60
        mean_kw += power_kw
        if not appliance.by_itself:
            by_people_kw += power_kw
            ages_kw_h += float(power_kw.mean()) * appliance.mean_age_h
        # one covariance per start: starts are independent, so covariances add up
        at_once = _covariance_kw2_h(appliance, step_h, lag_h=0.0)
        next_step = _covariance_kw2_h(appliance, step_h, lag_h=step_h)
        variance += per_h * at_once
        neighbours += float(per_h.mean()) * next_step
    age_h = ages_kw_h / float(by_people_kw.mean())
    active_next_step = _activity_covariance(by_people_kw, age_h, lag_h=step_h)
    variance += _activity_covariance(by_people_kw, age_h, lag_h=0.0)
    neighbours += float(active_next_step.mean())
    rho = neighbours / float(variance.mean())
    return HomeStatistics(mean_kw, variance, rho)


@cache
def expected_peak_kw(latitude: float) -> float:
    """Highest expected power of an average home in a year: what a home adds to the peak of very many [kW]."""
    year = pd.date_range("2025-01-01", periods=365 * 96, freq="15min", tz="UTC")
    statistics = home_statistics(read_clock(year), 0.25, latitude)
    return float(statistics.mean_kw.max())


@cache
def factor_shape() -> float:
    """Shape of the gamma factor on the rates of a home that makes homes differ as `DAILY_ENERGY_SPREAD` says.

    The spread of daily energies has four sources: ownership, chance on the day, activity, and this factor, which takes the rest.
    """
    energy_kwh = _mean_energies_kwh().sum()
    chance = sum(_chance_kwh2(appliance) for appliance in APPLIANCES)
    daily_kwh = energy_kwh + 24 * IDLE_KW
    total = (DAILY_ENERGY_SPREAD * daily_kwh) ** 2
    of_factor = total - _ownership_variance_kwh2() - chance - _activity_variance_kwh2()
    # a gamma factor of shape s and mean 1 has the variance 1 / s
    return float(energy_kwh**2 / of_factor)


def _chance_kwh2(appliance: Appliance) -> float:
    """Variance of the daily energy because of how often and how long an appliance happens to run [kWh^2]."""
    per_day = appliance.owners * appliance.per_day
    hours = appliance.minutes / 60
    # a Poisson sum: the number of runs times the mean square of one
    uneven = 1 + appliance.minutes_spread**2
    return per_day * appliance.mean_square_kw2 * hours**2 * uneven


def _activity_variance_kwh2() -> float:
    """Variance of the daily energy because people are active at other hours of the day [kWh^2]."""
    hour = np.arange(0.5, 24)
    people_kw = np.zeros(len(hour))
    for appliance in APPLIANCES:
        if not appliance.by_itself:
            starts = appliance.owners * appliance.starts_per_h(hour)
            people_kw += starts * appliance.kw * appliance.minutes / 60
    square_sum = float((people_kw**2).sum())
    # hours vary together within the memory, before and after: its integral is twice the memory
    return square_sum * (1 - ACTIVE_SHARE) / ACTIVE_SHARE * 2 * ACTIVE_MEMORY_H


def lasting_spread() -> float:
    """Coefficient of variation over homes of what lasts from day to day: what they own and how much they use it."""
    energy_kwh = float(_mean_energies_kwh().sum())
    of_factor = energy_kwh**2 / factor_shape()
    lasting = _ownership_variance_kwh2() + of_factor
    daily_kwh = energy_kwh + 24 * IDLE_KW
    return math.sqrt(lasting) / daily_kwh


@dataclass(frozen=True)
class HomeRates:
    """How often a home switches on what it owns: `starts_per_step` (appliance, time) at steps of `step_h`, the first `early` of
    them before the series begins.
    """

    step_h: float
    early: int
    starts_per_step: FloatArray


def home_rates(times: pd.DatetimeIndex, latitude: float) -> HomeRates:
    """Rates at the start of each step, `times` (time,); the same for all homes and scenarios."""
    step = times[1] - times[0]
    step_h = step.total_seconds() / 3600
    early = math.ceil(WARM_UP_H / step_h)
    warm_up = pd.date_range(end=times[0], periods=early + 1, freq=step)
    clock = read_clock(times.union(warm_up))
    hour = weekday_hour(clock)
    season = household_season(clock.day_of_year, latitude)
    starts = [
        appliance.starts_per_h(hour) * season * step_h for appliance in APPLIANCES
    ]
    return HomeRates(step_h, early, np.stack(starts))


def draw_homes(
    random: np.random.Generator,
    homes: IntArray,
    rates: HomeRates,
    swing: FloatArray | None = None,
) -> FloatArray:
    """Power of groups of homes, drawn event by event.

    Args:
        random: source of chance.
        homes: number of homes in each group, (group,).
        rates: of an average home.
        swing: common factor on how often things are switched on, (time,); 1 if not given.

    Returns:
        Mean power over each step, (time, group) [kW].
    """
    starts = rates.starts_per_step
    if swing is not None:
        # nothing is known of the swing before the series: it is taken as at its start
        warm_up_swing = np.full(rates.early, swing[0])
        starts = starts * np.r_[warm_up_swing, swing]
    step_h = rates.step_h
    n_steps = starts.shape[1]
    group = np.repeat(np.arange(len(homes)), homes)
    n_homes = len(group)
    # the order of the draws is part of what a seed means: a new one goes to the end
    shape = factor_shape()
    factor = random.gamma(shape, 1 / shape, n_homes)
    idle_kw = lognormal(random.standard_normal(n_homes), IDLE_KW, IDLE_SPREAD)
    is_active = _draw_activity(random, n_homes, n_steps * step_h)
    switched = np.zeros((n_steps + 1, len(homes)))
    for appliance, expected in zip(APPLIANCES, starts, strict=True):
        is_owner = random.random(n_homes) < appliance.owners
        rate = factor * is_owner
        starts_h, home = _draw_starts(
            random, appliance, rate, expected, step_h, is_active
        )
        duration_h, kw = _draw_runs(random, appliance, len(home))
        ends_h = starts_h + duration_h
        _add_switching(switched, starts_h / step_h, group[home], kw)
        _add_switching(switched, ends_h / step_h, group[home], -kw)
    # what was switched on and not yet off is running
    running_kw = np.cumsum(switched, axis=0)[rates.early : -1]
    return running_kw + np.bincount(group, idle_kw, len(homes))


def _mean_energies_kwh() -> FloatArray:
    """Daily energy of each appliance in an average home, (appliance,) [kWh]."""
    return np.array([a.owners * a.per_day * a.kw * a.minutes / 60 for a in APPLIANCES])


def _ownership_variance_kwh2() -> float:
    """Variance of the daily energy over homes because they own different things [kWh^2]."""
    owners = np.array([appliance.owners for appliance in APPLIANCES])
    variance = (1 - owners) / owners * _mean_energies_kwh() ** 2
    return float(variance.sum())


def _activity_covariance(
    by_people_kw: FloatArray, age_h: float, lag_h: float
) -> FloatArray:
    """Covariance that activity adds to the power of a home whose people use `by_people_kw` on average, (time,) [kW^2]."""
    memory_h = ACTIVE_MEMORY_H
    spell_fade = math.exp(-lag_h / memory_h)
    run_fade = math.exp(-lag_h / age_h)
    difference = memory_h * spell_fade - age_h * run_fade
    squares = memory_h**2 - age_h**2
    correlation = memory_h * difference / squares
    # mean square over squared mean: homes that use more vary more
    uneven = 1 + lasting_spread() ** 2
    square = by_people_kw**2 * uneven
    return square * (1 - ACTIVE_SHARE) / ACTIVE_SHARE * correlation


def _covariance_kw2_h(appliance: Appliance, step_h: float, lag_h: float) -> float:
    """Covariance of step means at a lag, per start per hour [kW^2 h]."""
    offsets = np.array([-1.0, 0.0, 1.0])
    weights = np.array([1.0, -2.0, 1.0])
    duration_h = appliance.durations_h[:, None, None]
    # both second differences of |x|^3 at once, (duration, step, duration's difference)
    x = lag_h + offsets[:, None] * step_h + offsets * duration_h
    cubes = np.abs(x) ** 3
    weighted = cubes * weights[:, None] * weights
    overlap = weighted.sum(axis=(1, 2)) / (12 * step_h**2)
    return appliance.mean_square_kw2 * float(overlap.mean())


def _draw_activity(
    random: np.random.Generator, n_homes: int, length_h: float
) -> IsActive:
    """A function that says whether a home is active at an hour; spells are exponential and alternate."""
    spells_h = ACTIVE_MEMORY_H / np.array([1 - ACTIVE_SHARE, ACTIVE_SHARE])
    expected_pairs = length_h / spells_h.sum()
    # six standard deviations more than expected, and the last spell never ends
    n_pairs = math.ceil(expected_pairs + 6 * math.sqrt(expected_pairs) + 6)
    first_active = random.random(n_homes) < ACTIVE_SHARE
    pairs = np.where(
        first_active[:, None],
        spells_h,
        spells_h[::-1],
    )
    means_h = np.tile(pairs, n_pairs)
    lengths_h = random.standard_exponential((n_homes, 2 * n_pairs)) * means_h
    ends_h = np.cumsum(lengths_h, axis=1)
    ends_h[:, -1] = np.inf
    # the homes stand one behind the other on one axis, so one search serves all
    apart_h = 1 + length_h
    offset_h = np.arange(n_homes)[:, None] * apart_h
    ends_inside_h = np.minimum(ends_h, length_h)
    axis = (ends_inside_h + offset_h).reshape(-1)

    def is_active(at_h: FloatArray, home: IntArray) -> BoolArray:
        place = at_h + home * apart_h
        ends_before = np.searchsorted(axis, place, side="right")
        n_spells = ends_before - home * 2 * n_pairs
        # spells alternate: after an even number of ends a home is as it was at first
        is_as_at_first = n_spells % 2 == 0
        return is_as_at_first == first_active[home]

    return is_active


def _draw_starts(
    random: np.random.Generator,
    appliance: Appliance,
    owned: FloatArray,
    expected: FloatArray,
    step_h: float,
    is_active: IsActive,
) -> tuple[FloatArray, IntArray]:
    """Time since the first step [h] and home of each event; `owned` (home,) times `expected` (time,) events per step.

    What needs people is drawn more often and kept only where the home is active (thinning), so the mean stays.
    """
    cumulated = np.r_[0.0, np.cumsum(expected)]
    total = cumulated[-1]
    share = 1.0 if appliance.by_itself else ACTIVE_SHARE
    count = random.poisson(owned * total / share)
    home = np.repeat(np.arange(len(owned)), count)
    edges_h = np.arange(len(cumulated)) * step_h
    # the inverse of the cumulated rate turns even numbers into times of that rate
    level = random.random(len(home)) * total
    hours = np.interp(level, cumulated, edges_h)
    starts_h = np.floor(hours * 60) / 60
    if appliance.by_itself:
        return starts_h, home
    happens = is_active(starts_h, home)
    return starts_h[happens], home[happens]


def _draw_runs(
    random: np.random.Generator, appliance: Appliance, n: int
) -> tuple[FloatArray, FloatArray]:
    """Duration [h], in whole minutes as in the measured days, and power [kW] of `n` events."""
    of_minutes = random.standard_normal(n)
    of_kw = random.standard_normal(n)
    minutes = lognormal(of_minutes, appliance.minutes, appliance.minutes_spread)
    kw = lognormal(of_kw, appliance.kw, appliance.kw_spread)
    whole_minutes = np.maximum(np.round(minutes), 1)
    return whole_minutes / 60, kw


def _add_switching(
    switched: FloatArray, at_step: FloatArray, owner: IntArray, kw: FloatArray
) -> None:
    """Add steps of `kw` at times in units of steps: the part of a step that is left counts there, the rest in the next."""
    n_steps, n_groups = switched.shape
    # what switches off after the last step runs to its end
    is_inside = at_step < n_steps - 1
    at = at_step[is_inside]
    power = kw[is_inside]
    # whole minutes over the length of a step may come out just below a whole number
    step = np.floor(at + 1e-9).astype(np.int64)
    delay = np.maximum(at - step, 0.0)
    cell = step * n_groups + owner[is_inside]
    # a view: several events of one cell add up by bincount, they would not by an index
    flat = switched.reshape(-1)
    flat += np.bincount(cell, power * (1 - delay), len(flat))
    flat += np.bincount(cell + n_groups, power * delay, len(flat))
