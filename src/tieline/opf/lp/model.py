"""`LpModel`: the linear program and the set-points it is linearised at; one round is `optimum`, `to_ac`, `linearise`.

Voltage rows are delayed: the program is solved without, and rows come for the voltages that lie outside their limits until none
does. Those that stay near are remembered: the next round begins with rows for them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.opf.answer import Duals
from tieline.opf.decisions import Decisions, make_decisions, nearest_to_idle
from tieline.opf.infeasible import NoOptimumError
from tieline.opf.lp import constraints
from tieline.opf.lp.program import Program
from tieline.opf.lp.voltages import LinearModelName, around, by_model
from tieline.opf.problem import Problem
from tieline.opf.replay import FEASIBLE_PU, Replay, replay_decisions
from tieline.typing import FloatArray, IntArray

ROW_PU = FEASIBLE_PU / 10
"""How far past its limit a linear voltage gets a row: well below what a replay calls a violation."""

ROWS_AT_ONCE = 100
FEWEST_ROWS = 8
NUMBERS_AT_ONCE = 20_000
"""Voltage rows added together: neighbours say nearly the same, so the worst usually settle the rest. Each row has a number for
every column that moves the network, and a step of the simplex method looks at all of them: wide programs get fewer rows."""

NEAR_PU = 2e-3
"""Room to its limit within which a voltage keeps its row from round to round. Any value gives the same optimum: a smaller one
solves more programs, a larger one carries more rows."""

HALVINGS = 10
"""Tries to find an AC solution on the way to new set-points: a thousandth of the way is no step any more."""


@dataclass(frozen=True, eq=False)
class Optimum:
    """One solved program: decisions, cost [currency] or sum of slacks, voltages by its own model (step, point) [pu], duals."""

    u: FloatArray
    objective: float
    vm_pu: FloatArray
    duals: Duals


class LpModel:
    """The program with the place it is linearised at.

    Attributes:
        problem, decisions, program: what is asked, and the program in HiGHS.
        u: the last set-points replayed, inside all circles.
        voltages: what the voltages are linear by now.
        sources: what they were linear by, first and last, in words.
        replays: AC replays so far.
    """

    def __init__(self, problem: Problem):
        self.problem = problem
        self.decisions = make_decisions(problem)
        self.program = Program(problem, self.decisions)
        constraints.apparent_power(self.program)
        self.u = nearest_to_idle(self.decisions)
        self.sources: tuple[str, ...] = ()
        self.replays = 0
        self._watched = {"low": self._no_point(), "high": self._no_point()}
        self._directed = np.zeros(
            (problem.n_steps, len(problem.limits.flows)), dtype=bool
        )

    def begin_with(self, name: LinearModelName) -> None:
        """Linearise by a linear model, without an AC solution."""
        self.voltages = by_model(self.problem, self.decisions, name)
        self.sources = (self.voltages.source,)
        constraints.lossless_purchase(self.program)

    def begin_at(self, u: FloatArray) -> bool:
        """Linearise around the AC solution at given decisions; False if there is none."""
        replay = replay_decisions(self.problem, self.decisions, u)
        has_solution = bool(replay.solution.converged.all())
        if has_solution:
            self.u = u
            self.linearise(replay)
        return has_solution

    def optimum(self) -> Optimum | None:
        """Optimum of the present program, with voltage rows added until its voltages keep all limits; None if there is none."""
        while True:
            objective = self.program.solve()
            if objective is None:
                return None
            u = self.program.x[: self.decisions.count]
            value = self.voltages(u)
            if not self._watch_more(u, value):
                return Optimum(
                    u, objective, value ** (1 / self.voltages.power), self._duals()
                )

    def to_ac(self, decisions: FloatArray) -> Replay:
        """Replay at decisions, inside the circles, or as near to them as AC has a solution, and move `u` there.

        Raises:
            NoOptimumError: if there is no AC solution on the way.
        """
        constraints.apparent_power_touched(self.program, decisions)
        u = _inside_circles(self.decisions, decisions)
        replay = replay_decisions(self.problem, self.decisions, u)
        for _ in range(HALVINGS):
            if replay.solution.converged.all():
                break
            # The last set-points had a solution, so points close enough to them have one.
            u = (u + self.u) / 2
            replay = replay_decisions(self.problem, self.decisions, u)
        if not replay.solution.converged.all():
            name = self.problem.network.feeder.name
            raise NoOptimumError(
                f"The LP's set-points have no AC solution on feeder '{name}': {replay.solution.failures[0]}"
            )
        self.u = u
        self.replays += 1
        return replay

    def linearise(self, replay: Replay) -> None:
        """Voltages around an AC solution at `u`, and tangents that touch there."""
        self.voltages = around(replay, self.decisions)
        self.sources = (*self.sources[:1], self.voltages.source)
        # Prices are those of the last program, so they are read before its rows go.
        self._watch_near(replay.vm_pu)
        # Voltages and power with a direction are not convex: rows of the place before would cut off good set-points.
        self.program.drop("low", "high", "directed", "lossless")
        self._add_voltage_rows(self._watched, self.u, replay.vm_pu)
        constraints.purchase(self.program, self.u, replay)
        constraints.quadratic_cost(self.program, self.u)
        constraints.flow_limits(self.program, self.u, replay)
        flows = self.problem.limits.flows
        self._directed |= flows.is_directed & (
            flows.over(replay.flow) > constraints.WORTH_A_CUT
        )
        constraints.directed_flow_limits(self.program, self.u, replay, self._directed)

    def _watch_more(self, u: FloatArray, value: FloatArray) -> bool:
        """Rows for voltages (to the model's power) that have none and lie outside their limits; True if there are such."""
        limits = self.problem.limits
        power = self.voltages.power
        excess = {
            "low": limits.v_min_pu**power - value,
            "high": value - limits.v_max_pu**power,
        }
        added = {}
        for kind, miss in excess.items():
            miss[tuple(self._watched[kind].T)] = (
                0.0  # these have a row, and keep it as well as HiGHS can
            )
            added[kind] = _worst(miss, self._rows_at_once())
            self._watched[kind] = np.vstack([self._watched[kind], added[kind]])
        self._add_voltage_rows(added, u, value)
        return any(len(limits) for limits in added.values())

    def _watch_near(self, vm_pu: FloatArray) -> None:
        """Forget the rows of voltages that are far from their limits, unless they had a price: those come back at once."""
        limits = self.problem.limits
        room = {"low": vm_pu - limits.v_min_pu, "high": limits.v_max_pu - vm_pu}
        for kind, watched in self._watched.items():
            places = tuple(watched.T)
            is_near = room[kind][places] < NEAR_PU
            is_priced = (
                self.program.duals((kind,), len(limits.points.names))[places] != 0
            )
            self._watched[kind] = watched[is_near | is_priced]

    def _add_voltage_rows(
        self, watched: dict[str, IntArray], u: FloatArray, value: FloatArray
    ) -> None:
        for kind, limits in watched.items():
            for step in np.unique(limits[:, 0]).tolist():
                points = limits[limits[:, 0] == step, 1]
                at = value[step, points]
                constraints.voltage_limits(
                    self.program, self.voltages, kind, step, points, u, at
                )

    def _duals(self) -> Duals:
        """Duals of the last solve; an LP of decisions alone has no price at nodes."""
        limits = self.problem.limits
        shape = (self.problem.n_steps, self.problem.network.n_nodes)
        return Duals(
            voltage=self.program.duals(("low", "high"), len(limits.points.names)),
            flow=self.program.duals(("flow", "directed"), len(limits.flows)),
            node_kw=np.full(shape, np.nan),
            node_kvar=np.full(shape, np.nan),
        )

    def _rows_at_once(self) -> int:
        width = max(self.decisions.network_columns.shape[1], 1)
        return int(np.clip(NUMBERS_AT_ONCE // width, FEWEST_ROWS, ROWS_AT_ONCE))

    @staticmethod
    def _no_point() -> IntArray:
        return np.empty((0, 2), dtype=np.int64)


def _worst(excess: FloatArray, most: int) -> IntArray:
    """Steps and points whose limit is broken most, `most` of them, (limit, 2)."""
    broken = np.argwhere(excess > ROW_PU)
    order = np.argsort(-excess[broken[:, 0], broken[:, 1]], kind="stable")
    return broken[order[:most]]


def _inside_circles(decisions: Decisions, u: FloatArray) -> FloatArray:
    """Q drawn back where the last tangents leave a set-point just outside its circle."""
    inside = u.copy()
    p, q = decisions.circle.T
    room = q_room(decisions.circle_pu, u[p])
    inside[q] = np.clip(u[q], -room, room)
    return inside
