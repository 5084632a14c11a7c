"""The factor pattern, proved by factorising and solving with it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from tieline.network.pattern import factor_pattern
from tieline.powerflow.factors import Pattern, shared_factors


@pytest.mark.parametrize("seed", range(5))
def test_factors_multiply_back_to_the_matrix(seed: int) -> None:
    random = np.random.default_rng(seed)
    size = 30
    row, column = (random.integers(0, size, 60) for _ in range(2))
    every = np.arange(size)
    row, column = np.r_[row, column, every], np.r_[column, row, every]
    value = random.normal(size=len(row)) + 1j * random.normal(size=len(row)) + np.where(row == column, 20, 0)
    pattern = factor_pattern(size, row, column)
    entries = np.zeros(pattern.n_positions, dtype=complex)
    np.add.at(entries, pattern.positions(row, column), value)
    re, im = shared_factors(
        np.real(entries).copy(), np.imag(entries).copy(), Pattern(*(getattr(pattern, name) for name in Pattern._fields))
    )
    lower, upper = np.eye(size, dtype=complex), np.zeros((size, size), dtype=complex)
    for i in range(size):
        for p in range(pattern.row_start[i], pattern.row_start[i + 1]):
            factor = complex(re[p], im[p])
            if p < pattern.diagonal[i]:
                lower[i, pattern.column[p]] = factor
            else:
                upper[i, pattern.column[p]] = 1 / factor if p == pattern.diagonal[i] else factor
    dense = sparse.coo_array((value, (row, column)), shape=(size, size)).toarray()
    assert lower @ upper == pytest.approx(dense[np.ix_(pattern.order, pattern.order)], abs=1e-10)


def test_a_tree_has_no_fill() -> None:
    size = 200
    parent = np.array([k // 3 for k in range(1, size)])
    child, every = np.arange(1, size), np.arange(size)
    pattern = factor_pattern(size, np.r_[every, parent, child], np.r_[every, child, parent])
    assert pattern.n_positions == 3 * size - 2
