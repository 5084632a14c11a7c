"""`FactorPattern`: the sparsity of the LU factors of a nodal admittance matrix, worked out once per network.

Nodes are eliminated in a fill-reducing order (minimum degree on A + A', SuperLU's); a radial feeder has almost no fill. The
pattern is that of the symmetrised matrix with every possible entry present, so that it holds for any taps, line positions and
capacitor steps. Factors are
taken without pivoting: a nodal admittance matrix with a source is diagonally heavy in this order, and the residual check of the
solver is the judge.

Numerical elimination is stored as a program: for row i, each multiplier in turn, then its updates as pairs of positions.
Running it is a walk through index lists, the same for one matrix or for many side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tieline.typing import IntArray


@dataclass(frozen=True)
class FactorPattern:
    """Where the entries of L (below the diagonal, unit diagonal) and U stand, rows in elimination order.

    Attributes:
        order: node eliminated at each step, (node,).
        rank: step at which each node is eliminated, (node,).
        row_start: first position of each row, (node + 1,).
        column: elimination step of the column of each position, ascending within a row, (position,).
        diagonal: position of each diagonal entry, (node,).
        update_start: first update of each position below the diagonal, (position + 1,).
        update_target, update_source: positions of one update, target -= multiplier * source, (update,).
    """

    order: IntArray
    rank: IntArray
    row_start: IntArray
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
        """Positions of matrix entries given by node indices."""
        size = len(self.order)
        keys = np.repeat(np.arange(size), np.diff(self.row_start)) * size + self.column
        return np.searchsorted(keys, self.rank[row] * size + self.rank[column])


def factor_pattern(size: int, row: IntArray, column: IntArray) -> FactorPattern:
    """Pattern of the factors of a matrix with entries at (row, column), (entry,) each."""
    order = _elimination_order(size, row, column)
    rank = np.empty(size, dtype=np.int64)
    rank[order] = np.arange(size)
    upper = _upper_rows(size, rank[row], rank[column])
    lower: list[list[int]] = [[] for _ in range(size)]
    for i, columns in enumerate(upper):
        for j in columns:
            lower[j].append(i)
    rows = [np.array([*lower[i], i, *upper[i]], dtype=np.int64) for i in range(size)]
    row_start = np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int64)
    diagonal = row_start[:-1] + np.array([len(below) for below in lower], dtype=np.int64)
    flat = np.concatenate(rows)
    return FactorPattern(order, rank, row_start, flat, diagonal, *_updates(row_start, flat, diagonal))


def _elimination_order(size: int, row: IntArray, column: IntArray) -> IntArray:
    """Minimum-degree order of the symmetrised pattern; the values put in keep SuperLU on the diagonal."""
    ones = np.ones(len(row))
    symmetric = sparse.coo_array((np.r_[ones, ones], (np.r_[row, column], np.r_[column, row])), shape=(size, size)).tocsc()
    symmetric.data[:] = -1.0
    heavy = sparse.diags_array(np.full(size, 1.0 + size))
    factor = splu((symmetric + heavy).tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    return np.argsort(factor.perm_c).astype(np.int64)


def _upper_rows(size: int, row: IntArray, column: IntArray) -> list[list[int]]:
    """Columns right of the diagonal in each row of U: own entries and what eliminating earlier rows fills in."""
    reach: list[set[int]] = [set() for _ in range(size)]
    for i, j in zip(np.minimum(row, column).tolist(), np.maximum(row, column).tolist(), strict=True):
        if i != j:
            reach[i].add(j)
    for i in range(size):
        if reach[i]:
            parent = min(reach[i])
            reach[parent] |= reach[i] - {parent}
    return [sorted(columns) for columns in reach]


def _updates(row_start: IntArray, column: IntArray, diagonal: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """For each position (i, k) below the diagonal: row i gets minus multiplier times row k, right of column k."""
    target: list[int] = []
    source: list[int] = []
    start = np.zeros(len(column) + 1, dtype=np.int64)
    for i in range(len(diagonal)):
        place = {int(column[p]): p for p in range(row_start[i], row_start[i + 1])}
        for p in range(row_start[i], row_start[i + 1]):
            if p < diagonal[i]:
                k = column[p]
                sources = range(int(diagonal[k]) + 1, int(row_start[k + 1]))
                source += sources
                target += [place[int(column[q])] for q in sources]
            start[p + 1] = len(target)
    return start, np.array(target, dtype=np.int64), np.array(source, dtype=np.int64)
