"""Fisher products against the KL divergence by differences, against the printed trace formula, and conjugate gradients."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from tieline.agents.constrained_update.fisher import (
    conjugate_gradients,
    fisher_product,
)
from tieline.agents.constrained_update.gaussian import (
    GaussianPolicy,
    distribution,
    mean_divergence,
    random_policy,
)


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def shaken_policy(*, is_diagonal: bool = False) -> GaussianPolicy:
    """A small policy with all its numbers random, those of L too."""
    key = jax.random.key(5)
    policy = random_policy(3, 2, (6,), key, is_diagonal=is_diagonal)
    vector, unravel = ravel_pytree(policy)
    return unravel(vector + 0.3 * jax.random.normal(key, vector.shape))


OBSERVATION = np.random.default_rng(2).normal(size=(7, 3))


@pytest.mark.parametrize("is_diagonal", [False, True])
def test_half_the_quadratic_form_is_the_divergence_of_a_small_step(
    is_diagonal: bool,
) -> None:
    policy = shaken_policy(is_diagonal=is_diagonal)
    vector, unravel = ravel_pytree(policy)
    before = distribution(policy, OBSERVATION)
    product = jax.jit(fisher_product(policy, OBSERVATION, damping=0.0))

    @jax.jit
    def divergence(vector: jax.Array) -> jax.Array:
        return mean_divergence(before, distribution(unravel(vector), OBSERVATION))

    for seed in range(4):
        step = 1e-4 * jax.random.normal(jax.random.key(seed), vector.shape)

        # odd powers of the step fall out of the mean of both directions
        mean = float(divergence(vector + step) + divergence(vector - step)) / 2.0
        assert 0.5 * float(step @ product(step)) == pytest.approx(mean, rel=1e-5)


def test_the_trace_formula_of_the_real_gaussian() -> None:
    """mu'^T Sigma^-1 mu' + 1/2 tr(Sigma^-1 Sigma' Sigma^-1 Sigma'), worked out with Sigma itself, row by row."""
    policy = shaken_policy()
    vector, unravel = ravel_pytree(policy)
    step = jax.random.normal(jax.random.key(9), vector.shape)

    def moments(vector: jax.Array) -> tuple[jax.Array, jax.Array]:
        gaussian = distribution(unravel(vector), OBSERVATION)
        return gaussian.mean, gaussian.factor @ gaussian.factor.swapaxes(-1, -2)

    (_, sigma), (d_mean, d_sigma) = jax.jvp(moments, (vector,), (step,))
    relative = jnp.linalg.solve(sigma, d_sigma)
    of_mean = jnp.einsum("ri,rij,rj->r", d_mean, jnp.linalg.inv(sigma), d_mean)
    of_spread = 0.5 * jnp.trace(relative @ relative, axis1=-2, axis2=-1)
    product = fisher_product(policy, OBSERVATION, damping=0.0)(step)
    assert float(step @ product) == pytest.approx(
        float(jnp.mean(of_mean + of_spread)), rel=1e-10
    )


def test_damping_is_added_to_the_diagonal() -> None:
    policy = shaken_policy()
    vector, _ = ravel_pytree(policy)
    plain = fisher_product(policy, OBSERVATION, damping=0.0)(vector)
    damped = fisher_product(policy, OBSERVATION, damping=0.5)(vector)
    assert np.asarray(damped - plain) == pytest.approx(
        0.5 * np.asarray(vector), rel=1e-9, abs=1e-12
    )


def test_conjugate_gradients_against_a_direct_solution() -> None:
    random = np.random.default_rng(4)
    root = random.normal(size=(20, 20))
    matrix = root @ root.T + np.eye(20)
    right_sides = random.normal(size=(3, 20))
    # a row of zeros, as padding makes, must stay zero and not become NaN
    right_sides[1] = 0.0
    answers = conjugate_gradients(
        lambda v: jnp.asarray(matrix) @ v, jnp.asarray(right_sides), 1e-12, 200
    )
    expected = np.linalg.solve(matrix, right_sides.T).T
    assert np.asarray(answers) == pytest.approx(expected, abs=1e-10)
