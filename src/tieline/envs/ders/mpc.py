"""`MpcRule`: model predictive control: in each step plan the steps ahead by a forecast, carry out the first, look again.

With the forecast of a typical day it knows what a dispatcher may know: load and sun now, and how days go.
"""

from __future__ import annotations

from typing import Protocol

from tieline.envs.ders.base import DersTask
from tieline.envs.ders.days import Days
from tieline.envs.ders.entries import ask_for
from tieline.envs.ders.program import Ahead, DayProgram, Plan
from tieline.envs.ders.state import DersState
from tieline.envs.substation_days.typical_day import TypicalDay
from tieline.errors import InputError
from tieline.typing import FloatArray

WINDOW = 6
"""Steps that a plan looks ahead: three hours, in which what is shifted comes back and a battery is filled."""


class Forecast(Protocol):
    """What is believed of load and sun ahead."""

    def ahead(self, day: int, step: int, n_steps: int) -> tuple[FloatArray, FloatArray]:
        """Load over its nominal power and output of panels over their rating, (step,) each, from the step at hand on, which is
        known.
        """
        ...


class PerfectForecast:
    """Load and sun as they will be."""

    def __init__(self, days: Days):
        self.days = days

    def ahead(self, day: int, step: int, n_steps: int) -> tuple[FloatArray, FloatArray]:
        """As of `Forecast`."""
        steps = slice(step, step + n_steps)
        return self.days.load[day, steps], self.days.sun[day, steps]


class TypicalDayForecast:
    """The load now, and from there the ups and downs of the mean day; the sun now, and then that of the mean day.

    Args:
        days: the days of the task.
        past: days whose mean by time of day is the typical one: those of training.
    """

    def __init__(self, days: Days, past: Days):
        self.days = days
        self._load = TypicalDay(past.hour, past.load)
        self._sun = TypicalDay(past.hour, past.sun)

    def ahead(self, day: int, step: int, n_steps: int) -> tuple[FloatArray, FloatArray]:
        """As of `Forecast`."""
        days = self.days
        hours = days.hour[day, step : step + n_steps]
        typical_load = self._load.at(hours)
        load = days.load[day, step] * typical_load / typical_load[0]
        # no ratio here: there is none to the sun of a night
        sun = self._sun.at(hours)
        sun[0] = days.sun[day, step]
        return load, sun


class MpcRule:
    """Plans again in each step, as a decider.

    Args:
        task: either form.
        forecast: of load and sun; left out, the perfect one.
        window: steps that a plan looks ahead, the one at hand included.

    Raises:
        InputError: if losses count nothing in the task, or the window is empty.
    """

    def __init__(
        self,
        task: DersTask,
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
        self, observation: FloatArray, state: DersState | None = None
    ) -> FloatArray:
        """The first step of each plan, (episode, action).

        Raises:
            InputError: without `state`.
            NoOptimumError: if the solver gives up, or batteries can no longer be full again at midnight in so short a window.
        """
        del observation
        if state is None:
            raise InputError(
                "MPC needs the state of the episodes: call act(observation, state)."
            )
        plans = [self._plan(state, episode) for episode in range(len(state.day))]
        return ask_for(self.task, plans, [0] * len(plans))

    def _plan(self, state: DersState, episode: int) -> Plan:
        """The plan of one episode from the step at hand on."""
        day = int(state.day[episode])
        step = int(state.step[episode])
        steps_left = self.task.days.n_steps - step
        n_steps = min(self.window, steps_left)
        load, sun = self.forecast.ahead(day, step, n_steps)
        ahead = Ahead(
            load=load,
            offered_kw=self.task.sun_kw(sun),
            stored_kwh=state.stored_kwh[episode],
            owed_kw=state.owed_kw[episode],
            steps_after=steps_left - n_steps,
        )
        return self._program.plan(ahead)
