"""Systems of a diagonal and rows: against the whole matrix, with rows that are the same and rows of very different size."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.constrained_update.row_system import solve_with_rows


@pytest.mark.parametrize("n_rows", [0, 3, 20, 40])
def test_as_with_the_whole_matrix(n_rows: int) -> None:
    random = np.random.default_rng(n_rows)
    diagonal, right_side = random.uniform(0.5, 2.0, 20), random.normal(size=20)
    rows = random.normal(size=(n_rows, 20))
    whole = np.diag(diagonal) + rows.T @ rows
    x = solve_with_rows(diagonal, rows, right_side)
    assert x == pytest.approx(np.linalg.solve(whole, right_side), rel=1e-9)


def test_the_same_row_many_times_and_ten_powers_of_ten() -> None:
    """By hand: (1 + 3 x 10^20) x = 1 along the row, 1 beside it."""
    rows = np.array([[1e10, 0.0, 0.0, 0.0, 0.0]] * 3)
    x = solve_with_rows(np.ones(5), rows, np.ones(5))
    assert x[1:] == pytest.approx(np.ones(4))
    assert x[0] == pytest.approx(1.0 / 3e20, rel=1e-3)


def test_an_entry_that_only_rows_hold() -> None:
    """Diagonal (1, 0), row (1, 1): (2 1; 1 1) x = (3, 2)."""
    x = solve_with_rows(
        np.array([1.0, 0.0]), np.array([[1.0, 1.0]]), np.array([3.0, 2.0])
    )
    assert x == pytest.approx([1.0, 1.0])
