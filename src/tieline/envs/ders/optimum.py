"""`OptimumRule`: the best plan of a whole day for batteries, PV and flexible loads, and a bound that no decider passes.

It knows load and sun of every step of the day, which no other decider does: what it gains is what there is to gain. The plan is
an optimal power flow over all steps (`DayProgram`), carried out step by step like any other's.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tieline.envs.ders.base import DersTask
from tieline.envs.ders.entries import ask_for
from tieline.envs.ders.program import Ahead, DayProgram, Plan
from tieline.envs.ders.state import DersState
from tieline.errors import InputError
from tieline.typing import FloatArray


class OptimumRule:
    """The plan of each day as a decider, for episodes that follow it from their first step.

    Raises:
        InputError: if losses count nothing in the task.
    """

    def __init__(self, task: DersTask):
        self.task = task
        self._program = DayProgram(task)
        self._plans: dict[int, Plan] = {}

    def plan(self, day: int) -> Plan:
        """The optimum of a day, solved when first asked for; raises `NoOptimumError` if the solver gives up."""
        if day not in self._plans:
            self._plans[day] = self._program.plan(self._ahead(day))
        return self._plans[day]

    def bounds(self, days: Iterable[int]) -> FloatArray:
        """No decider has a higher return on these days, (day,)."""
        lost_kwh = [self._program.least_lost_kwh(self._ahead(day)) for day in days]
        return -self._program.weights.loss_kwh * np.array(lost_kwh)

    def act(
        self, observation: FloatArray, state: DersState | None = None
    ) -> FloatArray:
        """What the plans say for this step, (episode, action)."""
        del observation
        if state is None:
            raise InputError(
                "The optimum needs the state of the episodes: call act(observation, state)."
            )
        plans = [self.plan(day) for day in state.day.tolist()]
        return ask_for(self.task, plans, state.step.tolist())

    def _ahead(self, day: int) -> Ahead:
        """A whole day."""
        task = self.task
        n_steps = task.days.n_steps
        return Ahead(
            load=task.days.load[day, :n_steps],
            offered_kw=task.sun_kw(task.days.sun[day, :n_steps]),
            stored_kwh=task.first_kwh,
            owed_kw=task.flexible_loads.nothing_owed_kw,
        )
