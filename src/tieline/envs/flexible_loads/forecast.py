"""What is believed of the load ahead: the truth, or a typical day."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from tieline.envs.flexible_loads.days import Days
from tieline.typing import FloatArray, IntArray

BINS_PER_HOUR = 2


class Forecast(Protocol):
    """What is believed of the load ahead."""

    def ahead(self, day: int, step: int, n_steps: int) -> FloatArray:
        """Load of each zone over its nominal load in the step at hand, which is known, and those after it, (step, zone)."""
        ...


class PerfectForecast:
    """The load as it will be."""

    def __init__(self, days: Days):
        self.days = days

    def ahead(self, day: int, step: int, n_steps: int) -> FloatArray:
        """As of `Forecast`."""
        return self.days.shape[day, step : step + n_steps]


class TypicalDayForecast:
    """The load now, and from there the ups and downs of the mean day.

    Args:
        days: the days of the task.
        past: days whose mean by time of day is the typical one: those of training.
    """

    def __init__(self, days: Days, past: Days):
        self.days = days
        self._typical = _by_time_of_day(past)

    def ahead(self, day: int, step: int, n_steps: int) -> FloatArray:
        """As of `Forecast`."""
        steps = slice(step, step + n_steps)
        times = _time_bins(self.days.hour[day, steps])
        typical = self._typical[times]
        return self.days.shape[day, step] * typical / typical[0]


def _by_time_of_day(days: Days) -> FloatArray:
    """Mean load of each zone by half hour of the day, (half hour, zone)."""
    times = _time_bins(days.hour).ravel()
    shape = days.shape.reshape(len(times), -1)
    sums = np.zeros((24 * BINS_PER_HOUR, shape.shape[1]))
    np.add.at(sums, times, shape)
    # a time of day that no day has is never asked for
    counts = np.maximum(np.bincount(times, minlength=len(sums)), 1)
    return sums / counts[:, None]


def _time_bins(hour: FloatArray) -> IntArray:
    return np.floor(hour * BINS_PER_HOUR).astype(np.int64) % (24 * BINS_PER_HOUR)
