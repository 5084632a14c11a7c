"""`FactorPattern`: where the entries of the LU factors of a nodal admittance matrix stand, and how they are computed.

The pattern is that of the symmetrised matrix, so it holds for any taps. Factors are taken without pivoting: a nodal
admittance matrix with a source is diagonally heavy in this order, and the convergence of the solver is the judge.

Numerical elimination is stored as a program: for row i, each multiplier in turn, then its updates as pairs of positions.
Running it is a walk through index lists, the same for one matrix or for many side by side.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.kernel.elimination import Elimination, Graph
from tieline.typing import IntArray


class FactorPattern(NamedTuple):
    """Entries of L (below the diagonal, unit diagonal) and U, row by row in elimination order.

    Attributes:
        n_inner: rows below this one take no part in the iteration, see `elimination`.
        tail: first row of the tail, see there; the number of rows if there is none.
        row_start: first position of each row, (node + 1,).
        active_start: first position of each row whose column is not inner, (node,).
        column: column of each position, ascending within a row, (position,).
        diagonal: position of each diagonal entry, (node,).
        update_start: first update of each position below the diagonal, (position + 1,).
        update_target, update_source: positions of one update, target -= multiplier * source, (update,).
    """

    n_inner: int
    tail: int
    row_start: IntArray
    active_start: IntArray
    column: IntArray
    diagonal: IntArray
    update_start: IntArray
    update_target: IntArray
    update_source: IntArray

    @property
    def n_positions(self) -> int:
        """Number of stored entries of L + U."""
        return len(self.column)

    def positions(self, row: IntArray, column: IntArray) -> IntArray:
        """Positions of matrix entries given by elimination steps."""
        row_of_position = _rows_of_positions(self.row_start)
        return _positions(row, column, row_of_position, self.column)


def factor_pattern(elimination: Elimination) -> FactorPattern:
    """Pattern of the factors of a matrix eliminated in this order."""
    rows, n_below = _rows(elimination.reach, elimination.order)
    widths = [len(row) for row in rows]
    row_start = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    first = row_start[:-1]
    diagonal = first + n_below
    column = np.concatenate(rows)
    n_inner = elimination.n_inner
    n_skipped = np.add.reduceat(column < n_inner, first)
    updates = _updates(row_start, column, diagonal)
    return FactorPattern(
        n_inner,
        elimination.tail,
        row_start,
        first + n_skipped,
        column,
        diagonal,
        *updates,
    )


def _rows(reach: Graph, order: IntArray) -> tuple[list[IntArray], IntArray]:
    """Columns of each row of L + U, ascending, and how many of them stand below the diagonal."""
    size = len(order)
    step = np.empty(size, dtype=np.int64)
    step[order] = np.arange(size)
    upper = []
    for node in order.tolist():
        neighbours = np.array([*reach[node]], dtype=np.int64)  # the last node has none
        upper.append(np.sort(step[neighbours]))
    # The pattern is symmetric, and rows come in order, so that each list below the diagonal ascends by itself.
    lower: list[list[int]] = [[] for _ in range(size)]
    for i, columns in enumerate(upper):
        for j in columns.tolist():
            lower[j].append(i)
    rows = [np.array([*lower[i], i, *upper[i]], dtype=np.int64) for i in range(size)]
    return rows, np.array([len(below) for below in lower], dtype=np.int64)


def _updates(
    row_start: IntArray, column: IntArray, diagonal: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """For each position (i, k) below the diagonal: row i gets minus multiplier times row k, right of column k."""
    row = _rows_of_positions(row_start)
    n_right = row_start[1:] - diagonal - 1
    count = np.where(column < row, n_right[column], 0)
    start = np.concatenate([[0], np.cumsum(count)])
    # Each position's updates walk along row k, from right of its diagonal.
    step = np.arange(start[-1]) - np.repeat(start[:-1], count)
    source = np.repeat(diagonal[column] + 1, count) + step
    # The pattern holds all fill: what row k has right of its diagonal, row i has as well.
    target = _positions(np.repeat(row, count), column[source], row, column)
    return start, target, source


def _rows_of_positions(row_start: IntArray) -> IntArray:
    """The row of each position, (position,)."""
    widths = np.diff(row_start)
    return np.repeat(np.arange(len(widths)), widths)


def _positions(
    row: IntArray, column: IntArray, rows: IntArray, columns: IntArray
) -> IntArray:
    """Where entries stand in a pattern, given by the row and the column of each of its positions."""
    # One number for each place: rows ascend, and columns within a row, so that these ascend as well.
    size = rows[-1] + 1
    return np.searchsorted(rows * size + columns, row * size + column)
