"""Sparse matrices put together from entries and blocks, always as `csr_array`, and applied to every scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from tieline.typing import IntArray


def assemble(
    rows: IntArray, columns: IntArray, values: np.ndarray, shape: tuple[int, int]
) -> sparse.csr_array:
    """A matrix from its entries; entries at one place add up."""
    return sparse.coo_array((values, (rows, columns)), shape=shape).tocsr()


def apply(matrix: Any, vectors: np.ndarray) -> np.ndarray:
    """A sparse matrix (row, column) times each of many vectors: (scenario, column) to (scenario, row)."""
    # scipy multiplies a sparse matrix from the left only, and its vectors stand in columns.
    return np.asarray((matrix @ vectors.T).T)


def beside(*blocks: Any) -> sparse.csr_array:
    """Blocks of the same rows, left to right."""
    return sparse.csr_array(sparse.hstack(blocks))


def above(*blocks: Any) -> sparse.csr_array:
    """Blocks of the same columns, top to bottom."""
    return sparse.csr_array(sparse.vstack(blocks))


def down_the_diagonal(blocks: Sequence[Any]) -> sparse.csr_array:
    """Blocks that share neither rows nor columns."""
    if len(blocks) == 1:
        return sparse.csr_array(blocks[0])
    return sparse.csr_array(sparse.block_diag(blocks, format="csr"))


def times_rows(weight: np.ndarray, matrix: Any) -> sparse.csr_array:
    """Each row of a matrix times its weight."""
    rows = sparse.csr_array(matrix, copy=True)
    # A product with a diagonal matrix is the same, and takes several times as long for the small blocks of a feeder.
    weight_of_entry = np.repeat(weight, np.diff(rows.indptr))
    scaled = rows.data * weight_of_entry
    return sparse.csr_array((scaled, rows.indices, rows.indptr), shape=rows.shape)


def selection(columns: IntArray, n_columns: int) -> sparse.csr_array:
    """One in each row, at the column given."""
    count = len(columns)
    return sparse.csr_array(
        (np.ones(count), columns, np.arange(count + 1)), shape=(count, n_columns)
    )
