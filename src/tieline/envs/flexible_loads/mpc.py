"""`MpcRule`: model predictive control: in each step plan the steps ahead by a forecast, carry out the first, look again.

With a forecast that knows the day and a window that sees all of it, it is the optimum. With the forecast of a typical day it
knows what a dispatcher may know: the load now, and how days go.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from tieline.devices import Reduction
from tieline.envs.flexible_loads.base import FlexibleLoadsState, FlexibleLoadsTask
from tieline.envs.flexible_loads.days import Days
from tieline.envs.flexible_loads.optimum import shares_of
from tieline.envs.flexible_loads.program import DayProgram
from tieline.errors import InputError
from tieline.typing import FloatArray, IntArray

WINDOW = 12
"""Steps that a plan looks ahead: six hours, three times as long as a shift takes to come back."""

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


class MpcRule:
    """Plans again in each step, as a decider.

    Args:
        task: either form.
        forecast: of the load; left out, the perfect one.
        window: steps that a plan looks ahead, the one at hand included.

    Raises:
        InputError: if losses count nothing in the task, or the window is empty.
    """

    def __init__(
        self,
        task: FlexibleLoadsTask,
        forecast: Forecast | None = None,
        window: int = WINDOW,
    ):
        if window < 1:
            raise InputError(f"A window needs at least one step; got {window}.")
        self.task = task
        self.forecast = forecast or PerfectForecast(task.days)
        self.window = window
        self._program = DayProgram(task)

    def act(
        self, observation: FloatArray, state: FlexibleLoadsState | None = None
    ) -> FloatArray:
        """The first step of each plan, (episode, action); raises `NoOptimumError` if the solver gives up."""
        del observation
        if state is None:
            raise InputError(
                "MPC needs the state of the episodes: call act(observation, state)."
            )
        episodes = zip(
            state.day.tolist(), state.step.tolist(), state.owed_kw, strict=True
        )
        firsts = [self._first(*episode) for episode in episodes]
        wish = Reduction(
            np.array([first.curtailed_kw for first in firsts]),
            np.array([first.shifted_kw for first in firsts]),
        )
        return shares_of(self.task, wish)

    def _first(self, day: int, step: int, owed_kw: FloatArray) -> Reduction:
        """What the plan of one episode takes off in the step at hand, (device,) each [kW]."""
        steps_left = self.task.days.n_steps - step
        n_steps = min(self.window, steps_left)
        shape = self.forecast.ahead(day, step, n_steps)
        plan = self._program.plan(shape, owed_kw, steps_left - n_steps)
        return Reduction(*(power[0] for power in plan.reduction))


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
