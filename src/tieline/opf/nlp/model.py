"""`NlpModel`: the program of one structure, built once and solved for any numbers."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from tieline.errors import InputError
from tieline.opf.answer import Answer
from tieline.opf.decisions import Decisions, make_decisions
from tieline.opf.infeasible import InfeasibleError, NoOptimumError, relaxations_of
from tieline.opf.nlp.layout import Layout
from tieline.opf.nlp.numbers import bounds, cost_unit, first_guess, parameters
from tieline.opf.nlp.program import Program, build_program
from tieline.opf.nlp.reading import Outcome, Start, read_answer
from tieline.opf.problem import Problem
from tieline.opf.solvers import import_solver
from tieline.typing import FloatArray

OPTIONS: dict[str, Any] = {
    "ipopt.print_level": 0,
    "ipopt.sb": "yes",
    "print_time": False,
    "ipopt.tol": 1e-8,
    "ipopt.bound_relax_factor": 1e-10,  # limits mean what they say
    "ipopt.max_iter": 200,  # four times what feasible feeders took: past that it is the elastic solve that knows more
}
COLD_OPTIONS: dict[str, Any] = OPTIONS | {
    # Costs are measured in a unit of their own (`numbers.cost_unit`) and balances combined to size (`balances`). Ipopt would
    # scale by slopes at the start: of a stiff source they are so steep that next to nothing is left of the cost, which then
    # ends a millionth above the optimum.
    "ipopt.nlp_scaling_method": "none",
    # from wherever it starts, the barrier goes as fast as the iterates allow
    "ipopt.mu_strategy": "adaptive",
}
WARM_OPTIONS: dict[str, Any] = (
    COLD_OPTIONS
    | {
        "ipopt.warm_start_init_point": "yes",
        "ipopt.mu_init": 1e-6,  # an earlier optimum is close: begin with the barrier nearly gone
        "ipopt.warm_start_bound_push": 1e-8,
        "ipopt.warm_start_mult_bound_push": 1e-8,
        "ipopt.warm_start_slack_bound_push": 1e-8,
    }
)

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
        self._program = build_program(_casadi(), problem, self._decisions, self._layout)

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
        outcome = None
        if warm is not None:
            outcome = self._run_from(warm, question, decisions)
        # A start that misleads Ipopt says nothing of the problem.
        if outcome is None or outcome.status not in SOLVED:
            outcome = self._run(self._program, self._cold, question, decisions)
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
            and np.array_equal(problem.rebounds.load, model.rebounds.load)
            and np.array_equal(decisions.circle, self._decisions.circle)
            and matrix.shape == model_matrix.shape
            and np.array_equal(matrix.indices, model_matrix.indices)
            and np.array_equal(matrix.data, model_matrix.data)
        )

    def _explain(self, problem: Problem, decisions: Decisions, status: str) -> None:
        """Raise what the elastic solve finds."""
        program = self._elastic_program
        solver = program.solver(_casadi(), "elastic", COLD_OPTIONS)
        elastic = self._run(program, solver, problem, decisions)
        if elastic.status not in SOLVED:
            raise InfeasibleError(problem, "AC", ())
        slacks = program.layout.split_slacks(elastic.start.x)
        relaxations = relaxations_of(problem, *slacks)
        if relaxations:
            raise InfeasibleError(problem, "AC", relaxations)
        raise NoOptimumError(
            f"Ipopt ended with '{status}' on feeder '{problem.network.feeder.name}', although its limits can be kept. Start from "
            "another answer, or loosen limits that only just hold."
        )

    @cached_property
    def _elastic_program(self) -> Program:
        """The program whose limits may give: most models never need it."""
        layout = replace(self._layout, is_elastic=True)
        return build_program(_casadi(), self.problem, self._decisions, layout)

    @cached_property
    def _cold(self) -> Any:
        return self._program.solver(_casadi(), "cold", COLD_OPTIONS)

    @cached_property
    def _warm(self) -> Any:
        return self._program.solver(_casadi(), "warm", WARM_OPTIONS)

    def _run_from(self, warm: Start, problem: Problem, decisions: Decisions) -> Outcome:
        """One call of Ipopt from an earlier optimum."""
        unit = cost_unit(problem)
        first = {
            "x0": warm.x,
            "lam_x0": warm.lam_x / unit,
            "lam_g0": warm.lam_g / unit,
        }
        return _call(self._warm, first, problem, decisions, self._layout)

    def _run(
        self, program: Program, solver: Any, problem: Problem, decisions: Decisions
    ) -> Outcome:
        """One call of Ipopt from DERs nearest to idle."""
        layout = program.layout
        first = {"x0": first_guess(problem, decisions, layout)}
        return _call(solver, first, problem, decisions, layout)


def _call(
    solver: Any,
    first: dict[str, FloatArray],
    problem: Problem,
    decisions: Decisions,
    layout: Layout,
) -> Outcome:
    """One call of Ipopt from first variables and, if there are some, multipliers."""
    unit = cost_unit(problem)
    numbers = bounds(problem, decisions, layout)
    numbers["p"] = parameters(problem, decisions, unit)
    began = time.perf_counter()
    solution = solver(**first, **numbers)
    solve_s = time.perf_counter() - began
    stats = solver.stats()
    start = Start(
        x=np.asarray(solution["x"]).ravel(),
        lam_x=np.asarray(solution["lam_x"]).ravel() * unit,
        lam_g=np.asarray(solution["lam_g"]).ravel() * unit,
    )
    return Outcome(
        start=start,
        objective=float(solution["f"]) * unit,
        status=stats["return_status"],
        iterations=stats["iter_count"],
        solve_s=solve_s,
    )


def _casadi() -> Any:
    return import_solver("casadi", "The AC optimum")
