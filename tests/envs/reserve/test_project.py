"""`project`: the nearest allocation, by hand, by the conditions of optimality and by a general optimiser."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from tieline.envs.reserve.allocation import project


def wanted_and_limits(
    count: int = 200, n: int = 5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random wishes, some far outside, some equal; capacities, one of them zero; requests."""
    random = np.random.default_rng(7)
    capacity = random.uniform(0, 200, (count, n))
    capacity[::3, 1] = 0.0
    wanted = random.uniform(-100, 300, (count, n))
    wanted[::4, 0] = wanted[::4, 2]
    return wanted, capacity, capacity.sum(axis=1) * random.uniform(0, 1, count)


@pytest.mark.parametrize(
    ("wanted", "capacity", "request_kw", "allocation"),
    [
        # what was wanted can be had
        ([30.0, 50.0], [100.0, 100.0], 80.0, [30.0, 50.0]),
        ([30.0, 50.0], [100.0, 100.0], 100.0, [40.0, 60.0]),  # 10 more for each
        # the second is full, the first takes the rest
        ([30.0, 50.0], [100.0, 55.0], 100.0, [45.0, 55.0]),
        # the first would go below 0
        ([0.0, 50.0, 50.0], [60.0, 60.0, 60.0], 60.0, [0.0, 30.0, 30.0]),
        ([9.0, 9.0], [10.0, 0.0], 4.0, [4.0, 0.0]),  # a DER that is not there
        ([1e6, -1e6], [10.0, 10.0], 12.0, [10.0, 2.0]),  # beyond all limits
    ],
)
def test_by_hand(
    wanted: list[float],
    capacity: list[float],
    request_kw: float,
    allocation: list[float],
) -> None:
    given = project(np.array([wanted]), np.array([capacity]), np.array([request_kw]))
    assert given[0] == pytest.approx(allocation, abs=1e-9)


def test_nothing_and_everything_are_exact() -> None:
    wanted, capacity, _ = wanted_and_limits()
    assert (project(wanted, capacity, np.zeros(len(wanted))) == 0.0).all()
    assert project(wanted, capacity, capacity.sum(axis=1)) == pytest.approx(
        capacity, abs=1e-9
    )
    assert (project(wanted, capacity * 0.0, np.zeros(len(wanted))) == 0.0).all()


def test_request_and_limits_are_kept() -> None:
    wanted, capacity, request_kw = wanted_and_limits()
    given = project(wanted, capacity, request_kw)
    assert given.sum(axis=1) == pytest.approx(request_kw, abs=1e-9)
    assert (given >= 0.0).all()
    assert (given <= capacity).all()


def test_conditions_of_optimality() -> None:
    """One price s for all (Karush, Kuhn, Tucker): r - wanted is s inside the limits, at least s at 0, at most s when full."""
    wanted, capacity, request_kw = wanted_and_limits()
    given = project(wanted, capacity, request_kw)
    moved = given - wanted
    at_zero, full = given <= 1e-9, given >= capacity - 1e-9
    n_inside = 0
    for row in range(len(wanted)):
        inside = ~at_zero[row] & ~full[row]
        n_inside += inside.any()
        price = moved[row][inside]
        if inside.any():
            assert np.ptp(price) < 1e-8
            assert (moved[row][at_zero[row] & ~full[row]] >= price[0] - 1e-8).all()
            assert (moved[row][full[row] & ~at_zero[row]] <= price[0] + 1e-8).all()
    assert n_inside > 150


def test_against_a_general_optimiser() -> None:
    for wanted, capacity, request_kw in zip(*wanted_and_limits(12), strict=True):
        start = capacity * request_kw / capacity.sum()
        found = minimize(
            lambda r, target=wanted: 0.5 * ((r - target) ** 2).sum(),
            start,
            jac=lambda r, target=wanted: r - target,
            bounds=[(0.0, top) for top in capacity],
            constraints={
                "type": "eq",
                "fun": lambda r, total=request_kw: r.sum() - total,
                "jac": np.ones_like,
            },
            method="SLSQP",
            options={"ftol": 1e-12, "maxiter": 200},
        )
        given = project(wanted[None], capacity[None], np.array([request_kw]))[0]
        assert given == pytest.approx(found.x, abs=1e-4)


def test_a_projection_stays_where_it_is_and_comes_no_farther_apart() -> None:
    wanted, capacity, request_kw = wanted_and_limits()
    other = wanted[::-1]
    given = project(wanted, capacity, request_kw)
    assert project(given, capacity, request_kw) == pytest.approx(given, abs=1e-9)
    apart = np.linalg.norm(given - project(other, capacity, request_kw), axis=1)
    assert (apart <= np.linalg.norm(wanted - other, axis=1) + 1e-9).all()
