"""Gaussian policies whose mean and covariance come from networks.

    a ~ N(mu(s), Sigma(s)),   Sigma = L L^T,   L lower triangular with a positive diagonal
    a = mu + L zeta,   zeta ~ N(0, 1)                                   the same a, as a function of the parameters

Means are not squashed into any bounds: limits of devices are constraints like the others, and a policy trained without them must
be able to break them. A network with one number per action makes L diagonal. Noise is an argument: with the same noise two
policies differ by their parameters alone.

Source: Q. Zhang, K. Dehghanpour, Z. Wang, F. Qiu, D. Zhao, "Multi-agent safe policy learning for power management of networked
microgrids", IEEE Trans. Smart Grid 12(2), 2021, eqs. 20 to 22.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.linalg import solve_triangular
from jax.typing import ArrayLike

from tieline.agents.networks import Network, forward, random_network


class GaussianPolicy(NamedTuple):
    """Parameters of a policy: two networks, one for the mean and one for the numbers of L."""

    mean: Network
    factor: Network


class Gaussian(NamedTuple):
    """Distributions of the action, a row per observation: `mean` (row, action), `factor` L (row, action, action)."""

    mean: Array
    factor: Array


def random_policy(
    n_observed: int,
    n_actions: int,
    hidden: Sequence[int],
    key: Array,
    *,
    spread: float = 1.0,
    is_diagonal: bool = False,
) -> GaussianPolicy:
    """A policy of random weights.

    Args:
        n_observed, n_actions: numbers that it sees and sets.
        hidden: neurons of each hidden layer, of both networks.
        key: of JAX.
        spread: standard deviation of every action at the start, about; in the unit of the actions.
        is_diagonal: actions vary independently.
    """
    mean_key, factor_key = jax.random.split(key)
    n_below = n_actions * (n_actions - 1) // 2
    n_numbers = n_actions if is_diagonal else n_actions + n_below
    factor = random_network(n_observed, hidden, n_numbers, factor_key)
    *hidden_layers, (weight, bias) = factor
    # the last layer starts at L = spread x 1 whatever is seen: exploration is then as large as was asked for
    log_spread = jnp.log(spread)
    start = jnp.zeros_like(bias)
    start = start.at[:n_actions].set(log_spread)
    mean = random_network(n_observed, hidden, n_actions, mean_key)
    return GaussianPolicy(mean, (*hidden_layers, (0.0 * weight, start)))


def distribution(policy: GaussianPolicy, observation: ArrayLike) -> Gaussian:
    """What a policy draws from at observations, (row, observation)."""
    inputs = jnp.asarray(observation)
    mean = forward(policy.mean, inputs)
    numbers = forward(policy.factor, inputs)
    return Gaussian(mean, factor_of(numbers, mean.shape[-1]))


def factor_of(numbers: Array, n_actions: int) -> Array:
    """L from the logarithms of its diagonal, followed by what stands below it, if anything does; (row, action, action)."""
    log_diagonal = numbers[..., :n_actions]
    diagonal = jnp.exp(log_diagonal)
    factor = diagonal[..., None] * jnp.eye(n_actions)
    below = numbers[..., n_actions:]
    if below.shape[-1] == 0:
        return factor
    rows, columns = np.tril_indices(n_actions, k=-1)
    return factor.at[..., rows, columns].set(below)


def reparameterised(gaussian: Gaussian, noise: ArrayLike) -> Array:
    """mu + L zeta, (row, action), for noise zeta of the same shape."""
    return gaussian.mean + jnp.einsum("rij,rj->ri", gaussian.factor, noise)


def whitened(
    gaussian: Gaussian, vectors: Array, matrices: Array
) -> tuple[Array, Array]:
    """L^-1 x and L^-1 M, whose lengths are counted in standard deviations, for one of each per row.

    Args:
        gaussian: whose L.
        vectors: x, (row, action).
        matrices: M, (row, action, column).
    """
    # one system for both: two of them side by side wait for one another for ever where JAX has two threads
    columns = jnp.concatenate([vectors[..., None], matrices], axis=-1)
    solved = solve_triangular(gaussian.factor, columns, lower=True)
    return solved[..., 0], solved[..., 1:]


def mean_divergence(before: Gaussian, after: Gaussian) -> Array:
    """KL divergence of `after` from `before`, mean over the rows.

    KL = 1/2 ( tr(Sigma_a^-1 Sigma_b) + |L_a^-1 (mu_b - mu_a)|^2 - k ) + sum_i log( L_a,ii / L_b,ii )
    """
    difference = before.mean - after.mean
    shift, ratio = whitened(after, difference, before.factor)
    trace = jnp.sum(ratio**2, axis=(-2, -1))
    distance = jnp.sum(shift**2, axis=-1)
    n_actions = before.mean.shape[-1]
    quadratic = trace + distance - n_actions
    growth = _log_diagonal(after) - _log_diagonal(before)
    total_growth = growth.sum(axis=-1)
    return jnp.mean(0.5 * quadratic + total_growth)


def _log_diagonal(gaussian: Gaussian) -> Array:
    return jnp.log(jnp.diagonal(gaussian.factor, axis1=-2, axis2=-1))
