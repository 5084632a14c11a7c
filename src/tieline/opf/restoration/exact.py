"""`ExactProgram`: the window's program with equalities for what the cone program relaxes, as a nonlinear program.

    l v = p^2 + q^2,      v = (V* - n (q - q*))^2,      charge times discharge = 0

Linear rows are those of the cone program. A cone |s| <= t that stands for an equality becomes t^2 - s's = 0, one that is a limit
t^2 - s's >= 0. Ipopt starts from the cone program's plan. Where it ends is a plan of the exact problem, a local optimum: the
optimum lies between it and the cone program's.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from scipy import sparse

from tieline.opf.cones.blocks import Block
from tieline.opf.cones.interior_point import Solved
from tieline.opf.infeasible import NoOptimumError
from tieline.opf.nlp.model import OPTIONS, SOLVED
from tieline.opf.restoration.droop_blocks import DROOP_CONE
from tieline.opf.restoration.network_blocks import BRANCH_CONE
from tieline.opf.restoration.plan import Plan, branch_gap, read_plan
from tieline.opf.restoration.program import WindowProgram
from tieline.opf.restoration.state import IslandState
from tieline.opf.solvers import import_solver
from tieline.typing import FloatArray

EQUALITIES = (BRANCH_CONE, DROOP_CONE)
"""Cones that stand for an equality."""

NEAR_OPTIONS: dict[str, Any] = {
    **OPTIONS,
    # the start is all but the optimum: the monotone rule would lead away from it first, and takes five times as many steps
    "ipopt.mu_strategy": "adaptive",
    # above what 141 buses and 24 steps took (365)
    "ipopt.max_iter": 600,
}

OVERLAP = 1e-8
"""Charge times discharge that counts as none [pu^2]: 0.1 kW of both. At exactly 0 no point has an interior, which Ipopt needs."""


class ExactProgram:
    """The nonlinear program beside a cone program.

    Args:
        window: the cone program.

    Raises:
        MissingExtraError: if casadi is missing.
    """

    def __init__(self, window: WindowProgram):
        self.window = window
        self.blocks = window.blocks
        casadi = import_solver("casadi", "The exact plan of a restoration")
        n_free = window.columns.n_free
        x = casadi.MX.sym("x", n_free)
        parameters = casadi.MX.sym("parameters", window.columns.n_parameters)
        rows = [_row(casadi, block, x, parameters) for block in self.blocks]
        charge = x[window.columns.charge.ravel().tolist()]
        discharge = x[window.columns.discharge.ravel().tolist()]
        overlap = charge * discharge
        program = {
            "x": x,
            "p": parameters,
            "f": casadi.dot(window.cost, x),
            "g": casadi.vertcat(*rows, overlap),
        }
        self._solver: Any = casadi.nlpsol("exact", "ipopt", program, NEAR_OPTIONS)

    def solve(
        self, state: IslandState, available_kw: FloatArray, scenario: int = 0
    ) -> Plan:
        """A plan that keeps all equalities.

        Args:
            state, available_kw, scenario: as `WindowProgram.solve` takes them.

        Raises:
            NoPlanError: if not even the cone program has a plan.
            NoOptimumError: if Ipopt gave up.
        """
        window = self.window
        parameters = window.parameters(state, available_kw, scenario)
        # keeps all equalities already, but for the solver's tolerance and the droop law's chord
        start = window.solve_cones(parameters)
        low, high = self._bounds()
        began = time.perf_counter()
        x = self._with_cones_closed(start.x)
        result = self._solver(x0=x, p=parameters, lbg=low, ubg=high)
        stats = self._solver.stats()
        status = stats["return_status"]
        if status not in SOLVED:
            raise NoOptimumError(
                f"Ipopt ended with '{status}' on island '{window.plant.feeder.name}', although its relaxation has a plan. Loosen "
                "limits that only just hold, or take the cone program's plan."
            )
        solved = Solved(
            status=status,
            x=np.asarray(result["x"]).ravel(),
            objective=float(result["f"]),
            duals={},
            iterations=int(stats["iter_count"]),
            solve_s=time.perf_counter() - began,
        )
        return read_plan(
            window.plant, window.model, window.columns, solved, window.terms.hours
        )

    def _with_cones_closed(self, x: FloatArray) -> FloatArray:
        """The plan with the current that its flows need."""
        # where r = 0 a current costs nothing and is anywhere: from there Ipopt does not find back
        columns = self.window.columns
        closed = x.copy()
        closed[columns.space.l] -= branch_gap(self.window.model, columns, x)
        return closed

    def _bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest values of all rows: none below zero, but overlaps, which have a highest alone."""
        highs = []
        for block in self.blocks:
            n_rows = len(block.right) // block.size
            highs.append(np.full(n_rows, _highest(block)))
        high = np.concatenate(highs)
        low = np.zeros(len(high))
        n_overlaps = self.window.columns.charge.size
        overlap = np.full(n_overlaps, OVERLAP)
        return (
            np.append(low, np.full(n_overlaps, -np.inf)),
            np.append(high, overlap),
        )


def _highest(block: Block) -> float:
    is_equality = block.cone == "zero" or block.name in EQUALITIES
    return 0.0 if is_equality else np.inf


def _row(casadi: Any, block: Block, x: Any, parameters: Any) -> Any:
    """What a block holds at zero or above: its slacks s, or t^2 - s's of its cones."""
    n_free = x.numel()
    matrix = sparse.csc_matrix(block.matrix)
    by_x = casadi.DM(matrix[:, :n_free])
    by_parameter = casadi.DM(matrix[:, n_free:])
    value = by_x @ x + by_parameter @ parameters
    slack = casadi.DM(block.right) - value
    if block.cone != "second order":
        return slack
    n_cones = len(block.right) // block.size
    # casadi counts column by column: one column a cone
    cones = casadi.reshape(slack, block.size, n_cones)
    bound = cones[0, :] ** 2
    sides = casadi.sum1(cones[1:, :] ** 2)
    return casadi.vec(bound - sides)
