"""The parts of an update that run compiled: of one agent, one policy or two, all in double precision.

Their shapes decide how often they are compiled. The number of constraints changes from one update to the next, so it is padded.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree

from tieline.agents.constrained_update.fisher import (
    conjugate_gradients,
    fisher_product,
)
from tieline.agents.constrained_update.gaussian import (
    GaussianPolicy,
    distribution,
    mean_divergence,
    reparameterised,
)
from tieline.agents.constrained_update.kronecker import solve_by_layers
from tieline.agents.constrained_update.pull_back import parameter_slopes

ROWS_TOGETHER = 16
"""The number of constraints is rounded up to a multiple of this: a compiled function is then used again for another number."""


def in_double_precision(policy: GaussianPolicy) -> GaussianPolicy:
    """A policy with its parameters in double precision."""
    return jax.tree.map(partial(jnp.asarray, dtype=jnp.float64), policy)


distribution_at = jax.jit(distribution)


@jax.jit
def sampled(policy: GaussianPolicy, observation: Array, noise: Array) -> Array:
    """Actions drawn, (sample, action)."""
    return reparameterised(distribution(policy, observation), noise)


@jax.jit
def divergence(
    before: GaussianPolicy, after: GaussianPolicy, observation: Array
) -> Array:
    """Mean divergence of a policy from the one before, over observations."""
    return mean_divergence(
        distribution(before, observation), distribution(after, observation)
    )


@jax.jit
def moved(policy: GaussianPolicy, direction: Array) -> GaussianPolicy:
    """A policy whose parameters went a step, (parameter,)."""
    parameters, unravel = ravel_pytree(policy)
    return unravel(parameters + direction)


@partial(jax.jit, static_argnames=("metric", "damping", "tolerance", "most_steps"))
def slopes_and_answers(
    policy: GaussianPolicy,
    anchor: GaussianPolicy,
    observation: Array,
    noise: Array,
    by_action: Array,
    metric_rows: Array,
    *,
    metric: str,
    damping: float,
    tolerance: float,
    most_steps: int,
) -> tuple[Array, Array]:
    """[g B] and H^-1 [g B], both (row, parameter)."""
    slopes = parameter_slopes(policy, observation, noise, by_action)
    if metric == "layers":
        return slopes, solve_by_layers(anchor, metric_rows, slopes, damping)
    product = fisher_product(anchor, metric_rows, damping)
    answers = conjugate_gradients(product, slopes, tolerance, most_steps)
    return slopes, answers
