"""`OptimumRule`: the best plan of a whole day for batteries, PV and flexible loads, and a bound that no decider passes.

    minimise   loss + lost in batteries + spilled + missing + c curtailed + s shifted + w outside     [kWh]

as published without the second to sixth. Energy bought counts 1:

    corrected       what is bought, with the sun's offer, less load, less what batteries gain, is lost or spilled.
                    Therefore what they end with is worth 1
    as published    an injection costs 1, so that only its effect on losses counts

Curtailing and shifting are charged what they save without losing less. The plan leaves nothing missing in batteries. The bound
lets energy be missing for r = 1 / efficiency - 1 per kWh, what charging it again loses without the network: at most what the task
asks, as long as r <= 1, so no plan is better. Solved as the branch flow relaxation with soft limits (`opf.socp.soft`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.devices import Reduction
from tieline.envs.ders.base import DersState, DersTask
from tieline.envs.loss_weights import Weights
from tieline.envs.substation_days.series import STEP_H
from tieline.errors import InputError
from tieline.opf.answer import Answer
from tieline.opf.inputs import DerInputs, ReboundInputs, StorageInputs
from tieline.opf.make_problem import make_problem
from tieline.opf.problem import Problem
from tieline.opf.socp.soft import SoftSocp
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class DayPlan:
    """The optimum of a day.

    Attributes:
        pv_kw, pv_kvar, battery_kw, battery_kvar: injected, (step, device).
        offered_kw: what the sun offers, (step, inverter).
        reduction: what is taken off flexible loads, (step, device) each [kW].
        bound: no actions have a higher return; to the tolerance of the solver.
        gap_kw: largest loss of a branch that the relaxation has and AC would not.
    """

    pv_kw: FloatArray
    pv_kvar: FloatArray
    battery_kw: FloatArray
    battery_kvar: FloatArray
    offered_kw: FloatArray
    reduction: Reduction
    bound: float
    gap_kw: float


class OptimumRule:
    """The plan of each day as a decider, for episodes that follow it from their first step.

    Raises:
        InputError: if losses count nothing in the task.
    """

    def __init__(self, task: DersTask):
        self.task = task
        self.weights = Weights.of(task)
        term_names = [term.name for term in task.terms]
        self._keeps_energy = "missing_kwh" in term_names
        self._plans: dict[int, DayPlan] = {}
        self._model: SoftSocp | None = None

    def plan(self, day: int) -> DayPlan:
        """The optimum of a day, solved when first asked for; raises `NoOptimumError` if the solver gives up."""
        if day not in self._plans:
            self._plans[day] = self._solve(day)
        return self._plans[day]

    def bounds(self, days: Iterable[int]) -> FloatArray:
        """No decider has a higher return on these days, (day,)."""
        return np.array([self.plan(day).bound for day in days])

    def act(
        self, observation: FloatArray, state: DersState | None = None
    ) -> FloatArray:
        """What the plans say for this step, (episode, action)."""
        if state is None:
            raise InputError(
                "The optimum needs the state of the episodes: call act(observation, state)."
            )
        action = self.task.idle_action(len(observation))
        # views of the action: what is written to them stands in it
        kinds = self.task.of_kind(action)
        steps = state.step.tolist()
        for episode, day in enumerate(state.day.tolist()):
            entries = [kind[episode] for kind in kinds]
            self._write(self.plan(day), steps[episode], entries)
        return action

    def _write(self, plan: DayPlan, step: int, entries: list[FloatArray]) -> None:
        """Set the entries of batteries, PV and flexible loads, (device, 2) each, to a step of a plan."""
        battery, pv, flexible = entries
        batteries = self.task.model.batteries
        battery[:, 0] = plan.battery_kw[step] / batteries.discharge_max_kw
        battery[:, 1] = plan.battery_kvar[step] / batteries.kva
        offered_kw = plan.offered_kw[step]
        used_share = np.ones(len(offered_kw))
        np.divide(plan.pv_kw[step], offered_kw, out=used_share, where=offered_kw > 0)
        spilled_share = np.clip(1.0 - used_share, 0.0, 1.0)
        pv[:, 0] = self.task.spill_entry(spilled_share)
        pv[:, 1] = plan.pv_kvar[step] / self.task.model.inverters.kva
        devices = self.task.flexible_loads
        flexible[:, 0] = plan.reduction.curtailed_kw[step] / devices.curtail_max_kw
        flexible[:, 1] = plan.reduction.shifted_kw[step] / devices.shift_max_kw
        np.clip(battery, -1.0, 1.0, out=battery)
        np.clip(pv[:, 1], -1.0, 1.0, out=pv[:, 1])
        np.clip(flexible, 0.0, 1.0, out=flexible)

    def _solve(self, day: int) -> DayPlan:
        offered_kw = self._offered_kw(day)
        problem = self._problem(day, offered_kw)
        answer, lost_kwh = self._run(problem, offered_kw)
        gap_kw = answer.relaxation_gap_kw
        if self._keeps_energy:
            _, lost_kwh = self._run(self._with_missing(problem), offered_kw)
            lost_kwh += float(self._recharge_kwh @ self.task.first_kwh)
        n_pv = offered_kw.shape[1]
        return DayPlan(
            pv_kw=answer.der_kw[:, :n_pv],
            pv_kvar=answer.der_kvar[:, :n_pv],
            battery_kw=answer.der_kw[:, n_pv:],
            battery_kvar=answer.der_kvar[:, n_pv:],
            offered_kw=offered_kw,
            reduction=answer.reduction,
            bound=-self.weights.loss_kwh * lost_kwh,
            gap_kw=0.0 if gap_kw is None else float(gap_kw.max()),
        )

    def _run(self, problem: Problem, offered_kw: FloatArray) -> tuple[Answer, float]:
        """The optimum and its sum of the terms above [kWh]."""
        if self._model is None:
            below, above = self._slack_prices
            self._model = SoftSocp(problem, below, above)
        soft = self._model.solve(problem)
        lost_kwh = soft.answer.objective + soft.paid.sum()
        lost_kwh -= STEP_H * problem.steps.load_kw.sum()
        if self._keeps_energy:
            lost_kwh += STEP_H * offered_kw.sum() + self.task.first_kwh.sum()
        return soft.answer, float(lost_kwh)

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

    def _offered_kw(self, day: int) -> FloatArray:
        """What the sun offers in each step, (step, inverter)."""
        n_steps = self.task.days.n_steps
        # `offered_kw` looks at day and step alone: one row for each step
        first = self.task.start(np.zeros(n_steps, dtype=np.int64))
        steps = np.arange(n_steps)
        rows = DersState(**{**vars(first), "day": np.full(n_steps, day), "step": steps})
        return self.task.offered_kw(rows)

    def _problem(self, day: int, offered_kw: FloatArray) -> Problem:
        task = self.task
        weights = self.weights
        model = task.model
        n_steps = len(offered_kw)
        load_kw, load_kvar = model.loads(task.days.load[day, :n_steps])
        lowest, highest = task.limits_pu
        batteries = model.batteries
        pv_low = np.zeros(offered_kw.shape)
        battery_kw = np.ones((n_steps, 1)) * batteries.discharge_max_kw
        names = [model.network.feeder.loads[k].name for k in model.flexible_load]
        share_back = task.flexible_loads.returned_share(n_steps)
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
                p_max_kw=np.hstack([offered_kw, battery_kw]),
            ),
            storage=StorageInputs(
                batteries=batteries,
                stored_kwh=task.first_kwh,
                stored_end_kwh=task.first_kwh if self._keeps_energy else None,
                end_value=1.0 if self._keeps_energy else 0.0,
            ),
            rebounds=ReboundInputs(
                task.flexible_loads,
                loads=names,
                curtail_cost=1.0 + weights.curtailed_kwh,
                shift_cost=1.0 + weights.shifted_kwh - share_back,
                at_end="closed" if self._keeps_energy else "lost",
            ),
        )
        # panels of more than their inverter feed all of it as published, and have no reactive power then
        most_kw = np.concatenate([offered_kw.max(axis=0), batteries.kva])
        return problem.replace(kva=np.maximum(problem.ders.kva, most_kw))

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
