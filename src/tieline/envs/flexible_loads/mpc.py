"""`MpcRule`: model predictive control: in each step plan the steps ahead by a forecast, carry out the first, look again.

With a forecast that knows the day and a window that sees all of it, it is the optimum. With the forecast of a typical day it
knows what a dispatcher may know: the load now, and how days go.
"""

from __future__ import annotations

import numpy as np

from tieline.devices import Reduction
from tieline.envs.flexible_loads.base import FlexibleLoadsState, FlexibleLoadsTask
from tieline.envs.flexible_loads.entries import shares_of
from tieline.envs.flexible_loads.forecast import Forecast, PerfectForecast
from tieline.envs.flexible_loads.program import DayProgram
from tieline.errors import InputError
from tieline.typing import FloatArray

WINDOW = 12
"""Steps that a plan looks ahead: six hours, three times as long as a shift takes to come back."""


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
        return shares_of(self.task.devices, wish)

    def _first(self, day: int, step: int, owed_kw: FloatArray) -> Reduction:
        """What the plan of one episode takes off in the step at hand, (device,) each [kW]."""
        steps_left = self.task.days.n_steps - step
        n_steps = min(self.window, steps_left)
        shape = self.forecast.ahead(day, step, n_steps)
        plan = self._program.plan(shape, owed_kw, steps_left - n_steps)
        return Reduction(*(power[0] for power in plan.reduction))
