"""The call of Clarabel: what a cone program came to, with duals by the names of its blocks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from tieline.opf.cones.blocks import Block
from tieline.opf.solvers import import_solver
from tieline.typing import FloatArray

SOLVED = ("Solved", "AlmostSolved")

INFEASIBLE = ("PrimalInfeasible", "AlmostPrimalInfeasible")


SHORTEST_STEP = 1e-8
"""Share of a step at which Clarabel gives up."""


@dataclass(frozen=True, eq=False)
class Solved:
    """What the solver came to.

    Attributes:
        status: in the solver's words.
        x: columns, (column,).
        objective: without constants.
        duals: of the blocks that have a name, (row,) each; one unit more of a right-hand side is worth minus that.
        iterations, solve_s: work, and time in the solver [s].
    """

    status: str
    x: FloatArray
    objective: float
    duals: dict[str, FloatArray]
    iterations: int
    solve_s: float

    @property
    def is_optimal(self) -> bool:
        """Whether there is an optimum, at least to the solver's reduced accuracy."""
        return self.status in SOLVED

    @property
    def is_infeasible(self) -> bool:
        """Whether the solver proved that no x keeps all rows."""
        return self.status in INFEASIBLE


@dataclass(frozen=True)
class Accuracy:
    """What is asked of the solver.

    Attributes:
        tolerance: feasibility and gap at which it stops.
        regularisations: added to the diagonal of its equations and refined away again; each is tried where the one before left no
            answer. A small one may leave the equations singular to the last digit, a large one takes more steps.
        refinement: relative error at which its equations are refined no further; by default Clarabel's own.
    """

    tolerance: float
    regularisations: tuple[float, ...] = (1e-8, 1e-7)
    refinement: float = 1e-13


def solve_cones(
    blocks: Sequence[Block],
    curved: sparse.csc_array,
    linear: FloatArray,
    accuracy: Accuracy,
    needed_for: str,
    size: FloatArray | None = None,
) -> Solved:
    """Minimise linear x + x' curved x over the blocks.

    Args:
        blocks: rows.
        curved, linear: the objective, (column, column) positive semidefinite and (column,).
        accuracy: when the solver stops.
        needed_for: who asks, where Clarabel is missing.
        size: of each column, (column,): what it is measured by inside the solver. 1 if left out.

    Raises:
        MissingExtraError: if Clarabel is missing.
    """
    clarabel = import_solver("clarabel", needed_for)
    if size is None:
        size = np.ones(len(linear))
    unit = sparse.diags_array(size)
    # A feeder that lacks a kind of limit leaves a block without rows.
    blocks = [block for block in blocks if len(block.right)]
    # Clarabel minimises x' P x / 2, and reads the upper half of P.
    scaled_curved = unit @ curved @ unit
    upper_half = sparse.triu(2 * scaled_curved)
    quadratic = sparse.csc_matrix(upper_half)
    rows = sparse.vstack([block.matrix for block in blocks])
    matrix = sparse.csc_matrix(rows @ unit)
    right = np.concatenate([block.right for block in blocks])
    cones = [cone for block in blocks for cone in block.cones(clarabel)]
    data = (quadratic, unit @ linear, matrix, right, cones)
    began = time.perf_counter()
    for regularisation in accuracy.regularisations:
        settings = solver_settings(clarabel, accuracy, regularisation)
        solver = clarabel.DefaultSolver(*data, settings)
        result = solver.solve()
        # A proof that nothing keeps the rows is an answer too: a larger regularisation would only blur it.
        if str(result.status) in (*SOLVED, *INFEASIBLE):
            break
    return Solved(
        status=str(result.status),
        x=unit @ np.asarray(result.x),
        objective=float(result.obj_val),
        duals=by_name(blocks, np.asarray(result.z)),
        iterations=int(result.iterations),
        solve_s=time.perf_counter() - began,
    )


def solver_settings(clarabel: Any, accuracy: Accuracy, regularisation: float) -> Any:
    """What Clarabel is told."""
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_feas = accuracy.tolerance
    settings.tol_gap_abs = accuracy.tolerance
    settings.tol_gap_rel = accuracy.tolerance
    settings.static_regularization_constant = regularisation
    settings.iterative_refinement_reltol = accuracy.refinement
    # Far outside the limits the first steps are short; by default Clarabel takes that for the end.
    settings.min_terminate_step_length = SHORTEST_STEP
    # Several solves may run side by side, where threads of each would get in the way of the others.
    settings.max_threads = 1
    return settings


def by_name(blocks: Sequence[Block], duals: FloatArray) -> dict[str, FloatArray]:
    """Duals of the blocks that have a name, (row,) each; blocks of one name one after the other."""
    heights = [len(block.right) for block in blocks]
    ends = np.cumsum(heights)
    pieces = np.split(duals, ends[:-1])
    named: dict[str, list[FloatArray]] = {}
    for block, piece in zip(blocks, pieces, strict=True):
        if block.name:
            named.setdefault(block.name, []).append(piece)
    return {name: np.concatenate(parts) for name, parts in named.items()}
