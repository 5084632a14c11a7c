"""`SocpModel`: the cone program of one network, built once and solved for any demand, prices and limits."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tieline.errors import InputError
from tieline.linear.equivalent import make_equivalent
from tieline.linear.setting import feeder_as_set
from tieline.network.topology import tree_from_source
from tieline.opf.answer import Answer
from tieline.opf.decisions import Decisions, make_decisions
from tieline.opf.infeasible import InfeasibleError, NoOptimumError
from tieline.opf.meters import require_bought_at_source
from tieline.opf.problem import Problem, require_problem
from tieline.opf.socp.program import Program
from tieline.opf.socp.reading import read_answer, read_relaxations
from tieline.opf.socp.tree import orient


def solve_socp(problem: Problem) -> Answer:
    """Optimum of the relaxation; for many problems of one network keep a `SocpModel`.

    Raises:
        InputError, InfeasibleError, NoOptimumError: as `SocpModel` and its `solve`.
    """
    return SocpModel(problem).solve()


class SocpModel:
    """The program of one network, number of steps and set of limited branches.

    Raises:
        InputError: if the problem has meters, or the feeder has phases, is meshed, or has branches side by side.
    """

    def __init__(self, problem: Problem):
        require_problem(problem, "solve_socp")
        require_bought_at_source(problem.meters, "The branch flow relaxation")
        network = problem.network
        name = problem.network.feeder.name
        if not network.feeder.single_phase_equivalent:
            raise InputError(
                f"The branch flow relaxation is for single-phase equivalents; feeder '{name}' has phases. Use the NLP or the LP."
            )
        tree_from_source(feeder_as_set(network, problem.setting), must_be_radial=True)
        self.problem = problem
        self.equivalent = make_equivalent(network, problem.setting, "branch flow")
        self.tree = orient(
            name, self.equivalent, has_source_branch=not network.source_is_ideal
        )

    def solve(self, problem: Problem | None = None) -> Answer:
        """Optimum of the relaxation.

        Args:
            problem: of the same network, positions, steps, limited branches and decisions; None takes that of the model.

        Raises:
            InputError: if the problem is of another structure.
            InfeasibleError: if no set-points keep the limits; it holds the smallest relaxation of them.
            NoOptimumError: if Clarabel gave up.
        """
        question = problem or self.problem
        decisions = make_decisions(question)
        self._require_fit(question, decisions)
        outcome = self._held.run(question, decisions)
        if not outcome.solved.is_optimal:
            self._explain(question, decisions, outcome.solved.status)
        return read_answer(question, decisions, outcome)

    def _require_fit(self, problem: Problem, decisions: Decisions) -> None:
        model = self.problem
        limits = problem.limits
        fits = (
            problem.network is model.network
            and problem.n_steps == model.n_steps
            and np.array_equal(problem.setting.state, model.setting.state)
            and np.array_equal(problem.setting.source_pu, model.setting.source_pu)
            and limits.points.names == model.limits.points.names
            and limits.flows.names == model.limits.flows.names
            and decisions.count == make_decisions(model).count
        )
        if not fits:
            raise InputError(
                "The problem has another structure than the model was built for (network, positions, steps, rows of limits, "
                "flexible loads). Build a new SocpModel."
            )

    def _explain(self, problem: Problem, decisions: Decisions, status: str) -> None:
        """Raise what the elastic program finds."""
        # Built anew: the program whose limits are held has no columns for slacks, and mostly none are needed.
        program = Program(self.problem, self.equivalent, self.tree, is_elastic=True)
        elastic = program.run(problem, decisions)
        if not elastic.solved.is_optimal:
            raise InfeasibleError(problem, "branch flow relaxation", ())
        relaxations = read_relaxations(problem, elastic)
        if relaxations:
            raise InfeasibleError(problem, "branch flow relaxation", relaxations)
        raise NoOptimumError(
            f"Clarabel ended with '{status}' on feeder '{problem.network.feeder.name}', although its limits can be kept. Scale "
            "the costs to ordinary numbers, or loosen limits that only just hold."
        )

    @cached_property
    def _held(self) -> Program:
        """The program whose limits are held."""
        return Program(self.problem, self.equivalent, self.tree, is_elastic=False)
