"""What is believed of the load ahead: the truth, or a typical day."""

from __future__ import annotations

from typing import Protocol

from tieline.envs.flexible_loads.days import Days
from tieline.envs.substation_days.typical_day import TypicalDay
from tieline.typing import FloatArray


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
        self._typical = TypicalDay(past.hour, past.shape)

    def ahead(self, day: int, step: int, n_steps: int) -> FloatArray:
        """As of `Forecast`."""
        steps = slice(step, step + n_steps)
        typical = self._typical.at(self.days.hour[day, steps])
        return self.days.shape[day, step] * typical / typical[0]
