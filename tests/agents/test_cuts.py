"""Tangents of convex quantities: valid ones stay, what the present point contradicts goes; few of them describe a circle."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.cuts import Cuts
from tieline.agents.nearest import Limits, nearest_feasible

NO_SUM = {"matrix": np.empty((0, 2)), "total": np.empty(0)}
BOX = {"low": np.full(2, -3.0), "high": np.full(2, 3.0)}
FIRST = np.array([0])


def test_few_tangents_find_the_nearest_point_of_a_circle() -> None:
    """From (1, 2) to the point of the unit circle that is nearest to (2, 1); by present tangents alone it never comes to rest."""
    target = np.array([2.0, 1.0])
    nearest = target / np.linalg.norm(target)
    distances = {}
    for keeps in (False, True):
        cuts = Cuts(1, 2)
        point = np.array([1.0, 2.0])
        for _ in range(8):
            size = float(np.linalg.norm(point))
            slope, beyond = point[None] / size, np.array([size - 1.0])
            cut = cuts.update(0, point, FIRST, beyond, slope)
            rows = np.vstack([slope, cut.rows]) if keeps else slope
            most = np.append(slope @ point - beyond, cut.most if keeps else [])
            point, _ = nearest_feasible(target, Limits(rows, most, **NO_SUM, **BOX), 0)
        distances[keeps] = np.linalg.norm(point - nearest)
    assert distances[True] < 1e-3
    assert distances[False] > 0.1


def test_a_tangent_that_the_present_point_contradicts_is_dropped() -> None:
    """y = -x^2 is not convex: its tangent at 0 says that it is 0 at 2, where it is -4."""
    cuts = Cuts(1, 1)
    cuts.update(0, np.zeros(1), FIRST, np.array([1.0]), np.zeros((1, 1)))
    at_two = cuts.update(
        0, np.array([2.0]), FIRST, np.array([-3.0]), np.array([[-4.0]])
    )
    assert len(at_two.most) == 0
    # y = x^2 is: at 1 its tangent is 2 x - 1, below 4 at 2; the limit is 0
    cuts = Cuts(1, 1)
    cuts.update(0, np.ones(1), FIRST, np.array([1.0]), np.array([[2.0]]))
    kept = cuts.update(0, np.array([2.0]), FIRST, np.array([4.0]), np.array([[4.0]]))
    assert kept.rows == pytest.approx(np.array([[2.0]]))
    assert kept.most == pytest.approx([1.0])
