"""`RefilledCones`: one cone program whose right-hand sides are refilled from solve to solve, never built anew.

    minimise  cost x     subject to     A x + s = right - G y,  s in a cone,

with y the parameters. Order of elimination and scaling of the equations stay those of the first solve: what takes time again is
the solver's steps alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from tieline.opf.cones.blocks import Block
from tieline.opf.cones.interior_point import (
    Accuracy,
    Solved,
    by_name,
    solver_settings,
)
from tieline.opf.solvers import import_solver
from tieline.typing import FloatArray


class RefilledCones:
    """A linear program over cones.

    Args:
        blocks: rows over the columns (x, y).
        cost: of x, (free,).
        accuracy: when the solver stops; of its regularisations the first one is tried, and a refill cannot change it.
        needed_for: who asks, where Clarabel is missing.

    Raises:
        MissingExtraError: if Clarabel is missing.
    """

    def __init__(
        self,
        blocks: Sequence[Block],
        cost: FloatArray,
        accuracy: Accuracy,
        needed_for: str,
    ):
        clarabel = import_solver("clarabel", needed_for)
        self.blocks = [block for block in blocks if len(block.right)]
        n_free = len(cost)
        rows = sparse.csc_array(sparse.vstack([block.matrix for block in self.blocks]))
        self._right = np.concatenate([block.right for block in self.blocks])
        self._by_parameter = sparse.csr_array(rows[:, n_free:])
        self._cones = [cone for block in self.blocks for cone in block.cones(clarabel)]
        self._cost = cost
        self._matrix = sparse.csc_matrix(rows[:, :n_free])
        self._no_square = sparse.csc_matrix((n_free, n_free))
        self._clarabel = clarabel
        self._settings = solver_settings(
            clarabel, accuracy, accuracy.regularisations[0]
        )
        # rows that presolve takes out could not be refilled
        self._settings.presolve_enable = False
        self._solver: Any = None

    def solve(self, parameters: FloatArray) -> Solved:
        """The optimum for parameters y, (parameter,)."""
        began = time.perf_counter()
        right = self._right - self._by_parameter @ parameters
        if self._solver is None:
            self._solver = self._build(right)
        else:
            self._solver.update(b=right)
        result = self._solver.solve()
        return Solved(
            status=str(result.status),
            x=np.asarray(result.x),
            objective=float(result.obj_val),
            duals=by_name(self.blocks, np.asarray(result.z)),
            iterations=int(result.iterations),
            solve_s=time.perf_counter() - began,
        )

    def _build(self, right: FloatArray) -> Any:
        return self._clarabel.DefaultSolver(
            self._no_square,
            self._cost,
            self._matrix,
            right,
            self._cones,
            self._settings,
        )
