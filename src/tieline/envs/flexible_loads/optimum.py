"""`OptimumRule`: the best plan of a whole day, and a bound that no decider passes.

It knows the load of every step of the day, which no other decider does: what it gains is what there is to gain. The plan is an
optimal power flow over all steps (`DayProgram`), carried out step by step like any other's; what it reaches on AC stands beside
the bound, and the difference is what is not proven.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tieline.devices import Reduction
from tieline.envs.flexible_loads.base import FlexibleLoadsState, FlexibleLoadsTask
from tieline.envs.flexible_loads.program import DayProgram, Plan
from tieline.envs.flexible_loads.rules import as_action
from tieline.errors import InputError
from tieline.typing import FloatArray


class OptimumRule:
    """The plan of each day as a decider, for episodes that follow it from their first step.

    Raises:
        InputError: if losses count nothing in the task.
    """

    def __init__(self, task: FlexibleLoadsTask):
        self.task = task
        self._program = DayProgram(task)
        self._plans: dict[int, Plan] = {}

    def plan(self, day: int) -> Plan:
        """The optimum of a day, solved when first asked for; raises `NoOptimumError` if the solver gives up."""
        if day not in self._plans:
            shape = self.task.days.shape[day, :-1]
            nothing_owed = self.task.devices.nothing_owed_kw
            self._plans[day] = self._program.plan(shape, nothing_owed)
        return self._plans[day]

    def bounds(self, days: Iterable[int]) -> FloatArray:
        """No decider has a higher return on these days, (day,)."""
        return np.array([self.plan(day).bound for day in days])

    def act(
        self, observation: FloatArray, state: FlexibleLoadsState | None = None
    ) -> FloatArray:
        """What the plans say for this step, (episode, action)."""
        del observation
        if state is None:
            raise InputError(
                "The optimum needs the state of the episodes: call act(observation, state)."
            )
        reductions = [self.plan(day).reduction for day in state.day.tolist()]
        steps = state.step.tolist()
        pairs = list(zip(reductions, steps, strict=True))
        wish = Reduction(
            np.array([plan.curtailed_kw[step] for plan, step in pairs]),
            np.array([plan.shifted_kw[step] for plan, step in pairs]),
        )
        return shares_of(self.task, wish)


def shares_of(task: FlexibleLoadsTask, wish: Reduction) -> FloatArray:
    """The action that asks for powers (episode, device), (episode, action)."""
    devices = task.devices
    curtail = wish.curtailed_kw / devices.curtail_max_kw
    shift = wish.shifted_kw / devices.shift_max_kw
    return as_action(np.minimum(curtail, 1.0), np.minimum(shift, 1.0))
