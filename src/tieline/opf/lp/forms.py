"""Two forms of the network's equations in a program: kept beside the decisions, or solved out of it.

The unknowns of a step move with the decisions, system dx = driven (u - u_0). An interior-point solver takes that

    kept          as it stands, sparse, with columns for dx: its work grows with the nodes of the feeder
    solved out    as dx = system^-1 driven (u - u_0), a dense map put into all other rows: its work grows with the decisions alone

Both have the same optimum and the same duals. `form_of` takes the one that puts fewer numbers into the program: the sparse
equations of a step, or dense rows of its decisions, a triangle of them for the cost of second order and one for each voltage
limit that is watched. Few DERs on a feeder of thousands of nodes are then a program of a few columns, and thousands of DERs stay
sparse. Measured on 8531 nodes, where the rule allows 88 columns: solved out, a program of 20 takes a sixteenth of the time, one
of 100 half, and one of 200 twice as long.

Source: these are the sparse and the condensed form of model predictive control, J. B. Rawlings, D. Q. Mayne, M. M. Diehl, "Model
Predictive Control: Theory, Computation, and Design", 2nd ed., 2017, section 8.8.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse

from tieline.linear.blocks import assemble, down_the_diagonal
from tieline.opf.cones.blocks import Block
from tieline.opf.decisions import Decisions
from tieline.opf.lp.voltages import Voltages
from tieline.opf.lp.watched import usual_count
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Growth:
    """A cost of second order in dx over the columns of a program: constant + linear x + x' matrix x."""

    matrix: sparse.csr_array
    linear: FloatArray
    constant: float


class Form(Protocol):
    """The network's equations over the columns (u, those of the form).

    Attributes:
        width: number of these columns.
    """

    width: int

    def blocks(self) -> Iterator[Block]:
        """The equations that stand in the program."""
        ...

    def by_columns(
        self, matrix: sparse.csr_array
    ) -> tuple[sparse.csr_array, FloatArray]:
        """matrix dx as rows times columns less an offset: (row, width) and (row,); `matrix` is (row, step x unknown)."""
        ...

    def growth(self, loss: sparse.csr_array, weight: FloatArray) -> Growth:
        """Sum over the steps of weight dx' loss dx, `loss` being (unknown, unknown), `weight` (step,)."""
        ...

    def moved(self, columns: FloatArray) -> FloatArray:
        """Change dx of the unknowns, (step x unknown), at columns (width,)."""
        ...


def form_of(voltages: Voltages, decisions: Decisions, u: FloatArray) -> Form:
    """The form with fewer numbers around decisions u."""
    free = _free_columns(decisions, u)
    widest = max(len(columns) for columns in free)
    n_limits = usual_count(len(voltages.problem.limits.points.names))
    numbers_solved_out = widest * (widest + 1) // 2 + n_limits * widest
    numbers_kept = voltages.models[0].system.nnz
    if numbers_solved_out <= numbers_kept:
        return SolvedOut(voltages, free, u)
    return Kept(voltages, u)


def _free_columns(decisions: Decisions, u: FloatArray) -> list[IntArray]:
    """What may move the network away from u, for each step (column,)."""
    d = decisions
    is_outside = (u < d.lower) | (u > d.upper)
    is_free = (d.lower < d.upper) | is_outside
    return [columns[is_free[columns]] for columns in d.network_columns]


