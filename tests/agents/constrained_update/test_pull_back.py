"""Reparameterised gradients: of a quadratic against its closed form, and of drawn actions against differences."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from tieline.agents.constrained_update.gaussian import (
    GaussianPolicy,
    distribution,
    random_policy,
    reparameterised,
)
from tieline.agents.constrained_update.pull_back import parameter_slopes


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def bare_policy(mean: float, log_spread: float) -> GaussianPolicy:
    """One action, no hidden layer: at the observation 0 mean and log L are the two biases."""
    return GaussianPolicy(
        mean=((jnp.zeros((1, 1)), jnp.array([mean])),),
        factor=((jnp.zeros((1, 1)), jnp.array([log_spread])),),
    )


def test_a_quadratic_against_its_closed_form() -> None:
    """E a^2 = m^2 + e^(2 s): derivatives 2 m and 2 e^(2 s); frozen at the mean the second would be noise around 0."""
    mean, log_spread = 0.7, -0.2
    policy = bare_policy(mean, log_spread)
    n_samples = 200_000
    noise = np.random.default_rng(0).normal(size=(n_samples, 1))
    observation = np.zeros((n_samples, 1))
    action = np.asarray(reparameterised(distribution(policy, observation), noise))
    at_each_sample = (2.0 * action / n_samples)[None]
    at_the_mean = np.full_like(at_each_sample, 2.0 * mean / n_samples)
    by_action = np.concatenate([at_each_sample, at_the_mean])
    slopes = parameter_slopes(policy, observation, noise, jnp.asarray(by_action))
    # parameters in order: weight and bias of the mean, then of log L
    by_mean, by_log_spread = np.asarray(slopes)[:, [1, 3]].T
    assert by_mean == pytest.approx(2.0 * mean, rel=0.01)
    assert by_log_spread[0] == pytest.approx(2.0 * np.exp(2 * log_spread), rel=0.02)
    assert by_log_spread[1] == pytest.approx(0.0, abs=0.02)


def test_against_differences_of_a_network() -> None:
    random = np.random.default_rng(1)
    policy = random_policy(3, 2, (5,), jax.random.key(1))
    vector, unravel = ravel_pytree(policy)
    vector = vector + 0.2 * random.normal(size=vector.shape)
    observation, noise = random.normal(size=(6, 3)), random.normal(size=(6, 2))
    target = random.normal(size=(6, 2))

    @jax.jit
    def actions(vector: jax.Array) -> jax.Array:
        return reparameterised(distribution(unravel(vector), observation), noise)

    def returns(vector: jax.Array) -> np.ndarray:
        action = np.asarray(actions(vector))
        return np.array([np.sum(action**3), np.sum(target * action)])

    by_action = np.stack([3.0 * np.asarray(actions(vector)) ** 2, target])
    slopes = jax.jit(parameter_slopes)(unravel(vector), observation, noise, by_action)
    for seed in range(3):
        step = 1e-5 * np.random.default_rng(seed).normal(size=vector.shape)
        difference = (returns(vector + step) - returns(vector - step)) / 2.0
        assert np.asarray(slopes) @ step == pytest.approx(difference, rel=1e-6)
