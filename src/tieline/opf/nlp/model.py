"""`NlpModel`: the program of one structure, built once and solved for any numbers."""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any

import numpy as np

from tieline.errors import InputError
from tieline.opf.answer import Answer
from tieline.opf.decisions import Decisions, make_decisions
from tieline.opf.infeasible import InfeasibleError, NoOptimumError, relaxations_of
from tieline.opf.nlp.equations import (
    constraint_apparent_power,
    constraint_couplings,
    step_function,
)
from tieline.opf.nlp.layout import Layout
from tieline.opf.nlp.numbers import bounds, first_guess, parameters
from tieline.opf.nlp.reading import Found, Start, read_answer
from tieline.opf.problem import Problem
from tieline.opf.solvers import import_solver
from tieline.units import S_BASE_KVA

OPTIONS: dict[str, Any] = {
    "ipopt.print_level": 0,
    "ipopt.sb": "yes",
    "print_time": False,
    "ipopt.tol": 1e-8,
    "ipopt.bound_relax_factor": 1e-10,  # limits mean what they say
    "ipopt.max_iter": 200,  # four times what feasible feeders took: past that it is the elastic solve that knows more
}
WARM_OPTIONS: dict[str, Any] = {
    "ipopt.warm_start_init_point": "yes",
    "ipopt.mu_init": 1e-6,  # an earlier optimum is close: begin with the barrier nearly gone
    "ipopt.warm_start_bound_push": 1e-8,
    "ipopt.warm_start_mult_bound_push": 1e-8,
    "ipopt.warm_start_slack_bound_push": 1e-8,
}

SOLVED = ("Solve_Succeeded", "Solved_To_Acceptable_Level")


def solve_nlp(problem: Problem) -> Answer:
    """AC optimum; for many problems of one structure keep an `NlpModel`.

    Raises:
        InfeasibleError, NoOptimumError: as `NlpModel.solve`.
    """
    return NlpModel(problem).solve()


