"""`DayProgram`: the steps ahead of an episode as one optimal power flow, in energy lost.

    minimise   loss + c curtailed + s shifted + w outside     [kWh]

over all steps together, c, s and w being what the task weighs against a kWh lost. Energy costs 1, and what is saved by not buying
it is charged to what takes it off the loads. The objective is then this sum and a constant:

    price 1,     curtailing 1 + c,     shifting 1 + s less the share that returns within the steps

Solved as its branch flow relaxation with soft limits (`opf.socp.soft`), whose optimum no actions can beat. Limits that the task
does not weigh come before losses here, too: they are its constraint.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.devices import Reduction
from tieline.envs.flexible_loads.base import FlexibleLoadsTask
from tieline.envs.loss_weights import Weights
from tieline.envs.substation_days.series import STEP_H
from tieline.opf.inputs import ReboundInputs
from tieline.opf.make_problem import make_problem
from tieline.opf.problem import Problem
from tieline.opf.socp.soft import SoftSocp
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Plan:
    """The optimum of some steps.

    Attributes:
        reduction: what is taken off, (step, device) each [kW].
        bound: no actions in these steps have a higher sum of rewards; to the tolerance of the solver.
        gap_kw: largest loss of a branch that the relaxation has and AC would not.
    """

    reduction: Reduction
    bound: float
    gap_kw: float


class DayProgram:
    """The program of a task; what it is built of is kept by number of steps."""

    def __init__(self, task: FlexibleLoadsTask):
        self.task = task
        self.weights = Weights.of(task)
        self._programs: dict[int, SoftSocp] = {}

    def plan(
        self, shape: FloatArray, owed_kw: FloatArray, steps_after: int = 0
    ) -> Plan:
        """The optimum of some steps.

        Args:
            shape: load of each zone over its nominal load, (step, zone).
            owed_kw: what is under way before the first, (device, lag) [kW].
            steps_after: steps of the episode that follow them, whose losses are left out.

        Raises:
            NoOptimumError: if the solver gives up.
        """
        problem = self._problem(shape, owed_kw, steps_after)
        soft = self._program(problem).solve(problem)
        answer = soft.answer
        # what loads ask for and what returns anyway is bought whatever is decided
        needed_kw = problem.steps.load_kw.sum()
        needed_kw += problem.rebounds.owed_in_steps_kw.sum()
        lost_kwh = answer.objective - STEP_H * needed_kw + soft.paid.sum()
        gap_kw = answer.relaxation_gap_kw
        return Plan(
            reduction=answer.reduction,
            bound=-self.weights.loss_kwh * float(lost_kwh),
            gap_kw=0.0 if gap_kw is None else float(gap_kw.max()),
        )

    def _problem(
        self, shape: FloatArray, owed_kw: FloatArray, steps_after: int
    ) -> Problem:
        task = self.task
        weights = self.weights
        devices = task.devices
        n_steps = len(shape)
        lowest, highest = task.limits_pu
        load_kw, load_kvar = task.model.loads(shape)
        steps_to_end = np.arange(n_steps)[::-1] + steps_after
        may_shift = np.ones((n_steps, len(devices.names)), dtype=bool)
        if task.closes_within_episode:
            may_shift = devices.closes_within(steps_to_end)
        names = [
            task.model.network.feeder.loads[k].name for k in task.model.device_load
        ]
        return make_problem(
            task.model.network,
            price=np.ones(n_steps),
            hours=STEP_H,
            load_kw=load_kw,
            load_kvar=load_kvar,
            v_min_pu=lowest,
            v_max_pu=highest,
            branch_limits=(),
            rebounds=ReboundInputs(
                devices,
                loads=names,
                shift_max_kw=np.where(may_shift, devices.shift_max_kw, 0.0),
                curtail_cost=1.0 + weights.curtailed_kwh,
                shift_cost=1.0 + weights.shifted_kwh - devices.returned_share(n_steps),
                owed_kw=owed_kw,
                at_end="lost",
            ),
        )

    def _program(self, problem: Problem) -> SoftSocp:
        """The program of as many steps, with the weight of the limits as prices of squared voltages."""
        n_steps = problem.n_steps
        if n_steps not in self._programs:
            lowest, highest = self.task.limits_pu
            per_pu = self.weights.outside_pu
            below = per_pu / (2.0 * lowest)
            above = per_pu / (self._top_pu + highest)
            self._programs[n_steps] = SoftSocp(problem, below, above)
        return self._programs[n_steps]

    @cached_property
    def _top_pu(self) -> float:
        """No voltage of any day is higher: loads take as little as they can, which lifts every one of them [pu]."""
        task = self.task
        devices = task.devices
        at_device = task.model.device_load
        shape = task.days.shape.reshape(-1, task.days.shape.shape[-1])
        load_kw, load_kvar = task.model.loads(shape)
        at_devices_kw = load_kw[:, at_device]
        nothing_kw = np.zeros(at_devices_kw.shape)
        owed_kw = np.zeros((*nothing_kw.shape, devices.n_lags))
        caps = (devices.curtail_max_kw, devices.shift_max_kw)
        most = devices.clip(*caps, at_devices_kw, owed_kw)
        load_kw[:, at_device], load_kvar[:, at_device] = devices.consumption(
            at_devices_kw, load_kvar[:, at_device], most, nothing_kw
        )
        v_pu = task.model.effect(load_kw, load_kvar).v_pu
        return float(np.nanmax(v_pu))
