"""Extremes of quadratics over a box, against every corner and a fine scan."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tieline.powerflow.interval.quadratic_bounds import highest, lowest


def scan(gradient: np.ndarray, hessian: np.ndarray, steps: int = 41) -> np.ndarray:
    """Values of the quadratic on a grid over the box."""
    axis = np.linspace(-1, 1, steps)
    points = np.array(list(product(axis, repeat=len(gradient))))
    return points @ gradient + np.einsum("ni,ij,nj->n", points, hessian, points) / 2


def test_linear_function_by_hand() -> None:
    bound, point = highest(np.array([1.0, -2.0, 0.0]), None)
    assert bound == 3.0
    assert point[:2].tolist() == [1.0, -1.0]


def test_parabola_by_hand() -> None:
    """x - x^2 is largest at 1/2; x + x^2 lowest at -1/2."""
    bound, point = highest(np.array([1.0]), np.array([[-2.0]]))
    assert (bound, point[0]) == (pytest.approx(0.25), pytest.approx(0.5))
    bound, point = lowest(np.array([1.0]), np.array([[2.0]]))
    assert (bound, point[0]) == (pytest.approx(-0.25), pytest.approx(-0.5))


@pytest.mark.parametrize("seed", range(20))
def test_bounds_hold_and_are_exact_where_slopes_dominate(seed: int) -> None:
    random = np.random.default_rng(seed)
    gradient = random.normal(size=3)
    hessian = random.normal(size=(3, 3)) * random.choice([0.1, 2.0])
    hessian += hessian.T
    values = scan(gradient, hessian)
    assert highest(gradient, hessian)[0] >= values.max() - 1e-12
    assert lowest(gradient, hessian)[0] <= values.min() + 1e-12
    if (np.abs(gradient) >= np.abs(hessian).sum(axis=1)).all():
        assert highest(gradient, hessian)[0] == pytest.approx(values.max(), rel=1e-12)
        assert lowest(gradient, hessian)[0] == pytest.approx(values.min(), rel=1e-12)


def test_settling_one_axis_settles_the_next() -> None:
    """The second slope, 0.5 + 1 * x1, changes sign over the box but not once x1 = 1 is settled."""
    gradient, hessian = np.array([3.0, 0.5]), np.array([[0.0, 1.0], [1.0, 0.0]])
    bound, point = highest(gradient, hessian)
    assert bound == pytest.approx(4.5)
    assert point.tolist() == [1.0, 1.0]


def test_open_axes_are_bounded_by_their_cross_term() -> None:
    """x1 x2 without slope: 1 is the exact extreme, and the bound."""
    assert highest(np.zeros(2), np.array([[0.0, 1.0], [1.0, 0.0]]))[0] == pytest.approx(
        1.0
    )
