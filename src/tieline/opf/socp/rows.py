"""`Space`: where each variable of the branch flow relaxation stands among its columns, and rows over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from tieline.linear.blocks import assemble
from tieline.typing import FloatArray, IntArray

Term = tuple[IntArray, ArrayLike]
"""One column for each row, and its weight (one for all or one each)."""


class Space:
    """Columns of x: P, Q, l by branch and v by node for each step, then u, then the slacks of limits.

    Attributes:
        p, q, l: (step, branch) [pu]; l squared.
        v: squared voltages, (step, node) [pu].
        u: first of the decisions.
        low, high, flow: slacks of voltage and branch limits, (step, limit); None where limits are held.
        count: number of columns.
    """

    def __init__(
        self,
        steps: int,
        branches: int,
        nodes: int,
        decisions: int,
        points: int,
        rows: int,
        is_elastic: bool,
    ):
        width = 3 * branches + nodes
        first = np.arange(steps)[:, None] * width
        self.p = first + np.arange(branches)
        self.q = self.p + branches
        self.l = self.q + branches
        self.v = first + 3 * branches + np.arange(nodes)
        self.u = steps * width
        self.low: IntArray | None = None
        self.high: IntArray | None = None
        self.flow: IntArray | None = None
        # Without slacks the columns end at u: a program whose limits are held is not made larger for them.
        limits = 0
        if is_elastic:
            limits = 2 * points + rows
        first_slack = self.u + decisions
        self.count = first_slack + steps * limits
        self.slack = np.arange(first_slack, self.count).reshape(steps, limits)
        if is_elastic:
            self.low, self.high, self.flow = np.split(
                self.slack, [points, 2 * points], axis=1
            )

    def rows(self, terms: Sequence[Term]) -> sparse.csr_array:
        """Rows that add up columns times weights; every term gives one column to each row."""
        first_columns, _ = terms[0]
        height = first_columns.size
        columns = []
        values = []
        for term_columns, weight in terms:
            weights = np.broadcast_to(weight, term_columns.shape)
            columns.append(term_columns.ravel())
            values.append(weights.ravel())
        rows = np.tile(np.arange(height), len(terms))
        all_columns = np.concatenate(columns)
        all_values = np.concatenate(values)
        return self.matrix(rows, all_columns, all_values, height)

    def matrix(
        self, rows: IntArray, columns: IntArray, values: FloatArray, height: int
    ) -> sparse.csr_array:
        """A matrix over x from its entries; entries at one place add up."""
        shape = (height, self.count)
        return assemble(rows, columns, values.astype(float), shape)

    def on_u(self, matrix: sparse.csr_array) -> sparse.csr_array:
        """A matrix over u as one over x."""
        height = len(matrix.indptr) - 1
        columns = matrix.indices + self.u
        # Entries stay as they are, only their columns move: no sparse product is needed.
        parts = (matrix.data, columns, matrix.indptr)
        return sparse.csr_array(parts, shape=(height, self.count))
