"""A refilled program answers as one built anew."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from tieline.opf.cones.blocks import Block
from tieline.opf.cones.interior_point import Accuracy
from tieline.opf.cones.refilled import RefilledCones


def disc() -> RefilledCones:
    """Least x + y in a disc whose radius r is given, and x >= low, given too: columns (x, y, r, low)."""
    rows = [[0, 0, -1, 0], [-1, 0, 0, 0], [0, -1, 0, 0]]
    blocks = [
        Block(
            sparse.csr_array(np.array(rows, dtype=float)),
            np.zeros(3),
            "second order",
            "disc",
            3,
        ),
        Block(
            sparse.csr_array(np.array([[-1.0, 0, 0, 1]])),
            np.zeros(1),
            "nonnegative",
            "low",
        ),
    ]
    return RefilledCones(blocks, np.ones(2), Accuracy(1e-9), "A test")


@pytest.mark.parametrize("radius", [1.0, 3.0, 0.5])
def test_what_is_given_moves_the_optimum(radius: float) -> None:
    program = disc()
    program.solve(np.array([2.0, -9.0]))
    solved = program.solve(np.array([radius, -9.0]))
    assert solved.is_optimal
    np.testing.assert_allclose(solved.x, -radius / np.sqrt(2), atol=1e-5)
    np.testing.assert_allclose(
        disc().solve(np.array([radius, -9.0])).x, solved.x, atol=1e-5
    )


def test_a_refill_that_has_no_answer_is_told_and_the_next_has_one() -> None:
    program = disc()
    program.solve(np.array([1.0, -9.0]))
    # x >= 2 in a disc of radius 1
    assert program.solve(np.array([1.0, 2.0])).is_infeasible
    solved = program.solve(np.array([1.0, 0.0]))
    np.testing.assert_allclose(solved.x, [0.0, -1.0], atol=1e-5)
    # x >= low is worth d(x + y)/d low at low = 0: 1, as y stays at its lowest
    assert solved.duals["low"][0] == pytest.approx(1.0, abs=1e-4)
