"""Sparse matrices put together from blocks, always as `csr_array`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from tieline.typing import IntArray


def beside(*blocks: Any) -> sparse.csr_array:
    """Blocks of the same rows, left to right."""
    return sparse.csr_array(sparse.hstack(blocks))


def above(*blocks: Any) -> sparse.csr_array:
    """Blocks of the same columns, top to bottom."""
    return sparse.csr_array(sparse.vstack(blocks))


def times_rows(weight: np.ndarray, matrix: Any) -> sparse.csr_array:
    """Each row of a matrix times its weight."""
    return sparse.csr_array(sparse.diags_array(weight) @ matrix)


def selection(columns: IntArray, n_columns: int) -> sparse.csr_array:
    """One in each row, at the column given."""
    count = len(columns)
    return sparse.csr_array(
        (np.ones(count), columns, np.arange(count + 1)), shape=(count, n_columns)
    )
