"""`Columns`: where each variable stands in the program of one round.

u        the decisions                                                  (decision,)
network  what the network's equations need, see `forms`                 (column,)
low, high, flow    slacks of voltage and branch limits, where limits may give     (step, limit)
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from tieline.linear.blocks import selection
from tieline.opf.problem import Problem
from tieline.typing import IntArray


class Columns:
    """Columns of a program whose first ones, `n_network`, are those of u and of the network's equations.

    Attributes:
        low, high, flow: columns of the slacks, (step, limit); without columns where limits are held.
        n_network, count: number of columns of u with the network's, and of all.
    """

    def __init__(self, problem: Problem, n_network: int, is_elastic: bool):
        n_steps = problem.n_steps
        n_points = len(problem.limits.points.names)
        n_flows = len(problem.limits.flows)
        # Without slacks the columns end at the network's: a program whose limits are held is not made larger for them.
        sizes = [0, 0, 0]
        if is_elastic:
            sizes = [n_points, n_points, n_flows]
        width = sum(sizes)
        self.n_network = n_network
        self.count = n_network + n_steps * width
        columns = np.arange(n_network, self.count)
        slack = columns.reshape(n_steps, width)
        ends = np.cumsum(sizes)[:2]
        self.low, self.high, self.flow = np.split(slack, ends, axis=1)

    @property
    def slack(self) -> IntArray:
        """Columns of all slacks, (slack,)."""
        return np.arange(self.n_network, self.count)

    def widened(self, matrix: sparse.csr_array) -> sparse.csr_array:
        """A matrix over the first columns as one over all."""
        height = len(matrix.indptr) - 1
        parts = (matrix.data, matrix.indices, matrix.indptr)
        return sparse.csr_array(parts, shape=(height, self.count))

    def less(self, slack: IntArray, height: int) -> sparse.csr_array:
        """Rows that take one slack off each, `height` of them; nothing where limits are held."""
        if not slack.size:
            return sparse.csr_array((height, self.count))
        return -selection(slack.ravel(), self.count)
