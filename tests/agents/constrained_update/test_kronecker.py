"""The Fisher matrix by layers: exact where a network has one layer and its inputs do not vary, near the true one else."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from tieline.agents.constrained_update.fisher import fisher_product
from tieline.agents.constrained_update.gaussian import random_policy
from tieline.agents.constrained_update.kronecker import solve_by_layers
from tieline.agents.constrained_update.pull_back import parameter_slopes

solve = jax.jit(solve_by_layers)

ROWS = np.random.default_rng(2).normal(size=(40, 3))


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize("is_diagonal", [False, True])
def test_exact_for_one_layer_under_a_constant_metric(is_diagonal: bool) -> None:
    # one linear layer whose L is the same in all rows: H = E[a a^T] (x) L^-T L^-1 with nothing left out, and the
    # same of the network of L, whose whitened outputs depend on its numbers alone
    policy = random_policy(3, 2, (), jax.random.key(0), is_diagonal=is_diagonal)
    vector, _ = ravel_pytree(policy)
    product = jax.jit(fisher_product(policy, ROWS, damping=0.0))
    steps = jax.random.normal(jax.random.key(1), (4, len(vector)))
    sides = jax.vmap(product)(steps)

    solved = solve(policy, ROWS, sides, damping=1e-18)

    np.testing.assert_allclose(solved, steps, rtol=1e-5, atol=1e-5)


def test_a_step_by_layers_gains_more_than_one_along_the_slope() -> None:
    # of two steps with the same true divergence the one found by layers raises a return more
    policy = random_policy(3, 2, (16, 16), jax.random.key(0), is_diagonal=True)
    product = jax.jit(fisher_product(policy, ROWS, damping=1e-3))
    noise = jax.random.normal(jax.random.key(1), (len(ROWS), 2))
    by_action = jax.random.normal(jax.random.key(2), (8, len(ROWS), 2))
    slopes = jax.jit(parameter_slopes)(policy, ROWS, noise, by_action)

    solved = solve(policy, ROWS, slopes, damping=1e-3)

    def gain_at_length_one(steps: jax.Array) -> jax.Array:
        images = jax.vmap(product)(steps)
        length = jnp.sqrt(jnp.sum(steps * images, axis=1))
        return jnp.sum(steps * slopes, axis=1) / length

    ratio = gain_at_length_one(solved) / gain_at_length_one(slopes)
    assert float(ratio.min()) > 1.0
