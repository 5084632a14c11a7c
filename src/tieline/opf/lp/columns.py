"""`Columns`: where each variable stands in the program of one round.

u        the decisions                                                  (decision,)
moved    change of each model's unknowns from where it is built         (step, unknown) [pu]
low, high, flow    slacks of voltage and branch limits, where limits may give     (step, limit)
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from tieline.linear.blocks import selection
from tieline.opf.problem import Problem
from tieline.typing import IntArray


class Columns:
    """Columns of a program with `unknowns` a step.

    Attributes:
        low, high, flow: columns of the slacks, (step, limit); without columns where limits are held.
        n_decisions, n_moved, count: number of columns of u, of `moved` and `carried` each, and of all.
    """

    def __init__(
        self, problem: Problem, n_decisions: int, unknowns: int, is_elastic: bool
    ):
        n_steps = problem.n_steps
        n_points = len(problem.limits.points.names)
        n_flows = len(problem.limits.flows)
        # Without slacks the columns end at the unknowns: a program whose limits are held is not made larger for them.
        sizes = [0, 0, 0]
        if is_elastic:
            sizes = [n_points, n_points, n_flows]
        width = sum(sizes)
        self.n_decisions = n_decisions
        self.n_moved = n_steps * unknowns
        first_slack = n_decisions + 2 * self.n_moved
        self.count = first_slack + n_steps * width
        columns = np.arange(first_slack, self.count)
        slack = columns.reshape(n_steps, width)
        ends = np.cumsum(sizes)[:2]
        self.low, self.high, self.flow = np.split(slack, ends, axis=1)

    @property
    def slack(self) -> IntArray:
        """Columns of all slacks, (slack,)."""
        first = self.n_decisions + 2 * self.n_moved
        return np.arange(first, self.count)

    def on_u(self, matrix: sparse.csr_array) -> sparse.csr_array:
        """A matrix over u as one over all columns."""
        return self._placed(matrix, 0)

    def on_moved(self, matrix: sparse.csr_array) -> sparse.csr_array:
        """A matrix over the unknowns of all steps as one over all columns."""
        return self._placed(matrix, self.n_decisions)

    def on_carried(self, matrix: sparse.csr_array) -> sparse.csr_array:
        """A matrix over what the sweeps carry as one over all columns."""
        return self._placed(matrix, self.n_decisions + self.n_moved)

    def less(self, slack: IntArray, height: int) -> sparse.csr_array:
        """Rows that take one slack off each, `height` of them; nothing where limits are held."""
        if not slack.size:
            return sparse.csr_array((height, self.count))
        return -selection(slack.ravel(), self.count)

    def _placed(self, matrix: sparse.csr_array, first: int) -> sparse.csr_array:
        height = len(matrix.indptr) - 1
        columns = matrix.indices + first
        # only the columns move: a product with a selection would copy and sort every entry
        parts = (matrix.data, columns, matrix.indptr)
        return sparse.csr_array(parts, shape=(height, self.count))
