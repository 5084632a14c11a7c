"""Columns and rows of the cone program: `Space` says where a variable stands, `Block` holds rows A x + s = b of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from tieline.typing import FloatArray, IntArray

Cone = Literal["zero", "nonnegative", "second order"]

Term = tuple[IntArray, ArrayLike]
"""One column for each row, and its weight (one for all or one each)."""


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of one kind: matrix x + s = right with s in a cone; `size` is that of each cone of second order."""

    matrix: sparse.csr_array
    right: FloatArray
    cone: Cone
    name: str = ""
    size: int = 1

    def cones(self, clarabel: Any) -> list[Any]:
        """The cones in Clarabel's words."""
        height = len(self.right)
        if self.cone == "second order":
            return [clarabel.SecondOrderConeT(self.size)] * (height // self.size)
        return [
            clarabel.ZeroConeT(height) if self.cone == "zero" else clarabel.NonnegativeConeT(height)
        ]


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
        self.l = self.p + 2 * branches
        self.v = first + 3 * branches + np.arange(nodes)
        self.u = steps * width
        slack = self.u + decisions + np.arange(steps * (2 * points + rows)).reshape(steps, -1)
        self.slack = slack if is_elastic else slack[:, :0]
        parts = np.split(slack, [points, 2 * points], axis=1)
        self.low, self.high, self.flow = parts if is_elastic else (None, None, None)
        self.count = self.u + decisions + self.slack.size

    def rows(self, terms: Sequence[Term]) -> sparse.csr_array:
        """Rows that add up columns times weights; every term gives one column to each row."""
        height = terms[0][0].size
        columns = np.concatenate([column.ravel() for column, _ in terms])
        values = np.concatenate(
            [np.broadcast_to(weight, column.shape).ravel() for column, weight in terms]
        )
        return self.matrix(np.tile(np.arange(height), len(terms)), columns, values, height)

    def matrix(
        self, rows: IntArray, columns: IntArray, values: FloatArray, height: int
    ) -> sparse.csr_array:
        """A matrix over x from its entries; entries at one place add up."""
        return sparse.coo_array(
            (values.astype(float), (rows, columns)), shape=(height, self.count)
        ).tocsr()

    def on_u(self, matrix: sparse.csr_array) -> sparse.csr_array:
        """A matrix over u as one over x."""
        shape = (len(matrix.indptr) - 1, self.count)
        return sparse.csr_array((matrix.data, matrix.indices + self.u, matrix.indptr), shape=shape)


def interleave(parts: Sequence[sparse.csr_array]) -> sparse.csr_array:
    """Rows of cones of second order: row k of every part makes up cone k."""
    return sparse.csr_array(sparse.csr_array(sparse.vstack(parts))[_cone_order(parts)])


def interleave_right(parts: Sequence[FloatArray]) -> FloatArray:
    """The right-hand sides that belong to `interleave`."""
    return np.stack(parts, axis=1).ravel()


def _cone_order(parts: Sequence[sparse.csr_array]) -> IntArray:
    size = len(parts)
    height = len(parts[0].indptr) - 1
    return np.arange(size * height).reshape(size, height).T.ravel()
