"""Systems with a diagonal matrix and rows, as many equations as there are rows if that is fewer than entries.

    (D + V^T V) x = b:      x = D^-1 (b - V^T y),      (1 + V D^-1 V^T) y = V D^-1 b

Five agents with 300 limits have 1500 entries, and 305 rows. Rows may be many powers of ten larger than D, and some may be the
same.

Source: W. W. Hager, "Updating the inverse of a matrix", SIAM Review 31(2), 1989, eq. 2 (Sherman, Morrison, Woodbury).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from tieline.typing import FloatArray

Solve = Callable[[FloatArray], FloatArray]

LIFTS = (0.0, 1e-15, 1e-14, 1e-13, 1e-12)
"""What is added to a diagonal of ones for it to have a Cholesky factor: nothing, else as little as does."""

SMALLEST_PIVOT = 2e-8
"""Root of twice the rounding of a one."""

REFINEMENTS = 3
"""Solutions of each system, every one for what the ones before left over; the second already finds little."""


def solve_with_rows(
    diagonal: FloatArray, rows: FloatArray, right_side: FloatArray
) -> FloatArray:
    """x of (D + V^T V) x = b.

    Args:
        diagonal: D, (entry,); 0 where only rows hold an entry.
        rows: V, (row, entry).
        right_side: b, (entry,).
    """
    n_rows, n_entries = rows.shape
    if n_rows >= n_entries or not diagonal.all():
        return solve_whole(diagonal, rows, right_side)
    divided = rows / diagonal
    solve_small = _solver(np.eye(n_rows) + divided @ rows.T)

    def solve(side: FloatArray) -> FloatArray:
        y = solve_small(divided @ side)
        return side / diagonal - divided.T @ y

    return _refined(solve, diagonal, rows, right_side)


def solve_whole(
    diagonal: FloatArray, rows: FloatArray, right_side: FloatArray
) -> FloatArray:
    """The same by as many equations as entries: slower, and good where rows are ten powers of ten above D."""
    solve = _solver(np.diag(diagonal) + rows.T @ rows)
    return _refined(solve, diagonal, rows, right_side)


def _refined(
    solve: Solve, diagonal: FloatArray, rows: FloatArray, right_side: FloatArray
) -> FloatArray:
    """The solution, with what it left over solved for again as long as that helps."""
    size = np.sqrt(diagonal + np.sum(rows**2, axis=0))
    x = np.zeros_like(right_side)
    residual = right_side
    for _ in range(REFINEMENTS):
        better = x + solve(residual)
        left_over = right_side - diagonal * better - rows.T @ (rows @ better)
        # with rows ten powers of ten above D the difference of two such numbers is rounding, and grows
        if np.linalg.norm(left_over / size) >= np.linalg.norm(residual / size) / 2.0:
            break
        x = better
        residual = left_over
    return x if x.any() else solve(right_side)


def _solver(matrix: FloatArray) -> Solve:
    """Solves with a positive definite matrix, also one that rounding has made singular, as limits that are the same do."""
    size = np.sqrt(np.diagonal(matrix))
    scaled = matrix / np.outer(size, size)
    factor = _cholesky(scaled)

    def solve(right_side: FloatArray) -> FloatArray:
        return cho_solve(factor, right_side / size, check_finite=False) / size

    return solve


def _cholesky(matrix: FloatArray) -> tuple[FloatArray, bool]:
    """The factor of a matrix with a diagonal of ones."""
    for lift in LIFTS[:-1]:
        try:
            factor, lower = cho_factor(
                matrix + lift * np.eye(len(matrix)), check_finite=False
            )
        except LinAlgError:
            continue
        # a smaller pivot is the rounding of a row that repeats others
        if np.diagonal(factor).min(initial=1.0) > SMALLEST_PIVOT:
            return factor, lower
    return cho_factor(matrix + LIFTS[-1] * np.eye(len(matrix)), check_finite=False)
