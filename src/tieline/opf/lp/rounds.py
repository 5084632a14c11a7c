"""Rounds of the linear program: solve, replay on AC, linearise there, until program and AC agree.

A round whose set-points have no AC solution goes back halfway to the last that have one. Where no set-points keep the linearised
limits, rounds minimise the sum of what they miss; if that comes to rest above zero, the limits that AC misses there are the
smallest relaxation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.errors import InputError
from tieline.opf.answer import Answer, Duals
from tieline.opf.decisions import Decisions, make_decisions, nearest_to_idle
from tieline.opf.infeasible import InfeasibleError, NoOptimumError, relaxations_of
from tieline.opf.lp import cuts
from tieline.opf.lp.program import Program, Row
from tieline.opf.lp.voltages import LinearModelName, around, by_model
from tieline.opf.problem import Problem
from tieline.opf.replay import FEASIBLE_PU, Replay, replay_decisions
from tieline.typing import FloatArray

ROUNDS = 20
"""At most so many: 4 to 9 do on the bundled feeders."""

COST_TOLERANCE = 1e-4
"""Relative difference between the cost foreseen and on AC at which rounds end."""

TINY = 1e-9
"""Costs below this are nothing [money]."""

ROW_PU = FEASIBLE_PU / 10
"""How far past its limit a linear voltage gets a row: well below what a replay calls a violation."""

ROWS_AT_ONCE = 100
"""Voltage rows added together: neighbours say nearly the same, so that the worst usually settle the rest."""

SHRINK = 0.1
"""Steps that mend limits against the step before: what limits miss falls with the square, a hundredfold."""

MENDING = 3
"""Last rounds, kept for that: from 1e-3 pu to below what counts as a violation."""

AROUND_AC = "around the AC solution of the round before"

HALVINGS = 10
"""Tries to find an AC solution on the way to new set-points: a thousandth of the way is no step any more."""


def solve_lp(
    problem: Problem,
    voltages: LinearModelName = "lindistflow",
    rounds: int = ROUNDS,
    start: Answer | None = None,
) -> Answer:
    """Optimum of the linear program.

    Args:
        problem: what is asked.
        voltages: linear model of the first round; `lpf` is for single-phase equivalents.
        rounds: at most so many linearisations; 1 is the linear model alone, which AC may find breaking limits. How many were
            made, and what they left, stands in the answer.
        start: an answer to a similar problem; rounds begin with the AC solution at its set-points, and no linear model is built.

    Raises:
        InputError: if a price is below zero, `rounds` is, or the model does not take the feeder (meshed for LinDistFlow, phases
            for LPF).
        InfeasibleError: if no set-points keep the limits; it holds the smallest relaxation of them.
        NoOptimumError: if HiGHS gave up.
    """
    if rounds < 1:
        raise InputError(f"The LP needs at least one round; got {rounds}.")
    if (problem.steps.price < 0).any() or (problem.ders.cost_square < 0).any():
        raise InputError(
            "The LP needs prices and quadratic costs of zero or more: use the NLP where energy has a price below zero."
        )
    return _Rounds(problem, voltages, start).run(rounds)


@dataclass(frozen=True, eq=False)
class _Optimum:
    """One solved program: decisions, cost [money] or sum of slacks, voltages by its own model (step, point) [pu], duals."""

    u: FloatArray
    objective: float
    vm_pu: FloatArray
    duals: Duals


class _Rounds:
    """The program with the place it is linearised at.

    Attributes:
        u: the last set-points replayed, inside all circles.
        sources: what the voltages were linear by, first and last, in words.
        count: AC replays so far.
    """

    def __init__(self, problem: Problem, first: LinearModelName, start: Answer | None):
        self.problem = problem
        self.decisions = make_decisions(problem)
        self.program = Program(problem, self.decisions)
        self.watched: dict[tuple[str, int, int], None] = {}
        self.count = 0
        cuts.add_circles(self.program)
        self.sources: tuple[str, ...] = ()
        if start is None or not self._begin_at(start.u):
            self.u = nearest_to_idle(self.decisions)
            self.voltages, self.sources = by_model(problem, self.decisions, first), (f"by {first}",)
            cuts.add_lossless_purchase(self.program)

    def run(self, rounds: int) -> Answer:
        """Rounds until program and AC agree: first on the cost, then in small steps on the limits."""
        found, here, reach, free = None, None, np.inf, np.nan
        for left in reversed(range(rounds)):
            before, optimum = self.u, self._optimum()
            if optimum is None:
                self._widen(reach)
                reach = np.inf
                continue
            found, here = optimum, self._to_ac(optimum.u)
            free = found.objective if np.isinf(reach) else free
            if self._is_settled(found, here, reach) or not left:
                break
            self._linearise(here)
            if (
                np.isfinite(reach)
                or _gap(found.objective, here) <= COST_TOLERANCE
                or left <= min(MENDING, rounds // 2)
            ):
                reach = SHRINK * float(
                    np.abs(self.u - before)[self.decisions.network_columns].max(initial=0.0)
                )
                self.program.stay_near(self.u, reach)
        if found is None or here is None:
            raise NoOptimumError(
                f"The LP of feeder '{self.problem.network.feeder.name}' found no set-points in {rounds} rounds, although limits "
                "can just be kept. Loosen those that only just hold, or use the NLP."
            )
        return self._answer(found, here, free)

    def _is_settled(self, found: _Optimum, here: Replay, reach: float) -> bool:
        """Whether AC keeps the limits, and costs what was foreseen; a step kept small is settled by the limits alone."""
        return here.worst_miss <= FEASIBLE_PU and (
            np.isfinite(reach) or _gap(found.objective, here) <= COST_TOLERANCE
        )

    def _widen(self, reach: float) -> None:
        """No set-points were found: free the step, or if it was, restore the limits."""
        if np.isfinite(reach):
            self.program.stay_near(self.u, np.inf)
        else:
            self._restore()

    def _begin_at(self, u: FloatArray) -> bool:
        """Linearise around the AC solution at given decisions; False if there is none."""
        here = replay_decisions(self.problem, self.decisions, u)
        if here.solution.converged.all():
            self.u = u
            self._linearise(here)
        return bool(here.solution.converged.all())

    def _optimum(self) -> _Optimum | None:
        """Optimum of the present program, with voltage rows added until its voltages keep all limits; None if there is none."""
        while True:
            objective = self.program.solve()
            if objective is None:
                return None
            u = self.program.x[: self.decisions.count]
            value = self.voltages(u[self.decisions.network_columns])
            if not self._watch_more(value):
                return _Optimum(u, objective, value ** (1 / self.voltages.power), self._duals())

    def _watch_more(self, value: FloatArray) -> bool:
        """Rows for voltages (to the model's power) that have none and lie outside their limits; True if there are such."""
        found = []
        for kind, sign, limit in self._sides():
            excess = sign * (value - limit**self.voltages.power)
            found += [
                (kind, t, k) for t, k in _worst(excess, ROW_PU) if (kind, t, k) not in self.watched
            ]
        for key in found:
            self.watched[key] = None
            self._add_voltage_row(*key)
        return bool(found)

    def _sides(self) -> tuple[tuple[str, float, FloatArray], ...]:
        """Kind of row, sign and limit [pu] of the lowest and the highest voltages."""
        return ("low", -1.0, self.problem.limits.v_min_pu), (
            "high",
            1.0,
            self.problem.limits.v_max_pu,
        )

    def _add_voltage_row(self, kind: str, step: int, point: int) -> None:
        sign, limit = next(
            (sign, limit[point]) for name, sign, limit in self._sides() if name == kind
        )
        power = self.voltages.power
        row = Row(kind, step, point, float(sign * power * limit ** (power - 1)))
        high = float(sign * (limit**power - self.voltages.constant[step, point]))
        columns, weights = (
            self.decisions.network_columns[step],
            sign * self.voltages.row(step, point),
        )
        self.program.add(row, columns, weights, high=high, can_give=True)

    def _to_ac(self, wanted: FloatArray) -> Replay:
        """Replay at decisions, inside the circles, or as near to them as AC has a solution; cuts circles off that they broke."""
        cuts.cut_circles(self.program, wanted)
        u = _inside_circles(self.decisions, wanted)
        here = replay_decisions(self.problem, self.decisions, u)
        for _ in range(HALVINGS):
            if here.solution.converged.all():
                break
            u = (u + self.u) / 2
            here = replay_decisions(self.problem, self.decisions, u)
        if not here.solution.converged.all():
            name = self.problem.network.feeder.name
            raise NoOptimumError(
                f"The LP's set-points have no AC solution on feeder '{name}': {here.solution.failures[0]}"
            )
        self.u, self.count = u, self.count + 1
        return here

    def _linearise(self, here: Replay) -> None:
        """Voltages around an AC solution at `u`, and cuts that touch there."""
        self.voltages, self.sources = (
            around(here, self.decisions, self.u),
            (*self.sources[:1], AROUND_AC),
        )
        self.program.drop("low", "high", "lossless")
        for key in self.watched:
            self._add_voltage_row(*key)
        cuts.cut_purchase(self.program, self.u, here)
        cuts.cut_quadratic_cost(self.program, self.u)
        cuts.cut_flows(self.program, self.u, here)

    def _restore(self) -> None:
        """To set-points at which the linearised limits can be kept; raises if limits have to give."""
        self.program.relax(is_elastic=True)
        last = np.inf
        for _ in range(ROUNDS):
            found = self._optimum()
            if found is None:
                raise InfeasibleError(self.problem, "linear program", ())
            here = self._to_ac(found.u)
            self._linearise(here)
            if here.worst_miss <= ROW_PU:
                break
            relaxations = relaxations_of(self.problem, *_misses(here))
            if relaxations and abs(found.objective - last) <= COST_TOLERANCE * found.objective:
                raise InfeasibleError(self.problem, "linear program", relaxations)
            last = found.objective
        self.program.relax(is_elastic=False)

    def _duals(self) -> Duals:
        """Duals of the last solve; an LP of decisions alone has no price at nodes."""
        nothing = np.full((self.problem.n_steps, self.problem.network.n_nodes), np.nan)
        voltage = self.program.duals(("low", "high"), len(self.problem.limits.points.names))
        return Duals(
            voltage,
            self.program.duals(("flow",), len(self.problem.limits.flows)),
            nothing,
            nothing.copy(),
        )

    def _answer(self, found: _Optimum, here: Replay, free: float) -> Answer:
        how = ", then ".join(dict.fromkeys(self.sources))
        return Answer(
            method="lp",
            status="kOptimal",
            problem=self.problem,
            u=self.u,
            decisions=self.decisions,
            objective=found.objective,
            duals=found.duals,
            vm_pu=found.vm_pu,
            start=None,
            iterations=self.program.iterations,
            solve_s=self.program.solve_s,
            rounds=self.count,
            approximations=(
                f"voltages, flows and losses linear, {how}",
                *_disagreement(free, here),
            ),
        )


def _worst(excess: FloatArray, tolerance: float) -> list[tuple[int, int]]:
    """Steps and points whose limit is broken most, `ROWS_AT_ONCE` at most."""
    broken = np.argwhere(excess > tolerance)
    order = np.argsort(-excess[broken[:, 0], broken[:, 1]], kind="stable")[:ROWS_AT_ONCE]
    return [(int(t), int(k)) for t, k in broken[order]]


def _misses(here: Replay) -> tuple[FloatArray, FloatArray, FloatArray]:
    """By how much squares miss the lowest and highest voltages [pu], and the branch limits [relative], (step, limit) each."""
    problem, flows = here.problem, here.problem.limits.flows
    below, above = (
        problem.limits.v_min_pu**2 - here.vm_pu**2,
        here.vm_pu**2 - problem.limits.v_max_pu**2,
    )
    over = (flows.values(here.solution) / flows.limit) ** 2 - 1
    return np.maximum(below, 0.0), np.maximum(above, 0.0), np.maximum(over, 0.0)


def _gap(foreseen: float, here: Replay) -> float:
    """Cost foreseen against that on AC, relative."""
    return abs(foreseen - here.objective) / max(abs(here.objective), TINY)


def _disagreement(free: float, here: Replay) -> list[str]:
    """What AC says otherwise than the last program whose steps were free, in words."""
    missed, gap, said = here.worst_miss, _gap(free, here), []
    if missed > FEASIBLE_PU:
        said.append(f"on AC a limit is missed by {missed:.1e} (pu, or relative to it)")
    if gap > COST_TOLERANCE:
        said.append(f"on AC the cost differs from the linear optimum by {gap:.1e} (relative)")
    return said


def _inside_circles(decisions: Decisions, u: FloatArray) -> FloatArray:
    """Q drawn back where the last tangents leave a set-point just outside its circle."""
    inside, (p, q) = u.copy(), decisions.circle.T
    room = q_room(decisions.circle_pu, u[p])
    inside[q] = np.clip(u[q], -room, room)
    return inside
