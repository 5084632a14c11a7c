"""Steps whose multipliers follow them: by hand, by the condition that a best step meets, and where nothing is to be gained."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.consensus.agent import onto_simplex
from tieline.agents.consensus.damped_step import DampedStep, Project

RADIUS = 0.3
EXACT = 1e-9


def positive(multipliers: np.ndarray) -> np.ndarray:
    return np.maximum(multipliers, 0.0)


def test_one_limit_by_hand() -> None:
    """g = (1, 0), b = (0, 1) on the unit ball: d goes along (1, -lambda), and lambda = 0.2 - lambda / sqrt(1 + lambda^2)."""
    step = DampedStep(np.eye(2)[None], 1.0, 1.0, positive)
    (multiplier,) = step.find(np.array([[0.2]]), damping=1.0, closeness=EXACT)[0]
    assert multiplier + multiplier / np.hypot(1, multiplier) == pytest.approx(0.2)
    assert step.step.size == pytest.approx(1.0)


@pytest.mark.parametrize(("project", "price"), [(positive, 1.0), (onto_simplex, 0.0)])
def test_a_best_step_goes_along_its_own_slope(project: Project, price: float) -> None:
    """At the edge of the ball d = radius w / |w| with w = c g - B lambda, lambda = P[resting + B^T d / damping]."""
    random = np.random.default_rng(0)
    rows = random.normal(size=(20, 9, 30))
    matrix = rows @ rows.swapaxes(1, 2)
    step = DampedStep(matrix, RADIUS, price, project)
    resting = random.normal(size=(20, 8))
    prices = np.zeros_like(resting)
    for _ in range(20):
        prices = step.find(resting, damping=0.5, closeness=EXACT)
    assert step.is_found
    slope = np.column_stack([np.full(20, price), -prices])
    size = np.sqrt(np.einsum("pi,pij,pj->p", slope, matrix, slope))
    expected = RADIUS * slope / size[:, None]
    assert step.step.x == pytest.approx(expected, abs=1e-6)
    effect = np.einsum("pij,pj->pi", matrix, step.step.x)
    assert step.step.effect == pytest.approx(effect, abs=1e-9)


def test_where_nothing_is_to_be_gained_no_step_is_taken() -> None:
    """g = b at a multiplier of 1, and an agent that moves nothing."""
    same = DampedStep(np.ones((1, 2, 2)), 1.0, 1.0, positive)
    same.find(np.ones((1, 1)), damping=1.0, closeness=EXACT)
    assert not same.step.effect.any()
    idle = DampedStep(np.zeros((1, 2, 2)), 1.0, 1.0, positive)
    assert idle.find(np.ones((1, 1)), 1.0, EXACT).tolist() == [[1.0]]
    assert not idle.step.x.any()
