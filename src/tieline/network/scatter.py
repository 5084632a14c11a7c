"""Sums of columns that belong together: what every element adds to its node, its device, its branch."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tieline.typing import IntArray

Number = TypeVar("Number", np.float64, np.complex128)


def sum_columns(values: NDArray[Number], target: IntArray, n_targets: int) -> NDArray[Number]:
    """Add up the columns of `values` by target.

    Args:
        values: (row, column).
        target: where each column goes, (column,).
        n_targets: number of targets.

    Returns:
        Sums, (row, target); 0 where nothing goes.
    """
    count = len(target)
    where = sparse.csr_array(
        (np.ones(count), target, np.arange(count + 1)), shape=(count, n_targets)
    )
    return np.asarray((where.T @ values.T).T)
