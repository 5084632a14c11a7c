"""Gaussian policies: their divergence against a closed form, samples, and the start of a random policy."""

from __future__ import annotations

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tieline.agents.constrained_update.gaussian import (
    Gaussian,
    distribution,
    mean_divergence,
    random_policy,
    reparameterised,
    whitened,
)


def test_divergence_of_two_single_numbers_by_hand() -> None:
    """N(0, 1) from N(1, 4): log 2 + (1 + 1) / 8 - 1/2."""
    before = Gaussian(jnp.array([[0.0]]), jnp.array([[[1.0]]]))
    after = Gaussian(jnp.array([[1.0]]), jnp.array([[[2.0]]]))
    by_hand = np.log(2.0) + 2.0 / 8.0 - 0.5
    assert float(mean_divergence(before, after)) == pytest.approx(by_hand, rel=1e-6)
    assert float(mean_divergence(after, after)) == pytest.approx(0.0, abs=1e-6)


def test_divergence_by_numpys_determinants() -> None:
    random = np.random.default_rng(1)
    factor = np.tril(random.normal(size=(2, 1, 3, 3)))
    factor[..., range(3), range(3)] = random.uniform(0.5, 2.0, (2, 1, 3))
    mean = random.normal(size=(2, 1, 3))
    of_before, of_after = (f[0] @ f[0].T for f in factor)
    moved = (mean[1] - mean[0])[0]
    inverse = np.linalg.inv(of_after)
    ratio = np.linalg.det(of_after) / np.linalg.det(of_before)
    expected = np.trace(inverse @ of_before) + moved @ inverse @ moved - 3
    expected = 0.5 * (expected + np.log(ratio))
    gaussians = [
        Gaussian(jnp.array(m), jnp.array(f)) for m, f in zip(mean, factor, strict=True)
    ]
    assert float(mean_divergence(*gaussians)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("is_diagonal", [False, True])
def test_a_random_policy_starts_with_the_spread_that_was_asked_for(
    is_diagonal: bool,
) -> None:
    key = jax.random.key(3)
    policy = random_policy(4, 3, (8,), key, spread=0.3, is_diagonal=is_diagonal)
    gaussian = distribution(policy, jnp.ones((5, 4)))
    assert np.asarray(gaussian.factor) == pytest.approx(
        np.tile(0.3 * np.eye(3), (5, 1, 1))
    )


def test_samples_whitened_are_the_noise() -> None:
    key = jax.random.key(3)
    policy = random_policy(4, 3, (8,), key)
    weight, bias = policy.factor[-1]
    # numbers below the diagonal too, which a random policy starts without
    policy = policy._replace(factor=(*policy.factor[:-1], (weight + 0.2, bias)))
    gaussian = distribution(policy, jnp.ones((5, 4)))
    noise = jax.random.normal(key, (5, 3))
    sample = reparameterised(gaussian, noise)
    recovered, one = whitened(gaussian, sample - gaussian.mean, gaussian.factor)
    assert np.asarray(recovered) == pytest.approx(np.asarray(noise), abs=1e-4)
    assert np.asarray(one) == pytest.approx(np.stack([np.eye(3)] * 5), abs=1e-5)
    assert abs(float(gaussian.factor[0, 1, 0])) > 0.01


DIVERGENCE_OF_MANY = """
import subprocess
import sys

import jax
import jax.numpy as jnp
from tieline.agents.constrained_update.gaussian import Gaussian, mean_divergence

rows, actions = 1536, 24
factor = jnp.broadcast_to(jnp.eye(actions), (rows, actions, actions))
mean = jnp.zeros((rows, actions))
divergence = jax.jit(mean_divergence)
for _ in range(100):
    assert float(divergence(Gaussian(mean, factor), Gaussian(mean, factor))) == 0.0
"""


def test_divergences_of_many_rows_come_to_an_end() -> None:
    """With two systems side by side in one program JAX on two cores stood still within a few of these."""
    subprocess.run([sys.executable, "-c", DIVERGENCE_OF_MANY], check=True, timeout=120)
