"""The AC replay: what set-points of any origin do on the multi-phase power flow, with violations and the true cost.

Taps, switches and capacitors are held as in the problem: its optimum was found for these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.devices import Reduction
from tieline.devices.battery import split
from tieline.network.neutrals import neutral_nodes
from tieline.opf.decisions import Decisions
from tieline.opf.problem import Problem
from tieline.powerflow import Solution, solve
from tieline.typing import BoolArray, ComplexArray, FloatArray
from tieline.units import S_BASE_KVA

FEASIBLE_PU = 1e-6
"""How far past a limit counts as a violation, relative to one per unit or to the limit: what solvers' tolerances leave."""


REPLAY_TOLERANCE_PU = 1e-10
"""Of the power flow: two digits finer than the optimisers', so that what differs is theirs."""


@dataclass(frozen=True)
class Violation:
    """One limit broken in one step: what, where, the value, the limit and the unit."""

    step: int
    what: str
    where: str
    value: float
    limit: float
    unit: str

    def __str__(self) -> str:
        return f"step {self.step}: {self.what} {self.where} {self.value:.5g} {self.unit}, limit {self.limit:.5g} {self.unit}"


@dataclass(frozen=True, eq=False)
class Replay:
    """Set-points replayed.

    Attributes:
        problem: the question, with its limits and prices.
        solution: AC power flow of all steps, scenario = step.
        der_kw: set-points, (step, der) [kW].
        served: served share of the loads, (step, load).
        reduction: what is taken off loads with a rebound.
    """

    problem: Problem
    solution: Solution
    der_kw: FloatArray
    served: FloatArray
    reduction: Reduction

    @property
    def source_kw(self) -> FloatArray:
        """Power that the source delivers, (step,) [kW]."""
        return self.solution.source_kva.real

    @cached_property
    def bought_kw(self) -> FloatArray:
        """Power bought, at the source or at all meters together, (step,) [kW]."""
        meters = self.problem.meters
        if meters is None:
            return self.source_kw
        return meters.bought_kw(self.solution).sum(axis=1)

    @cached_property
    def cost(self) -> FloatArray:
        """True cost of each step, (step,) [currency]."""
        steps = self.problem.steps
        ders = self.problem.ders
        flexible = self.problem.flexible
        energy_cost = steps.price * self.bought_kw
        der_cost = ders.cost * self.der_kw + ders.cost_square * self.der_kw**2
        # By the demand that is served, not by what a load takes at its voltage: that is what the value is of.
        load_value = flexible.value * steps.load_kw * self.served
        load_value = np.where(flexible.is_flexible, load_value, 0.0)
        per_hour = energy_cost + der_cost.sum(axis=1) - load_value.sum(axis=1)
        per_hour += self.problem.rebounds.cost(self.reduction)
        return steps.hours * per_hour

    @property
    def objective(self) -> float:
        """True cost of all steps and of what returns after the last one, less the value of what is stored then [currency]."""
        storage = self.problem.storage
        hours = self.problem.steps.hours
        value = storage.end_value @ self.stored_kwh[-1]
        cost_after = hours * self.problem.rebounds.cost_after(self.reduction)
        return float(self.cost.sum() + cost_after - value)

    @cached_property
    def stored_kwh(self) -> FloatArray:
        """Stored energy after each step, (step, storage) [kWh]."""
        storage = self.problem.storage
        charge_kw, discharge_kw = split(self.der_kw[:, storage.der])
        return storage.batteries.stored_after_steps(
            storage.stored_kwh, charge_kw, discharge_kw, self.problem.steps.hours
        )

    @cached_property
    def returned_kw(self) -> FloatArray:
        """Shifted power that comes back in each step, (step, device) [kW]."""
        returned, _ = self.problem.rebounds.returned(self.reduction)
        return returned

    @cached_property
    def vm_pu(self) -> FloatArray:
        """Voltage at the problem's points, (step, point) [pu]."""
        return self.problem.limits.points.magnitude_pu(self.solution.v_pu)

    @cached_property
    def flow(self) -> FloatArray:
        """Value of each row of branch limits, (step, row) [A, kVA or kW]."""
        return self.problem.limits.flows.values(self.solution)

    @cached_property
    def worst_miss(self) -> float:
        """By how much the limit that is missed most is missed [pu, or relative to a branch's limit]; 0 if all are kept."""
        limits = self.problem.limits
        above = self.vm_pu - limits.v_max_pu
        below = limits.v_min_pu - self.vm_pu
        over = limits.flows.over(self.flow)
        misses = [miss.max(initial=0.0) for miss in (above, below, over)]
        return float(max(misses))

    @cached_property
    def violations(self) -> tuple[Violation, ...]:
        """Every broken limit of voltages and branches; a step without a solution is one too."""
        limits = self.problem.limits
        flows = self.problem.limits.flows
        names = limits.points.names
        flow_units = flows.unit.tolist()
        pu = ["pu"] * len(names)
        low, high = limits.v_min_pu, limits.v_max_pu
        is_low = self.vm_pu < low - FEASIBLE_PU
        is_high = self.vm_pu > high + FEASIBLE_PU
        is_over = flows.over(self.flow) > FEASIBLE_PU
        return (
            *(
                Violation(0, message, "", np.nan, np.nan, "")
                for message in self.solution.failures
            ),
            *self._source_violations(),
            *self._neutral_violations(),
            *_broken("voltage too low at", names, is_low, self.vm_pu, low, pu),
            *_broken("voltage too high at", names, is_high, self.vm_pu, high, pu),
            *_broken(
                "flow of", flows.names, is_over, self.flow, flows.limit, flow_units
            ),
        )

    def _source_violations(self) -> Iterator[Violation]:
        """Where the source delivers more or less than the feeder says it may; no formulation keeps these limits."""
        source = self.problem.network.feeder.source
        power = self.solution.source_kva
        limits = (
            (power.real, source.p_low_limit_kw, -1, "less", "kW"),
            (power.real, source.p_high_limit_kw, 1, "more", "kW"),
            (power.imag, source.q_low_limit_kvar, -1, "less", "kvar"),
            (power.imag, source.q_high_limit_kvar, 1, "more", "kvar"),
        )
        where = f"source '{source.name}'"
        for value, limit, sign, word, unit in limits:
            if limit is None:
                continue
            # A limit may be zero: then one per unit is what the slack is measured against.
            slack = FEASIBLE_PU * max(abs(limit), S_BASE_KVA)
            is_broken = sign * (value - limit) > slack
            for step in np.flatnonzero(is_broken).tolist():
                what = f"{word} than allowed from"
                yield Violation(step, what, where, float(value[step]), limit, unit)

    def _neutral_violations(self) -> Iterator[Violation]:
        """Where a neutral conductor has more voltage to earth than allowed; no formulation keeps this limit."""
        limit = self.problem.limits.neutral_v
        if limit is None:
            return
        network = self.problem.network
        names = [network.node_names[k] for k in neutral_nodes(network)]
        neutral_v = self.solution.neutral_v
        is_broken = neutral_v > limit * (1 + FEASIBLE_PU)
        limits = np.full(len(names), limit)
        what = "neutral-to-earth voltage too high at"
        yield from _broken(
            what, names, is_broken, neutral_v, limits, ["V"] * len(names)
        )


