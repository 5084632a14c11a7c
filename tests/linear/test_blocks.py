"""Sparse helpers against dense arithmetic."""

from __future__ import annotations

import numpy as np

from tieline.linear.blocks import apply, assemble


def test_entries_at_one_place_add_up() -> None:
    matrix = assemble(
        np.array([0, 0, 1]), np.array([2, 2, 0]), np.array([1.0, 2.0, 5.0]), (2, 3)
    )
    np.testing.assert_array_equal(matrix.toarray(), [[0.0, 0.0, 3.0], [5.0, 0.0, 0.0]])


def test_every_scenario_is_multiplied() -> None:
    matrix = assemble(np.array([0, 1]), np.array([1, 0]), np.array([2.0, 3.0]), (2, 3))
    vectors = np.array([[1.0, 10.0, 100.0], [2.0, 20.0, 200.0], [0.0, -1.0, 1.0]])
    expected = [[20.0, 3.0], [40.0, 6.0], [-2.0, 0.0]]
    np.testing.assert_array_equal(apply(matrix, vectors), expected)
