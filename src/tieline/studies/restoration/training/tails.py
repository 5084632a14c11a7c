"""Constraints over a batch of draws: the mean of the worst share of them, the conditional value at risk.

A mean over all draws would let those with much sun pay for those that break a limit.

Source: R. T. Rockafellar, S. Uryasev, "Optimization of conditional value-at-risk", Journal of Risk 2(3), 2000.
"""

from __future__ import annotations

import numpy as np

from tieline.typing import FloatArray, IntArray


def tail_means(values: FloatArray, share: float) -> FloatArray:
    """Mean of the highest of each column, (draw, column) -> (column,)."""
    count = _count(values, share)
    ordered = np.sort(values, axis=0)
    return ordered[-count:].mean(axis=0)


def tail_weights(values: FloatArray, columns: IntArray, share: float) -> FloatArray:
    """What each entry counts in the tail of some columns, (chosen column, draw, column)."""
    # a draw may stand in several tails, with a weight in each
    count = _count(values, share)
    weights = np.zeros((len(columns), *values.shape))
    for place, column in enumerate(columns):
        # stable: equal draws are taken in the same order on every machine
        order = np.argsort(-values[:, column], kind="stable")
        worst = order[:count]
        weights[place, worst, column] = 1.0 / count
    return weights


def _count(values: FloatArray, share: float) -> int:
    return max(round(share * len(values)), 1)
