"""The bound of what one step can change: never exceeded by any small step inside the trust region, and met by some."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from tieline.agents.constrained_update.fisher import fisher_product
from tieline.agents.constrained_update.gaussian import distribution, random_policy
from tieline.agents.constrained_update.pull_back import parameter_slopes
from tieline.agents.constrained_update.reach import can_be_reached, reach_bound

DELTA = 0.01


def test_no_step_inside_the_trust_region_goes_further() -> None:
    """The furthest step is along H^-1 b, by sqrt(2 delta b' H^-1 b): worked out with the whole Fisher matrix."""
    random = np.random.default_rng(1)
    observation, noise = random.normal(size=(9, 3)), random.normal(size=(9, 2))
    by_action = random.normal(size=(5, 9, 2))
    with jax.enable_x64(True):
        vector, unravel = ravel_pytree(random_policy(3, 2, (4,), jax.random.key(0)))
        policy = unravel(vector + 0.3 * random.normal(size=vector.shape))
        factor = np.asarray(distribution(policy, observation).factor)
        product = fisher_product(policy, observation, damping=1e-6)
        fisher = np.asarray(jax.jit(jax.vmap(product))(jnp.eye(len(vector))))
        of_parameters = jax.jit(parameter_slopes)(policy, observation, noise, by_action)
        slopes = np.asarray(of_parameters)
    solved = np.linalg.solve(fisher, slopes.T).T
    furthest = np.sqrt(2 * DELTA * np.sum(slopes * solved, axis=1))
    bound = reach_bound(by_action, factor, noise, DELTA)
    assert (furthest <= bound).all()
    assert (furthest > 0.1 * bound).any()


def test_a_bare_mean_meets_the_bound() -> None:
    """Without noise all samples can move together by sqrt(2 delta) standard deviations: 8 x 3 x 0.5 sqrt(2 delta)."""
    by_action = np.full((1, 8, 1), 3.0)
    factor = np.full((8, 1, 1), 0.5)
    bound = reach_bound(by_action, factor, np.zeros((8, 1)), DELTA)
    assert bound == pytest.approx([8 * 3.0 * 0.5 * np.sqrt(2 * DELTA)])


def test_agents_reach_further_together() -> None:
    slack = np.array([0.5, 0.5, -0.1])
    reaches = [np.array([0.3, 0.1, 0.0]), np.array([0.3, 0.1, 0.0])]
    assert can_be_reached(slack, reaches).tolist() == [True, False, True]
