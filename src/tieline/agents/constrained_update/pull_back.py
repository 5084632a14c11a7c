"""From derivatives by actions to derivatives by parameters, by reparameterisation.

    a_s = mu(o_s) + L(o_s) zeta_s,        dJ/dtheta = sum over samples s of  (d a_s / d theta)^T  dJ/da_s

dJ/da is that *at each sample*. Taken once, at the mean, it makes the part of L a sum of zero-mean noise: for J = E a^2 and a mean
of zero the derivative by the spread would be 0 in place of twice the spread. Eqs. 27 and 28 of the article go another way,
through the density, which has no such limit; they are not used.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree
from jax.typing import ArrayLike

from tieline.agents.constrained_update.gaussian import (
    GaussianPolicy,
    distribution,
    reparameterised,
)


def parameter_slopes(
    policy: GaussianPolicy,
    observation: ArrayLike,
    noise: ArrayLike,
    by_action: ArrayLike,
) -> Array:
    """Derivative of several returns by the parameters of one agent.

    Args:
        policy: of the agent.
        observation: (sample, observation).
        noise: zeta that the actions were drawn with, (sample, action).
        by_action: dJ/da of each return at each sample, (return, sample, action). J is whatever number the caller has: of a mean
            over samples these hold the 1 / samples already.

    Returns:
        (return, parameter), parameters in the order of `ravel_pytree`.
    """
    parameters, unravel = ravel_pytree(policy)

    def actions(vector: Array) -> Array:
        return reparameterised(distribution(unravel(vector), observation), noise)

    _, pull_back = jax.vjp(actions, parameters)
    (slopes,) = jax.vmap(pull_back)(jnp.asarray(by_action))
    return slopes
