"""The Fisher matrix of a Gaussian policy by layers, each a Kronecker product: systems with it are solved outright.

For a layer s = W^T a with inputs a (1 among them for the bias) and J the derivative of the whitened outputs (`fisher`) by s,

    H  ~  E[a a^T] (x) E[J^T J]        of each layer, no product between layers

so that H^-1 g is a few products with small inverses, whatever the number of right-hand sides. Conjugate gradients solve with the
true matrix and take one derivative forwards and backwards for every step and side; with dozens of constraints over hundreds
of windows that is hours of a training. What the approximation costs is seen where it matters: a step is taken only as far
as the true divergence stays within the trust region.

Damping c is split between the two factors such that each bears it in proportion to its size.

Source: J. Martens, R. Grosse, "Optimizing neural networks with Kronecker-factored approximate curvature", ICML 2015, sections 3 and
6.3; for policies: Y. Wu et al., "Scalable trust-region method for deep reinforcement learning", NeurIPS 2017.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree
from jax.typing import ArrayLike

from tieline.agents.constrained_update.fisher import whitened_outputs
from tieline.agents.constrained_update.gaussian import (
    Gaussian,
    GaussianPolicy,
    distribution,
    factor_of,
)
from tieline.agents.networks import Network

Outputs = Callable[[Array], Array]
"""Numbers of a network's last layer to whitened outputs, for one row."""

SMALLEST_SIZE = 1e-12
"""Mean diagonal of a factor below which it is none: a layer that nothing passes."""


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
    anchor = distribution(policy, rows)
    n_actions = anchor.mean.shape[-1]
    _, unravel = ravel_pytree(policy)

    def of_mean(mean: Array, numbers: Array, row: Gaussian) -> Array:
        del numbers
        return whitened_outputs(Gaussian(mean[None], row.factor[None]), _one(row))[0]

    def of_factor(mean: Array, numbers: Array, row: Gaussian) -> Array:
        factor = factor_of(numbers[None], n_actions)
        return whitened_outputs(Gaussian(mean[None], factor), _one(row))[0]