def _broken(
    what: str,
    names: Sequence[str],
    is_broken: BoolArray,
    value: FloatArray,
    limit: FloatArray,
    units: Sequence[str],
) -> Iterator[Violation]:
    """The broken limits of one kind, (step, limit)."""
    for step, k in np.argwhere(is_broken).tolist():
        yield Violation(
            step, what, names[k], float(value[step, k]), float(limit[k]), units[k]
        )


def replay(
    problem: Problem,
    der_kw: FloatArray,
    der_kvar: FloatArray,
    served: FloatArray | float = 1.0,
    start_pu: ComplexArray | None = None,
    reduction: Reduction | None = None,
) -> Replay:
    """Solve the AC power flow of all steps at given set-points.

    Args:
        problem: the question.
        der_kw, der_kvar: injection of every DER, (step, der) [kW, kvar].
        served: served share of every load, (step, load) or 1.
        start_pu: voltages near those of the solution, (step, node) [pu], which save iterations and change no answer.
        reduction: what is taken off loads with a rebound, (step, device) [kW]; left out, nothing.
    """
    steps = problem.steps
    share = np.broadcast_to(np.asarray(served, dtype=float), steps.load_kw.shape)
    taken_off = problem.rebounds.idle if reduction is None else reduction
    load_kw, load_kvar = problem.rebounds.loads(
        steps.load_kw * share, steps.load_kvar * share, taken_off
    )
    solution = solve(
        problem.network,
        load_kw=load_kw,
        load_kvar=load_kvar,
        der_kw=der_kw,
        der_kvar=der_kvar,
        source_pu=np.tile(problem.setting.source_pu, (problem.n_steps, 1)),
        controls="off",
        tolerance=REPLAY_TOLERANCE_PU,
        start_pu=start_pu,
        **problem.positions,
    )
    return Replay(problem, solution, der_kw, share, taken_off)


def replay_decisions(
    problem: Problem,
    decisions: Decisions,
    u: FloatArray,
    start_pu: ComplexArray | None = None,
) -> Replay:
    """The same at the decision variables u of an optimiser, (variable,)."""
    served = decisions.served(u, problem.n_loads)
    der_kw = u[decisions.p] * S_BASE_KVA
    der_kvar = u[decisions.q] * S_BASE_KVA
    reduction = decisions.reduction(u)
    return replay(problem, der_kw, der_kvar, served, start_pu, reduction)
