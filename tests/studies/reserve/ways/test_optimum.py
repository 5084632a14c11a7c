"""The search for the optimum, against what can be worked out by hand and against enumeration."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.reserve.task import ReserveState, ReserveTask
from tieline.studies.reserve.ways.cases import objective_of
from tieline.studies.reserve.ways.optimum import enumerate_grid, find_optimum


def request(capacity: list[float], bid: list[float], kw: float) -> ReserveState:
    """One request."""
    return ReserveState(np.array([capacity]), np.array([bid]), np.array([kw]))


def test_quadratic_costs_share_evenly() -> None:
    """Least sum of squares of three numbers that sum to 90, one capped at 20: 20, 35, 35."""
    found = find_optimum(
        lambda a, _: (a**2).sum(axis=1),
        request([20.0, 100.0, 100.0], [0.0, 0.0, 0.0], 90.0),
    )
    np.testing.assert_allclose(found.allocation_kw[0], [20.0, 35.0, 35.0], atol=0.1)
    assert found.objective[0] == pytest.approx(20**2 + 2 * 35**2, abs=0.05)


def test_linear_costs_are_met_at_a_corner_for_many_ders() -> None:
    rng = np.random.default_rng(0)
    bid = rng.uniform(5, 15, (5, 9))
    state = ReserveState(np.full((5, 9), 10.0), bid, np.full(5, 45.0))
    found = find_optimum(lambda a, b: (a * b).sum(axis=1), state)
    cheapest = np.sort(bid, axis=1)
    by_hand = 10.0 * cheapest[:, :4].sum(axis=1) + 5.0 * cheapest[:, 4]
    np.testing.assert_allclose(found.objective, by_hand, rtol=1e-4)


def test_allocations_without_a_power_flow_are_never_best() -> None:
    def broken(allocation: np.ndarray, _: np.ndarray) -> np.ndarray:
        return np.where(allocation[:, 0] > 5, np.nan, -allocation[:, 0])

    found = find_optimum(broken, request([10.0, 10.0], [1.0, 1.0], 10.0))
    assert found.allocation_kw[0, 0] == pytest.approx(5.0, abs=0.1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_nothing_on_a_grid_is_better_on_the_feeder(
    task: ReserveTask, seed: int
) -> None:
    state = task.start(np.array([seed]))
    found = find_optimum(objective_of(task), state)
    _, on_grid = enumerate_grid(objective_of(task), state, 12.5)
    assert found.objective[0] <= on_grid + 1e-3
    assert found.allocation_kw.sum() == pytest.approx(state.request_kw[0], abs=1e-6)
    assert (found.allocation_kw <= state.capacity_kw + 1e-9).all()


def test_one_der_gives_all() -> None:
    found = find_optimum(lambda a, b: (a * b).sum(axis=1), request([50.0], [3.0], 20.0))
    np.testing.assert_allclose(found.allocation_kw, [[20.0]])
