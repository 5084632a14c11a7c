"""`DayProgram`: the steps ahead of an episode as one optimal power flow of batteries, PV and flexible loads, in energy lost.

    minimise   loss + lost in batteries + spilled + missing + c curtailed + s shifted + w outside     [kWh]

as published without the second to sixth. Energy bought counts 1:

    corrected       what is bought, with the sun's offer, less load, less what batteries gain, is lost or spilled.
                    Therefore what they end with is worth 1
    as published    an injection costs 1, so that only its effect on losses counts

Curtailing and shifting are charged what they save without losing less. The plan leaves nothing missing in batteries where the
steps reach midnight; where they end before, what is stored is worth what charging it again takes. The bound lets energy be
missing for r = 1 / efficiency - 1 per kWh, what charging it again loses without the network: at most what the task asks, as long
as r <= 1, so no plan is better. Solved as the branch flow relaxation with soft limits (`opf.socp.soft`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.devices import Reduction
from tieline.envs.ders.base import DersTask
from tieline.envs.loss_weights import Weights
from tieline.envs.substation_days.series import STEP_H
from tieline.opf.answer import Answer
from tieline.opf.inputs import DerInputs, ReboundInputs, StorageInputs
from tieline.opf.make_problem import make_problem
from tieline.opf.problem import Problem
from tieline.opf.socp.soft import SoftSocp
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Ahead:
    """The steps that are planned, and where they begin.

    Attributes:
        load: of every load over its nominal power, (step,).
        offered_kw: what the sun offers, (step, inverter).
        stored_kwh: in batteries before the first, (battery,).
        owed_kw: what is under way before the first, (flexible load, lag) [kW].
        steps_after: steps of the episode that follow them, whose losses are left out.
    """

    load: FloatArray
    offered_kw: FloatArray
    stored_kwh: FloatArray
    owed_kw: FloatArray
    steps_after: int = 0


@dataclass(frozen=True, eq=False)
class Plan:
    """The optimum of some steps.

    Attributes:
        pv_kw, pv_kvar, battery_kw, battery_kvar: injected, (step, device).
        offered_kw: what the sun offers, (step, inverter).
        reduction: what is taken off flexible loads, (step, device) each [kW].
        lost_kwh: the sum above.
        gap_kw: largest loss of a branch that the relaxation has and AC would not.
    """

    pv_kw: FloatArray
    pv_kvar: FloatArray
    battery_kw: FloatArray
    battery_kvar: FloatArray
    offered_kw: FloatArray
    reduction: Reduction
    lost_kwh: float
    gap_kw: float


class DayProgram:
    """The program of a task; what it is built of is kept by number of steps.

    Raises:
        InputError: if losses count nothing in the task.
    """

    def __init__(self, task: DersTask):
        self.task = task
        self.weights = Weights.of(task)
        term_names = [term.name for term in task.terms]
        self._keeps_energy = "missing_kwh" in term_names
        self._programs: dict[int, SoftSocp] = {}

    def plan(self, ahead: Ahead) -> Plan:
        """The optimum of some steps; raises `NoOptimumError` if the solver gives up."""
        problem = self._problem(ahead)
        answer, lost_kwh = self._run(problem, ahead)
        gap_kw = answer.relaxation_gap_kw
        n_pv = ahead.offered_kw.shape[1]
        return Plan(
            pv_kw=answer.der_kw[:, :n_pv],
            pv_kvar=answer.der_kvar[:, :n_pv],
            battery_kw=answer.der_kw[:, n_pv:],
            battery_kvar=answer.der_kvar[:, n_pv:],
            offered_kw=ahead.offered_kw,
            reduction=answer.reduction,
            lost_kwh=lost_kwh,
            gap_kw=0.0 if gap_kw is None else float(gap_kw.max()),
        )

    def least_lost_kwh(self, ahead: Ahead) -> float:
        """No actions lose less in steps that reach the end of an episode; to the tolerance of the solver."""
        problem = self._problem(ahead)
        if not self._keeps_energy:
            return self._run(problem, ahead)[1]
        _, lost_kwh = self._run(self._with_missing(problem), ahead)
        return lost_kwh + float(self._recharge_kwh @ self.task.first_kwh)

    def _run(self, problem: Problem, ahead: Ahead) -> tuple[Answer, float]:
        """The optimum and its sum of the terms above [kWh]."""
        soft = self._program(problem).solve(problem)
        # what loads ask for and what returns anyway is bought whatever is decided
        needed_kw = problem.steps.load_kw.sum()
        needed_kw += problem.rebounds.owed_in_steps_kw.sum()
        lost_kwh = soft.answer.objective + soft.paid.sum() - STEP_H * needed_kw
        if self._keeps_energy:
            lost_kwh += STEP_H * ahead.offered_kw.sum() + ahead.stored_kwh.sum()
        return soft.answer, float(lost_kwh)

    def _program(self, problem: Problem) -> SoftSocp:
        """The program of as many steps."""
        n_steps = problem.n_steps
        if n_steps not in self._programs:
            below, above = self._slack_prices
            self._programs[n_steps] = SoftSocp(problem, below, above)
        return self._programs[n_steps]

    @property
    def _recharge_kwh(self) -> FloatArray:
        """Lost when a kWh that is missing is charged again, without the network, (battery,) [kWh]."""
        recharge = 1.0 / self.task.model.batteries.efficiency_charge - 1.0
        return np.minimum(recharge, 1.0)

    def _with_missing(self, problem: Problem) -> Problem:
        """The problem in which energy may be missing at the end, for what charging it again would lose."""
        no_kwh = np.zeros(self.task.first_kwh.shape)
        return problem.replace(
            stored_end_kwh=no_kwh, end_value=1.0 + self._recharge_kwh
        )

    def _problem(self, ahead: Ahead) -> Problem:
        task = self.task
        model = task.model
        n_steps = len(ahead.load)
        load_kw, load_kvar = model.loads(ahead.load)
        lowest, highest = task.limits_pu
        pv_low = np.zeros(ahead.offered_kw.shape)
        battery_kw = np.ones((n_steps, 1)) * model.batteries.discharge_max_kw
        problem = make_problem(
            model.network,
            price=np.ones(n_steps),
            hours=STEP_H,
            load_kw=load_kw,
            load_kvar=load_kvar,
            cost=0.0 if self._keeps_energy else 1.0,
            v_min_pu=lowest,
            v_max_pu=highest,
            branch_limits=(),
            ders=DerInputs(
                p_min_kw=np.hstack([pv_low, -battery_kw]),
                p_max_kw=np.hstack([ahead.offered_kw, battery_kw]),
            ),
            storage=self._storage(ahead),
            rebounds=self._rebounds(ahead),
        )
        # panels of more than their inverter feed all of it as published, and have no reactive power then
        most_kw = np.concatenate([ahead.offered_kw.max(axis=0), model.batteries.kva])
        return problem.replace(kva=np.maximum(problem.ders.kva, most_kw))

    def _storage(self, ahead: Ahead) -> StorageInputs:
        """Batteries; where the task asks for it, they hold at midnight what they had at first."""
        batteries = self.task.model.batteries
        if not self._keeps_energy:
            return StorageInputs(batteries, stored_kwh=ahead.stored_kwh)
        reaches_midnight = ahead.steps_after == 0
        # before midnight, what is taken out has to be charged again
        value = 1.0 if reaches_midnight else 1.0 + self._recharge_kwh
        return StorageInputs(
            batteries,
            stored_kwh=ahead.stored_kwh,
            stored_end_kwh=self.task.first_kwh if reaches_midnight else None,
            end_value=value,
        )

    def _rebounds(self, ahead: Ahead) -> ReboundInputs:
        """Flexible loads, which shift nothing past midnight where the task closes the day."""
        task = self.task
        devices = task.flexible_loads
        weights = self.weights
        n_steps = len(ahead.load)
        feeder_loads = task.model.network.feeder.loads
        may_shift = np.ones((n_steps, len(devices.names)), dtype=bool)
        if self._keeps_energy:
            steps_to_end = np.arange(n_steps)[::-1] + ahead.steps_after
            may_shift = devices.closes_within(steps_to_end)
        return ReboundInputs(
            devices,
            loads=[feeder_loads[k].name for k in task.model.flexible_load],
            shift_max_kw=np.where(may_shift, devices.shift_max_kw, 0.0),
            curtail_cost=1.0 + weights.curtailed_kwh,
            shift_cost=1.0 + weights.shifted_kwh - devices.returned_share(n_steps),
            owed_kw=ahead.owed_kw,
            at_end="lost",
        )

    @cached_property
    def _slack_prices(self) -> tuple[float, float]:
        """Prices of squared voltages below and above their limits that are no more than the task asks of voltages."""
        lowest, highest = self.task.limits_pu
        per_pu = self.weights.outside_pu
        return per_pu / (2.0 * lowest), per_pu / (self._top_pu + highest)

    @cached_property
    def _top_pu(self) -> float:
        """No voltage is higher: loads take as little as they can, devices inject more P and Q than their circles allow [pu]."""
        task = self.task
        model = task.model
        devices = task.flexible_loads
        at_device = model.flexible_load
        load_kw, load_kvar = model.loads(np.array([float(task.days.load.min())]))
        taken_off_kw = devices.curtail_max_kw + devices.shift_max_kw
        load_kw[:, at_device] -= taken_off_kw
        pv_kw = task.days.sun.max() * model.inverters.rated_kw
        pv = np.maximum(pv_kw, model.inverters.kva)[None]
        battery = model.batteries.kva[None]
        effect = model.effect(load_kw, load_kvar, (pv, pv), (battery, battery))
        return float(effect.v_pu.max())
