"""The nearest point by hand, against a general optimiser, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from tieline.agents.nearest import ADDED_AT_ONCE, Limits, nearest_feasible

ROOM = 1e-6
NO_SUM = (np.empty((0, 2)), np.empty(0))
UNIT = (np.zeros(2), np.ones(2))


def test_onto_a_half_plane_by_hand() -> None:
    """x + 2 y <= 1 from (1, 1): along the normal (1, 2) by 2 / 5."""
    limits = Limits(np.array([[1.0, 2.0]]), np.array([1.0]), *NO_SUM, *UNIT)
    point, relaxed = nearest_feasible(np.array([1.0, 1.0]), limits, ROOM)
    assert point == pytest.approx([0.6, 0.2], abs=1e-12)
    assert relaxed == 0.0


def test_the_box_and_a_sum_by_hand() -> None:
    """x - y <= -0.5 with x + y = 1 from (1, 0): (0.25, 0.75); without the limit the point stays."""
    kept = (np.array([[1.0, 1.0]]), np.array([1.0]))
    limits = Limits(np.array([[1.0, -1.0]]), np.array([-0.5]), *kept, *UNIT)
    assert nearest_feasible(np.array([1.0, 0.0]), limits, ROOM)[0] == pytest.approx(
        [0.25, 0.75], abs=1e-12
    )
    free = Limits(np.empty((0, 2)), np.empty(0), *kept, *UNIT)
    assert nearest_feasible(np.array([0.9, 0.1]), free, ROOM)[0] == pytest.approx(
        [0.9, 0.1], abs=1e-15
    )


def test_contrary_limits_are_relaxed_by_the_least() -> None:
    """x <= 0.2, twice, and x >= 0.6: the one gives way by 0.4 rather than the two by any; y stays."""
    limits = Limits(
        np.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]]),
        np.array([0.2, 0.2, -0.6]),
        *NO_SUM,
        *UNIT,
    )
    point, relaxed = nearest_feasible(np.array([0.9, 0.3]), limits, ROOM)
    assert point == pytest.approx([0.2, 0.3], abs=2 * ROOM)
    assert relaxed == pytest.approx(0.4, abs=2 * ROOM)


def test_a_limit_that_nothing_moves_excuses_no_other() -> None:
    """0 <= -0.3 cannot be met; x <= 0.4 can."""
    limits = Limits(
        np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([-0.3, 0.4]), *NO_SUM, *UNIT
    )
    point, relaxed = nearest_feasible(np.array([0.5, 0.5]), limits, ROOM)
    assert point == pytest.approx([0.4, 0.5], abs=2 * ROOM)
    assert relaxed == pytest.approx(0.3, abs=2 * ROOM)


def test_no_point_at_all() -> None:
    limits = Limits(
        np.empty((0, 2)), np.empty(0), np.array([[1.0, 1.0]]), np.array([3.0]), *UNIT
    )
    point, relaxed = nearest_feasible(np.array([0.5, 0.5]), limits, ROOM)
    assert (point.tolist(), relaxed) == ([0.5, 0.5], np.inf)


@pytest.mark.parametrize("seed", range(8))
def test_against_a_general_optimiser(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, m = 5, 3 * ADDED_AT_ONCE
    inside, wanted = random.uniform(0.3, 0.7, n), random.uniform(0, 1, n)
    rows, matrix = random.normal(size=(m, n)), random.normal(size=(seed % 3, n))
    most = rows @ inside + random.uniform(0.05, 1.0, m)
    limits = Limits(rows, most, matrix, matrix @ inside, np.zeros(n), np.ones(n))
    point, relaxed = nearest_feasible(wanted, limits, ROOM)
    constraints = [
        {"type": "ineq", "fun": lambda x: most - rows @ x},
        {"type": "eq", "fun": lambda x: matrix @ (x - inside)},
    ]
    theirs = minimize(
        lambda x: ((x - wanted) ** 2).sum(),
        inside,
        bounds=[(0, 1)] * n,
        constraints=constraints[: 1 + (seed % 3 > 0)],
        tol=1e-12,
    )
    assert relaxed == 0.0
    assert (rows @ point <= most + 1e-8).all()
    assert matrix @ (point - inside) == pytest.approx(0.0, abs=1e-9)
    assert np.linalg.norm(point - wanted) == pytest.approx(
        np.sqrt(theirs.fun), abs=1e-6
    )
