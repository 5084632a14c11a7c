"""`LpModel`: the place the program is linearised at, and the AC solution there; one round is `optimum`, `to_ac`, `linearise`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.opf.decisions import Decisions, make_decisions, nearest_to_idle
from tieline.opf.infeasible import NoOptimumError
from tieline.opf.lp import flow_rows, purchase, voltages
from tieline.opf.lp.forms import form_of
from tieline.opf.lp.program import ACCURACY, Linearisation, Optimum, solve_round
from tieline.opf.lp.voltages import LinearModelName
from tieline.opf.lp.watched import Watched
from tieline.opf.problem import Problem
from tieline.opf.replay import FEASIBLE_PU, Replay, replay_decisions
from tieline.typing import ComplexArray, FloatArray

HALVINGS = 10
"""Tries to find an AC solution on the way to new set-points: a thousandth of the way is no step any more."""

UNSEEN_PU = 10 * ACCURACY.tolerance
"""By how much a limit without a row may be missed: a digit above what the solver itself leaves of one with a row."""


class LpModel:
    """The program with the place it is linearised at.

    Attributes:
        problem, decisions: what is asked.
        u: the last set-points replayed, inside all circles.
        around: what the program is linear by now.
        sources: what it was linear by, first and last, in words.
        replays: AC replays so far.
        iterations, solve_s: of the solver so far, and the time they took [s].
        is_elastic: whether limits of the network may give.
    """

    around: Linearisation

    def __init__(self, problem: Problem):
        self.problem = problem
        self.decisions = make_decisions(problem)
        self.u = nearest_to_idle(self.decisions)
        self.sources: tuple[str, ...] = ()
        self.replays = 0
        self.iterations = 0
        self.solve_s = 0.0
        self.is_elastic = False
        self._bounded = self.decisions
        limits = (problem.n_steps, len(problem.limits.flows))
        self._watched_flows = np.zeros(limits, dtype=bool)
        self._watched = Watched(problem.n_steps, len(problem.limits.points.names))

    def begin_with(self, name: LinearModelName) -> None:
        """Linearise by a linear model, without an AC solution."""
        model = voltages.by_model(self.problem, self.decisions, name)
        self.sources = (model.source,)
        value = model(self.u)
        bought = purchase.without_losses(self.problem, self.decisions)
        # a flow has a slope only at an AC solution: the first round holds none
        n_unknowns = self.problem.n_steps * model.n_unknowns
        flows = flow_rows.no_rows(n_unknowns)
        form = form_of(model, self.decisions, self.u)
        self.around = Linearisation(self.u, model, value, form, bought, flows)
        self._watch_nearest(value ** (1 / model.power))

    def begin_at(self, u: FloatArray, v_pu: ComplexArray | None = None) -> bool:
        """Linearise around the AC solution at given decisions; False if there is none.

        Args:
            u: the decisions.
            v_pu: voltages near those of the solution, (step, node) [pu].
        """
        replay = replay_decisions(self.problem, self.decisions, u, v_pu)
        has_solution = bool(replay.solution.converged.all())
        if has_solution:
            self.u = u
            self.linearise(replay)
            self._watch_nearest(replay.vm_pu)
        return has_solution

    def stay_near(self, u: FloatArray, reach: float) -> None:
        """Let what moves the network go at most `reach` from u [pu]; an infinite reach frees it."""
        d = self.decisions
        moving = d.network_columns.ravel()
        lower = d.lower.copy()
        upper = d.upper.copy()
        middle = u[moving]
        lower[moving] = np.maximum(lower[moving], middle - reach)
        upper[moving] = np.minimum(upper[moving], middle + reach)
        self._bounded = replace(d, lower=lower, upper=upper)

    def _watch_nearest(self, vm_pu: FloatArray) -> None:
        """Begin with the limits nearest at voltages (step, point): with no row at all the solver may end early."""
        self._watched.watch_all()
        self._watched.let_go(self.problem.limits, vm_pu, UNSEEN_PU)

    def optimum(self) -> Optimum | None:
        """Optimum of the present program; None if there is none."""
        if self.is_elastic:
            # what all limits miss together is minimised, so all of them count
            self._watched.watch_all()
        while True:
            optimum = self._watched_optimum()
            if optimum is None:
                return None
            self.iterations += optimum.iterations
            self.solve_s += optimum.solve_s
            place = (self.problem.limits, optimum.vm_pu, UNSEEN_PU)
            if not self._watched.take(*place):
                # the next round begins near to this optimum: limits far from it would make it slower
                self._watched.let_go(*place)
                return optimum

    def _watched_optimum(self) -> Optimum | None:
        """Optimum of the program with rows for the watched limits."""
        program = (self.around, self._bounded, self.is_elastic, self._watched)
        try:
            return solve_round(*program)
        except NoOptimumError:
            if self._watched.is_complete:
                raise
        # A decision may be bounded by limits of the network alone; without their rows the solver finds no end.
        self._watched.watch_all()
        return solve_round(*program)

    def to_ac(self, optimum: Optimum) -> Replay:
        """Replay at an optimum, as `move_to`; its own voltages are near to those of AC."""
        v_pu = self.around.voltages.moved_pu(optimum.moved)
        return self.move_to(optimum.u, v_pu)

    def move_to(
        self, decisions: FloatArray, v_pu: ComplexArray | None = None
    ) -> Replay:
        """Replay at decisions, or as near to them as AC has a solution, and move `u` there.

        Args:
            decisions: where to.
            v_pu: voltages near those of the solution, (step, node) [pu].

        Raises:
            NoOptimumError: if there is no AC solution on the way.
        """
        u = _inside(self.decisions, decisions)
        replay = replay_decisions(self.problem, self.decisions, u, v_pu)
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
        """The program around the AC solution at `u`."""
        model = voltages.around(replay, self.decisions)
        self.sources = (*self.sources[:1], model.source)
        # A limit that was broken once is watched from then on: free of its row it would be broken again.
        over = self.problem.limits.flows.over(replay.flow)
        self._watched_flows |= over > FEASIBLE_PU
        bought = purchase.around(replay, model, self.u)
        flows = flow_rows.around(replay, self._watched_flows)
        form = form_of(model, self.decisions, self.u)
        self.around = Linearisation(self.u, model, replay.vm_pu, form, bought, flows)


def _inside(decisions: Decisions, u: FloatArray) -> FloatArray:
    """Set-points drawn back into their bounds and circles, which an interior point keeps to its tolerance only."""
    inside = np.clip(u, decisions.lower, decisions.upper)
    p, q = decisions.circle.T
    # P stays and Q gives way: what is sold is not to change
    room = q_room(decisions.circle_pu, inside[p])
    inside[q] = np.clip(inside[q], -room, room)
    return inside
