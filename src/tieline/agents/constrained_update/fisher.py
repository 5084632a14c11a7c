"""Products with the Fisher matrix of a Gaussian policy, and the solution of systems with it, without ever forming it.

    v' H v = mean over rows of  |L^-1 dmu|^2 + 1/2 |A + A^T|_F^2,      A = L^-1 dL,      (dmu, dL) = change along v

which is mu'^T Sigma^-1 mu' + 1/2 tr(Sigma^-1 Sigma' Sigma^-1 Sigma'), the matrix of the real Gaussian (the complex one, printed
in the article as eq. 26, is twice that): H = J^T J of the whitened outputs u = (L^-1 mu, (A + A^T) / sqrt 2) with L held, so that
one product is a derivative forwards and one backwards. The KL divergence of a small step d is 1/2 d' H d.

H x = b is solved by conjugate gradients with c I added to H: few observations leave many directions of the parameters without
any effect, and a step along them would be as long as rounding likes.

Source: J. Schulman, S. Levine, P. Moritz, M. Jordan, P. Abbeel, "Trust region policy optimization", ICML 2015, appendix C.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree
from jax.typing import ArrayLike

from tieline.agents.constrained_update.gaussian import (
    Gaussian,
    GaussianPolicy,
    distribution,
    whitened,
)

Product = Callable[[Array], Array]
"""H v of a vector of parameters, (parameter,)."""

DAMPING = 1e-3
"""c: against variances of whitened outputs, which are of the order of 1."""


class Residuals(NamedTuple):
    """State of conjugate gradients for one right-hand side: answer, residual, direction (parameter,) and |residual|^2."""

    x: Array
    residual: Array
    direction: Array
    size: Array


def fisher_product(
    policy: GaussianPolicy, observation: ArrayLike, damping: float = DAMPING
) -> Product:
    """The map v -> (H + damping I) v at a policy, mean over the rows of the observation."""
    parameters, unravel = ravel_pytree(policy)
    anchor = distribution(policy, observation)

    def outputs(vector: Array) -> Array:
        return _whitened_outputs(distribution(unravel(vector), observation), anchor)

    _, pull_back = jax.vjp(outputs, parameters)
    n_rows = anchor.mean.shape[0]

    def product(vector: Array) -> Array:
        _, change = jax.jvp(outputs, (parameters,), (vector,))
        (product,) = pull_back(change)
        mean = product / n_rows
        return mean + damping * vector

    return product


def _whitened_outputs(gaussian: Gaussian, anchor: Gaussian) -> Array:
    """Outputs in which the metric is the plain one, (row, number)."""
    mean, a = whitened(anchor, gaussian.mean, gaussian.factor)
    transposed = a.swapaxes(-1, -2)
    symmetric = (a + transposed) / jnp.sqrt(2.0)
    n_rows = mean.shape[0]
    flat = symmetric.reshape(n_rows, -1)
    return jnp.concatenate([mean, flat], axis=-1)


def conjugate_gradients(
    product: Product, right_sides: Array, tolerance: float, most_steps: int
) -> Array:
    """Solve with a positive definite matrix known by its products.

    Args:
        product: matrix times vector.
        right_sides: (row, parameter).
        tolerance: of the residual, as a part of the right-hand side.
        most_steps: of each row.

    Returns:
        Answers, (row, parameter).
    """
    solve = partial(_solve_one, product, tolerance, most_steps)
    return jax.vmap(solve)(right_sides)


def _solve_one(
    product: Product, tolerance: float, most_steps: int, right_side: Array
) -> Array:
    first_size = right_side @ right_side
    small_enough = tolerance**2 * first_size

    def goes_on(step_and_state: tuple[Any, Residuals]) -> Array:
        step, state = step_and_state
        return (state.size > small_enough) & (step < most_steps)

    def once(step_and_state: tuple[Any, Residuals]) -> tuple[Any, Residuals]:
        step, state = step_and_state
        image = product(state.direction)
        length = state.size / (state.direction @ image)
        x = state.x + length * state.direction
        residual = state.residual - length * image
        size = residual @ residual
        part_kept = size / state.size
        # each direction is conjugate to all before it, so that no step undoes an earlier one
        direction = residual + part_kept * state.direction
        following = Residuals(x, residual, direction, size)
        return step + 1, following

    start = Residuals(jnp.zeros_like(right_side), right_side, right_side, first_size)
    _, end = jax.lax.while_loop(goes_on, once, (0, start))
    return end.x
