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
from tieline.opf.nlp.reading import Outcome, Start, read_answer
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

    def solve(
        self, problem: Problem | None = None, start: Answer | None = None
    ) -> Answer:
        """Optimum of a problem of this structure.

        Args:
            problem: what is asked; None takes the one the model was built on.
            start: an answer of this model to a similar problem.

        Raises:
            InputError: if the structure differs (elements, steps, couplings in time).
            InfeasibleError: if no set-points keep the limits; it holds the smallest relaxation.
            NoOptimumError: if Ipopt gave up.
        """
        question = problem or self.problem
        decisions = make_decisions(question)
        if not self.fits(question):
            raise InputError(
                "The problem has another structure than the model was built for (network, positions, steps, rows of limits, "
                "flexible loads, couplings in time). Build a new NlpModel."
            )
        # An answer of another formulation holds no multipliers of this one.
        warm = None
        if start is not None and isinstance(start.start, Start):
            warm = start.start
        outcome = self._run(question, decisions, warm)
        if outcome.status not in SOLVED and warm is not None:
            # A start that misleads Ipopt says nothing of the problem.
            outcome = self._run(question, decisions, None)
        if outcome.status not in SOLVED:
            self._explain(question, decisions, outcome.status)
        return read_answer(question, decisions, self._layout, outcome)

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
            and problem.meters is model.meters
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
        relaxations = relaxations_of(
            problem, *self._layout.split_slacks(elastic.start.x)
        )
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
        decisions = self._decisions
        n_data = 2 * self.problem.n_loads + lay.sources + 1
        n_slacks = 2 * lay.points + lay.rows
        x = casadi.MX.sym("x", lay.slacks.stop)
        cost = casadi.MX.sym("cost", 2 * lay.decisions + 2)
        data = casadi.MX.sym("data", n_data, lay.steps)
        scale = casadi.MX.sym("scale", lay.rows)

        v = casadi.reshape(
            x[lay.voltages],
            2 * lay.nodes,
            lay.steps,
        )
        u = x[lay.u]
        slack = casadi.reshape(x[lay.slacks], n_slacks, lay.steps)
        injected = u[decisions.network_columns.ravel().tolist()]
        injected = casadi.reshape(
            injected, decisions.network_columns.shape[1], lay.steps
        )

        # Devices are gone through one by one in Python: done for one step, and mapped over the others.
        step = step_function(casadi, self.problem, lay, decisions.flexible).map(
            lay.steps
        )
        scales = casadi.repmat(scale, 1, lay.steps)
        constraints, bought = step(v, injected, slack, data, scales)

        price = data[-1, :]
        linear = cost[: lay.decisions]
        square = cost[lay.decisions : 2 * lay.decisions]
        # The two weights turn the same program from the optimum to the elastic solve.
        weight_of_cost = cost[-2]
        weight_of_slack = cost[-1]
        spent = S_BASE_KVA * casadi.dot(price, bought)
        spent += casadi.dot(linear, u) + casadi.dot(square, u * u)
        missed = casadi.sum1(casadi.vec(slack))
        circles = constraint_apparent_power(casadi, decisions, u)
        couplings = constraint_couplings(casadi, decisions, u)
        return {
            "x": x,
            "f": weight_of_cost * spent + weight_of_slack * missed,
            "g": casadi.vertcat(casadi.vec(constraints), circles, couplings),
            "p": casadi.vertcat(casadi.vec(data), cost, scale),
        }

    @cached_property
    def _cold(self) -> Any:
        return self._solver("cold", OPTIONS)

    @cached_property
    def _warm(self) -> Any:
        return self._solver("warm", OPTIONS | WARM_OPTIONS)

    def _solver(self, name: str, options: dict[str, Any]) -> Any:
        # Expanded, the functions are plain sequences of operations, which evaluate faster than calls of the mapped step.
        return _casadi().nlpsol(
            name, "ipopt", self._program, options | {"expand": True}
        )

    def _run(
        self,
        problem: Problem,
        decisions: Decisions,
        warm: Start | None,
        is_elastic: bool = False,
    ) -> Outcome:
        """One call of Ipopt."""
        lay = self._layout
        if warm is None:
            solver = self._cold
            first = {"x0": first_guess(problem, decisions, lay)}
        else:
            solver = self._warm
            first = {"x0": warm.x, "lam_x0": warm.lam_x, "lam_g0": warm.lam_g}
        numbers = bounds(problem, decisions, lay, is_elastic)
        numbers["p"] = parameters(problem, decisions, is_elastic)
        began = time.perf_counter()
        solution = solver(**first, **numbers)
        solve_s = time.perf_counter() - began
        stats = solver.stats()
        start = Start(
            x=np.asarray(solution["x"]).ravel(),
            lam_x=np.asarray(solution["lam_x"]).ravel(),
            lam_g=np.asarray(solution["lam_g"]).ravel(),
        )
        return Outcome(
            start=start,
            objective=float(solution["f"]),
            status=stats["return_status"],
            iterations=stats["iter_count"],
            solve_s=solve_s,
        )


def _casadi() -> Any:
    return import_solver("casadi", "The AC optimum")
