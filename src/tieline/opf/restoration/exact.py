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
from tieline.opf.restoration.plan import Plan, read_plan
from tieline.opf.restoration.program import WindowProgram
from tieline.opf.restoration.state import IslandState
from tieline.opf.solvers import import_solver
from tieline.typing import FloatArray

EQUALITIES = (BRANCH_CONE, DROOP_CONE)
"""Cones that stand for an equality."""

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
        given = casadi.MX.sym("given", window.columns.n_given)
        rows = [_row(casadi, block, x, given) for block in self.blocks]
        charge = x[window.columns.charge.ravel().tolist()]
        discharge = x[window.columns.discharge.ravel().tolist()]
        overlap = charge * discharge
        program = {
            "x": x,
            "p": given,
            "f": casadi.dot(window.cost, x),
            "g": casadi.vertcat(*rows, overlap),
        }
        self._solver: Any = casadi.nlpsol("exact", "ipopt", program, OPTIONS)

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
        given = window.given(state, available_kw, scenario)
        start = window.solve_cones(given)
        low, high = self._bounds()
        began = time.perf_counter()
        result = self._solver(x0=start.x, p=given, lbg=low, ubg=high)
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
        return read_plan(window.plant, window.model, window.columns, solved)

    def _bounds(self) -> tuple[FloatArray, FloatArray]:
        lows = []
        highs = []
        for block in self.blocks:
            height = len(block.right) // block.size
            is_equality = block.cone == "zero" or block.name in EQUALITIES
            lows.append(np.zeros(height))
            highs.append(np.full(height, 0.0 if is_equality else np.inf))
        n_overlaps = self.window.columns.charge.size
        lows.append(np.full(n_overlaps, -np.inf))
        highs.append(np.full(n_overlaps, OVERLAP))
        return np.concatenate(lows), np.concatenate(highs)


def _row(casadi: Any, block: Block, x: Any, given: Any) -> Any:
    """What a block holds at zero or above: its slacks s, or t^2 - s's of its cones."""
    n_free = x.numel()
    matrix = sparse.csc_array(block.matrix)
    by_x = casadi.DM(sparse.csc_matrix(matrix[:, :n_free]))
    by_given = casadi.DM(sparse.csc_matrix(matrix[:, n_free:]))
    slack = casadi.DM(block.right) - by_x @ x - by_given @ given
    if block.cone != "second order":
        return slack
    # casadi counts column by column: one column a cone
    cones = casadi.reshape(slack, block.size, len(block.right) // block.size)
    squares = cones**2
    return casadi.vec(2 * squares[0, :] - casadi.sum1(squares))