class Kept:
    """The equations as two sweeps with columns for dx and for what the sweeps carry."""

    def __init__(self, voltages: Voltages, u: FloatArray):
        self.voltages = voltages
        self._u = u
        self._n_moved = voltages.problem.n_steps * voltages.n_unknowns
        self._first_carried = len(u) + self._n_moved
        self.width = self._first_carried + self._n_moved

    def blocks(self) -> Iterator[Block]:
        """inward w = drive (u - u_0) and outward dx = drop w."""
        sweeps = self.voltages.sweeps
        inward = down_the_diagonal([step.inward for step in sweeps])
        outward = down_the_diagonal([step.outward for step in sweeps])
        drop = down_the_diagonal([step.drop for step in sweeps])
        drive = self.voltages.drive
        added_up = self._placed(inward, self._first_carried) - self._placed(drive, 0)
        yield Block(added_up, -(drive @ self._u), "zero")
        fallen = self._placed(outward, len(self._u))
        fallen = fallen - self._placed(drop, self._first_carried)
        yield Block(fallen, np.zeros(self._n_moved), "zero")

    def by_columns(
        self, matrix: sparse.csr_array
    ) -> tuple[sparse.csr_array, FloatArray]:
        """As of `Form`."""
        rows = self._placed(matrix, len(self._u))
        return rows, np.zeros(len(matrix.indptr) - 1)

    def growth(self, loss: sparse.csr_array, weight: FloatArray) -> Growth:
        """As of `Form`."""
        by_step = sparse.csr_array(sparse.kron(sparse.diags_array(weight), loss))
        n_decisions = len(self._u)
        no_cost = [
            sparse.csr_array((count, count)) for count in (n_decisions, self._n_moved)
        ]
        matrix = down_the_diagonal([no_cost[0], by_step, no_cost[1]])
        return Growth(matrix, np.zeros(self.width), 0.0)

    def moved(self, columns: FloatArray) -> FloatArray:
        """As of `Form`."""
        return columns[len(self._u) : self._first_carried]

    def _placed(self, matrix: sparse.csr_array, first: int) -> sparse.csr_array:
        """A matrix over some columns as one over all, of which they begin at `first`."""
        height = len(matrix.indptr) - 1
        # only the columns move: a product with a selection would copy and sort every entry
        parts = (matrix.data, matrix.indices + first, matrix.indptr)
        return sparse.csr_array(parts, shape=(height, self.width))


class SolvedOut:
    """The unknowns as a dense map of the decisions that are free, step by step."""

    def __init__(self, voltages: Voltages, free: list[IntArray], u: FloatArray):
        self._u = u
        self._free = free
        self._maps = [
            voltages.moved_by(step, columns) for step, columns in enumerate(free)
        ]
        self.width = len(u)

    def blocks(self) -> Iterator[Block]:
        """None: the equations hold by themselves."""
        yield from ()

    def by_columns(
        self, matrix: sparse.csr_array
    ) -> tuple[sparse.csr_array, FloatArray]:
        """As of `Form`."""
        height = len(matrix.indptr) - 1
        row_parts, column_parts, value_parts = [], [], []
        for columns, by_columns, part in zip(
            self._free, self._maps, self._by_step(matrix), strict=True
        ):
            rows = np.flatnonzero(np.diff(part.indptr))
            values = part[rows] @ by_columns
            row_parts.append(np.repeat(rows, len(columns)))
            column_parts.append(np.tile(columns, len(rows)))
            value_parts.append(values.ravel())
        by_u = assemble(
            np.concatenate(row_parts),
            np.concatenate(column_parts),
            np.concatenate(value_parts),
            (height, self.width),
        )
        return by_u, np.asarray(by_u @ self._u)

    def _by_step(self, matrix: sparse.csr_array) -> Iterator[sparse.csr_array]:
        """The columns of each step."""
        if len(self._maps) == 1:
            yield matrix
            return
        by_column = sparse.csc_array(matrix)
        first = 0
        for step_map in self._maps:
            last = first + len(step_map)
            yield sparse.csr_array(by_column[:, first:last])
            first = last

    def growth(self, loss: sparse.csr_array, weight: FloatArray) -> Growth:
        """As of `Form`."""
        row_parts, column_parts, value_parts = [], [], []
        for columns, by_columns, each in zip(
            self._free, self._maps, weight, strict=True
        ):
            square = by_columns.T @ (loss @ by_columns)
            # symmetric but for rounding, and a solver reads one half
            values = each * (square + square.T) / 2
            row_parts.append(np.repeat(columns, len(columns)))
            column_parts.append(np.tile(columns, len(columns)))
            value_parts.append(values.ravel())
        matrix = assemble(
            np.concatenate(row_parts),
            np.concatenate(column_parts),
            np.concatenate(value_parts),
            (self.width, self.width),
        )
        # (u - u_0)' matrix (u - u_0), multiplied out
        by_place = np.asarray(matrix @ self._u)
        return Growth(matrix, -2 * by_place, float(self._u @ by_place))

    def moved(self, columns: FloatArray) -> FloatArray:
        """As of `Form`."""
        change = columns - self._u
        parts = []
        for free, by_columns in zip(self._free, self._maps, strict=True):
            parts.append(by_columns @ change[free])
        return np.concatenate(parts)
