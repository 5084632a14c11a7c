"""`SoftSocp`: the branch flow relaxation where a broken voltage limit is paid for instead of being forbidden.

    minimise   cost + sum over points of (b max(0, v_min^2 - v) + a max(0, v - v_max^2)),   v = V^2 [pu]

Its optimum is a bound on what any set-points reach under that penalty. One on the voltage itself has a bound of this form:

    V - v_max >= (v - v_max^2) / (v_top + v_max) for every V up to v_top,   v_min - V >= (v_min^2 - v) / (2 v_min)

Left out: limits of branches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import InputError
from tieline.opf.answer import Answer
from tieline.opf.decisions import make_decisions
from tieline.opf.infeasible import NoOptimumError
from tieline.opf.problem import Problem
from tieline.opf.socp.model import SocpModel
from tieline.opf.socp.program import Program
from tieline.opf.socp.reading import read_answer
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class SoftAnswer:
    """The optimum of a soft program.

    Attributes:
        answer: set-points, as of any formulation; its `objective` is without what broken limits cost.
        bought_kw: power delivered at the source, (step,).
        paid: what broken voltage limits cost, (step,).
    """

    answer: Answer
    bought_kw: FloatArray
    paid: FloatArray


class SoftSocp:
    """The program of one network and number of steps.

    Args:
        problem: as for `SocpModel`, without limits of branches.
        below, above: b and a, a number or one per voltage point [currency per squared pu in a step].

    Raises:
        InputError: as `SocpModel`, and for limits of branches.
    """

    def __init__(self, problem: Problem, below: ArrayLike, above: ArrayLike):
        if len(problem.limits.flows):
            raise InputError(
                "Voltage limits can be soft, limits of branches cannot: leave them out with branch_limits=()."
            )
        hard = SocpModel(problem)
        n_points = len(problem.limits.points.names)
        each = (n_points,)
        price = np.concatenate(
            [np.broadcast_to(below, each), np.broadcast_to(above, each)]
        )
        self._price = price
        self._program = Program(
            problem, hard.equivalent, hard.tree, is_elastic=True, slack_price=price
        )

    def solve(self, problem: Problem) -> SoftAnswer:
        """Optimum of the relaxation for other numbers of the same structure.

        Raises:
            NoOptimumError: if Clarabel gave up.
        """
        decisions = make_decisions(problem)
        outcome = self._program.run(problem, decisions)
        if not outcome.solved.is_optimal:
            raise NoOptimumError(
                f"Clarabel ended with '{outcome.solved.status}' on feeder '{problem.network.feeder.name}'. Scale costs and "
                "penalty to ordinary numbers."
            )
        x = outcome.solved.x
        # the solver may leave a slack below zero by its tolerance
        slack = np.maximum(x[outcome.space.slack], 0.0)
        return SoftAnswer(
            read_answer(problem, decisions, outcome),
            bought_kw=S_BASE_KVA * outcome.bought(x[None, :])[0],
            paid=slack @ self._price,
        )
