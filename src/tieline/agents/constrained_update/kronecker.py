"""The Fisher matrix of a Gaussian policy by layers, each a Kronecker product: systems with it are solved outright.

For a layer s = W^T a with inputs a (1 among them for the bias) and J the derivative of the whitened outputs (`fisher`) by s,

    H  ~  E[a a^T] (x) E[J^T J]        of each layer, no product between layers

so that H^-1 g is a few products with small inverses, whatever the number of right-hand sides. Conjugate gradients solve with
the true matrix and take one derivative forwards and backwards for every step and side; with dozens of constraints over
hundreds of windows that is hours of a training. What the approximation costs is seen where it matters: a step is taken only
as far as the true divergence stays within the trust region.

Damping c is split between the two factors such that each bears it in proportion to its size.

Source: J. Martens, R. Grosse, "Optimizing neural networks with Kronecker-factored approximate curvature", ICML 2015,
sections 3 and 6.3; for policies: Y. Wu et al., "Scalable trust-region method for deep reinforcement learning", NeurIPS 2017.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree
from jax.scipy.linalg import solve_triangular
from jax.typing import ArrayLike

from tieline.agents.constrained_update.gaussian import (
    GaussianPolicy,
    distribution,
    factor_of,
)
from tieline.agents.networks import Network, forward

Outputs = Callable[[Array, Array], Array]
"""Last numbers of a network (number,) and L^-1 of that row to whitened outputs (output,)."""

SMALLEST = 1e-12
"""Mean diagonal of a factor, at least: a layer that nothing passes has none."""


def solve_by_layers(
    policy: GaussianPolicy, observation: ArrayLike, right_sides: Array, damping: float
) -> Array:
    """H^-1 of several right-hand sides.

    Args:
        policy: at which the matrix is taken.
        observation: (row, observation).
        right_sides: (side, parameter), parameters in the order of `ravel_pytree`.
        damping: c.

    Returns:
        (side, parameter).
    """
    rows = jnp.asarray(observation)
    inverse = _inverse(distribution(policy, rows).factor)
    _, unravel = ravel_pytree(policy)
    sides = jax.vmap(unravel)(right_sides)
    outputs = (_of_mean, _of_factor)
    solved = []
    for network, side, of_network in zip(policy, sides, outputs, strict=True):
        answer = []
        layers = _layers(network, rows, inverse, of_network)
        for layer, (weight, bias) in zip(layers, side, strict=True):
            answer.append(_solve(*layer, weight, bias, damping))
        solved.append(tuple(answer))
    return jax.vmap(_vector)(GaussianPolicy(*solved))


def _vector(policy: GaussianPolicy) -> Array:
    vector, _ = ravel_pytree(policy)
    return vector


def _inverse(factor: Array) -> Array:
    """L^-1 of each row; taken once, as a triangular system inside of derivatives takes a compiler minutes."""
    n_actions = factor.shape[-1]
    one = jnp.eye(n_actions)
    of_rows = jnp.broadcast_to(one, factor.shape)
    return solve_triangular(factor, of_rows, lower=True)


def _of_mean(mean: Array, inverse: Array) -> Array:
    return inverse @ mean


def _of_factor(numbers: Array, inverse: Array) -> Array:
    """(A + A^T) / sqrt 2 with A = L^-1 dL; of a diagonal L its diagonal alone."""
    n_actions = len(inverse)
    if len(numbers) == n_actions:
        return jnp.sqrt(2.0) * numbers
    a = inverse @ factor_of(numbers, n_actions)
    symmetric = (a + a.T) / jnp.sqrt(2.0)
    return symmetric.ravel()


def _layers(
    network: Network, inputs: Array, inverse: Array, outputs: Outputs
) -> list[tuple[Array, Array]]:
    """E[a a^T] and E[J^T J] of each layer."""
    biases = [bias for _, bias in network]

    weights = [weight for weight, _ in network]

    def of_biases(biases: list[Array], x: Array, row: Array) -> Array:
        candidate = tuple(zip(weights, biases, strict=True))
        numbers = forward(candidate, x)
        return outputs(numbers, row)

    # a bias is added to what its layer passes on: the derivative by it is J
    jacobian = jax.vmap(jax.jacrev(of_biases), in_axes=(None, 0, 0))
    slopes = jacobian(biases, inputs, inverse)
    layers = []
    activity = inputs
    for depth, slope in enumerate(slopes):
        if depth > 0:
            before = network[:depth]
            activity = jax.nn.relu(forward(before, inputs))
        of_inputs = _second_moment(activity)
        of_outputs = _mean_square(slope)
        layers.append((of_inputs, of_outputs))
    return layers


def _second_moment(activity: Array) -> Array:
    n_rows = len(activity)
    of_bias = jnp.ones((n_rows, 1))
    inputs = jnp.concatenate([activity, of_bias], axis=1)
    return inputs.T @ inputs / n_rows


def _mean_square(slope: Array) -> Array:
    n_rows = len(slope)
    return jnp.einsum("rki,rkj->ij", slope, slope) / n_rows


def _solve(
    of_inputs: Array, of_outputs: Array, weight: Array, bias: Array, damping: float
) -> tuple[Array, Array]:
    """Both factors solved with, for sides weight (side, in, out) and bias (side, out)."""
    size_in = _mean_diagonal(of_inputs)
    size_out = _mean_diagonal(of_outputs)
    ratio = size_in / size_out
    balance = jnp.sqrt(ratio)
    root = jnp.sqrt(damping)
    inverse_in = _damped_inverse(of_inputs, root * balance)
    inverse_out = _damped_inverse(of_outputs, root / balance)
    last_row = bias[:, None]
    whole = jnp.concatenate([weight, last_row], axis=1)
    half = jnp.einsum("ij,sjk->sik", inverse_in, whole)
    answer = half @ inverse_out
    return answer[:, :-1], answer[:, -1]


def _mean_diagonal(matrix: Array) -> Array:
    mean = jnp.trace(matrix) / len(matrix)
    return jnp.maximum(mean, SMALLEST)


def _damped_inverse(matrix: Array, damping: Array) -> Array:
    one = jnp.eye(len(matrix))
    return jnp.linalg.inv(matrix + damping * one)
