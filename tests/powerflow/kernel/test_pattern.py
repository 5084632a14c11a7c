"""The factor pattern, proved by factorising and solving with it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from tieline.powerflow.kernel.elimination import Elimination, eliminate
from tieline.powerflow.kernel.factors import eliminate_shared
from tieline.powerflow.kernel.pattern import FactorPattern, factor_pattern
from tieline.typing import BoolArray, ComplexArray, IntArray


def eliminate_all(
    size: int, row: IntArray, column: IntArray, has_device: BoolArray | None = None
) -> Elimination:
    """Node k is a bus of its own; the source is at the last."""
    has_device = np.ones(size, dtype=bool) if has_device is None else has_device
    nothing = np.zeros(size, dtype=bool)
    return eliminate(
        size,
        row,
        column,
        np.arange(size),
        has_device,
        nothing,
        nothing,
        np.array([size - 1]),
    )


def factors_of(
    pattern: FactorPattern, entries: ComplexArray
) -> tuple[ComplexArray, ComplexArray]:
    """Dense L and U."""
    blocks = np.column_stack([entries.real, -entries.imag, entries.imag, entries.real])
    eliminate_shared(blocks, np.full(len(pattern.diagonal), -1), pattern)
    assert blocks[:, 0] == pytest.approx(blocks[:, 3])
    assert blocks[:, 1] == pytest.approx(-blocks[:, 2])
    size = len(pattern.diagonal)
    lower, upper = np.eye(size, dtype=complex), np.zeros((size, size), dtype=complex)
    for i in range(size):
        for p in range(pattern.row_start[i], pattern.row_start[i + 1]):
            factor = complex(blocks[p, 0], blocks[p, 2])
            if p < pattern.diagonal[i]:
                lower[i, pattern.column[p]] = factor
            else:
                upper[i, pattern.column[p]] = (
                    1 / factor if p == pattern.diagonal[i] else factor
                )
    return lower, upper


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share_with_device", [0.0, 0.4, 1.0])
def test_factors_multiply_back_to_the_matrix(
    seed: int, share_with_device: float
) -> None:
    random = np.random.default_rng(seed)
    size = 30
    row, column = (random.integers(0, size, 60) for _ in range(2))
    every = np.arange(size)
    row, column = np.r_[row, column, every], np.r_[column, row, every]
    value = (
        random.normal(size=len(row))
        + 1j * random.normal(size=len(row))
        + np.where(row == column, 20, 0)
    )
    elimination = eliminate_all(
        size, row, column, random.uniform(size=size) < share_with_device
    )
    pattern = factor_pattern(elimination)
    step = np.argsort(elimination.order)
    entries = np.zeros(pattern.n_positions, dtype=complex)
    np.add.at(entries, pattern.positions(step[row], step[column]), value)
    lower, upper = factors_of(pattern, entries)
    dense = sparse.coo_array((value, (row, column)), shape=(size, size)).toarray()
    assert lower @ upper == pytest.approx(
        dense[np.ix_(elimination.order, elimination.order)], abs=1e-10
    )


def test_a_tree_has_no_fill() -> None:
    size = 200
    parent = np.array([k // 3 for k in range(1, size)])
    child, every = np.arange(1, size), np.arange(size)
    pattern = factor_pattern(
        eliminate_all(size, np.r_[every, parent, child], np.r_[every, child, parent])
    )
    assert pattern.n_positions == 3 * size - 2


def test_nodes_without_devices_leave_the_iteration() -> None:
    """A line of 100 nodes, a device at both ends of its far half: all between them and up to the source goes first."""
    size = 100
    child, every = np.arange(1, size), np.arange(size)
    has_device = np.isin(every, [0, 50])
    elimination = eliminate_all(
        size, np.r_[every, child], np.r_[every, child - 1], has_device
    )
    pattern = factor_pattern(elimination)
    assert elimination.n_inner == pattern.n_inner == size - 3
    assert elimination.order[-1] == size - 1
    active = [
        pattern.column[pattern.active_start[i] : pattern.row_start[i + 1]]
        for i in range(pattern.n_inner, size)
    ]
    # two branches are left: 0-50 and 50-99
    assert sum(len(columns) for columns in active) == 3 + 2 * 2


def test_a_node_where_many_branches_meet_stays() -> None:
    """Eliminating the hub of a star of ten devices would join all of them."""
    hub, size = 10, 12
    ends = np.r_[np.arange(10), 11]
    elimination = eliminate_all(size, np.full(11, hub), ends, np.arange(size) < 10)
    assert elimination.n_inner == 0