class NlpModel:
    """The program of one structure, built on the first problem given."""

    def __init__(self, problem: Problem):
        self.problem = problem
        self._decisions = make_decisions(problem)
        self._layout = Layout.of(problem, self._decisions)
        self._program = self._build()

    def solve(self, problem: Problem | None = None, start: Answer | None = None) -> Answer:
        """Optimum of a problem of this structure.

        Args:
            problem: what is asked; None takes the one the model was built on.
            start: an answer of this model to a similar problem.

        Raises:
            InputError: if the structure differs (elements, steps, couplings in time).
            InfeasibleError: if no set-points keep the limits; it holds the smallest relaxation.
            NoOptimumError: if Ipopt gave up.
        """
        asked = problem or self.problem
        decisions = make_decisions(asked)
        if not self.fits(asked):
            raise InputError(
                "The problem has another structure than the model was built for (network, positions, steps, rows of limits, "
                "flexible loads, couplings in time). Build a new NlpModel."
            )
        warm = start.start if start is not None and isinstance(start.start, Start) else None
        found = self._run(asked, decisions, warm)
        if found.status not in SOLVED and warm is not None:
            found = self._run(asked, decisions, None)
        if found.status not in SOLVED:
            self._explain(asked, decisions, found.status)
        return read_answer(asked, decisions, self._layout, found)

    def fits(self, problem: Problem) -> bool:
        """Whether a problem has the structure that the model was built for."""
        model = self.problem
        decisions = make_decisions(problem)
        matrix = decisions.matrix
        model_matrix = self._decisions.matrix
        return bool(
            problem.network is model.network
            and problem.n_steps == model.n_steps
            and problem.steps.hours == model.steps.hours
            and np.array_equal(problem.setting.state, model.setting.state)
            and (problem.limits.flows.names, problem.limits.points.names)
            == (model.limits.flows.names, model.limits.points.names)
            and np.array_equal(problem.flexible.is_flexible, model.flexible.is_flexible)
            and np.array_equal(decisions.circle, self._decisions.circle)
            and matrix.shape == model_matrix.shape
            and np.array_equal(matrix.indices, model_matrix.indices)
            and np.array_equal(matrix.data, model_matrix.data)
        )

    def _explain(self, problem: Problem, decisions: Decisions, status: str) -> None:
        """Raise what the elastic solve finds."""
        elastic = self._run(problem, decisions, None, is_elastic=True)
        if elastic.status not in SOLVED:
            raise InfeasibleError(problem, "AC", ())
        relaxations = relaxations_of(problem, *self._layout.split_slacks(elastic.start.x))
        if relaxations:
            raise InfeasibleError(problem, "AC", relaxations)
        raise NoOptimumError(
            f"Ipopt ended with '{status}' on feeder '{problem.network.feeder.name}', although its limits can be kept. Start from "
            "another answer, or loosen limits that only just hold."
        )

    def _build(self) -> dict[str, Any]:
        """Symbols of the program: variables, objective, constraints, parameters."""
        casadi = _casadi()
        lay = self._layout
        d = self._decisions
        x = casadi.MX.sym("x", lay.slacks.stop)
        cost = casadi.MX.sym("cost", 2 * lay.decisions + 2)
        per_step = casadi.MX.sym("per_step", 2 * self.problem.n_loads + lay.sources + 1, lay.steps)
        scale = casadi.MX.sym("scale", lay.rows)
        v = casadi.reshape(x[lay.voltages], 2 * lay.nodes, lay.steps)
        u = x[lay.u]
        slack = casadi.reshape(x[lay.slacks], 2 * lay.points + lay.rows, lay.steps)
        injected = casadi.vertcat(
            *(
                casadi.reshape(u[place.ravel().tolist()], place.shape[1], lay.steps)
                for place in (d.p, d.q, d.share)
            )
        )
        step = step_function(casadi, self.problem, lay, d.flexible).map(lay.steps)
        constraints, bought = step(v, injected, slack, per_step, casadi.repmat(scale, 1, lay.steps))
        price = per_step[-1, :]
        linear = cost[: lay.decisions]
        square = cost[lay.decisions : 2 * lay.decisions]
        weight_of_cost = cost[-2]
        weight_of_slack = cost[-1]
        spent = S_BASE_KVA * casadi.dot(price, bought)
        spent += casadi.dot(linear, u) + casadi.dot(square, u * u)
        return {
            "x": x,
            "f": weight_of_cost * spent + weight_of_slack * casadi.sum1(casadi.vec(slack)),
            "g": casadi.vertcat(
                casadi.vec(constraints),
                constraint_apparent_power(casadi, d, u),
                constraint_couplings(casadi, d, u),
            ),
            "p": casadi.vertcat(casadi.vec(per_step), cost, scale),
        }

    @cached_property
    def _cold(self) -> Any:
        return _casadi().nlpsol("cold", "ipopt", self._program, {**OPTIONS, "expand": True})

    @cached_property
    def _warm(self) -> Any:
        return _casadi().nlpsol(
            "warm", "ipopt", self._program, {**OPTIONS, **WARM_OPTIONS, "expand": True}
        )

    def _run(
        self, problem: Problem, decisions: Decisions, warm: Start | None, is_elastic: bool = False
    ) -> Found:
        """One call of Ipopt."""
        lay = self._layout
        if warm is None:
            solver = self._cold
            first = {"x0": first_guess(problem, decisions, lay)}
        else:
            solver = self._warm
            first = {"x0": warm.x, "lam_x0": warm.lam_x, "lam_g0": warm.lam_g}
        numbers = bounds(problem, decisions, lay, is_elastic) | {
            "p": parameters(problem, decisions, is_elastic)
        }
        began = time.perf_counter()
        found = solver(**first, **numbers)
        solve_s = time.perf_counter() - began
        stats = solver.stats()
        x, lam_x, lam_g = (np.asarray(found[name]).ravel() for name in ("x", "lam_x", "lam_g"))
        return Found(
            Start(x, lam_x, lam_g),
            float(found["f"]),
            stats["return_status"],
            stats["iter_count"],
            solve_s,
        )


def _casadi() -> Any:
    return import_solver("casadi", "The AC optimum")
