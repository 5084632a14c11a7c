"""What an agent learns from. Arrays begin with (agent, game); rewards are those of `region`.

    each            A_k = r_k + v(s_k+1) - v(s_k)                       its own part; v = 0 after the last agent
    joint           A_k = sum r - v(s_1)                                one error for all agents, as algorithm 1 prints it
    alternatives    Q_k(a) = r_k(a) + c_a(s_k)     for every DER a that agent k could have taken, r_k(a) by AC
                    pi*_k = softmax(Q_k / sharpness)                    what the actor is drawn to

The first two know what happened to the DERs that were taken. The third asks the power flow what would have happened with each of
the others, which a batch answers at little cost: the slope then has no noise but that of what followers will do, and none at all
for the last agent. Its `v(s_k) = sum_a pi*_k(a) Q_k(a)` is what `c` is taught for the DER that the leader took.

Sources: the article (see the package), eqs. 17 to 20 and algorithm 1; counterfactual credit: J. Foerster et al., "Counterfactual
multi-agent policy gradients", AAAI 2018, eq. 4; a policy drawn to the softmax of its values: A. Abdolmaleki et al., "Maximum a
posteriori policy optimisation", ICLR 2018, eq. 4.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from tieline.agents.leader_follower.networks import BARRED


def advantage_of_each(reward: Array, value: Array) -> Array:
    """A of each agent by its own reward, (agent, game)."""
    following = jnp.concatenate([value[1:], jnp.zeros_like(value[:1])])
    return reward + following - value


def advantage_of_all(reward: Array, value: Array) -> Array:
    """The one error of all agents, repeated for each, (agent, game)."""
    error = reward.sum(axis=0) - value[0]
    return jnp.broadcast_to(error, reward.shape)


def worth_of_alternatives(alternatives: Array, continuation: Array) -> Array:
    """Q of every DER, (agent, game, der), from rewards r(a) and what comes after, c_a, of all agents but the last."""
    return alternatives.at[:-1].add(continuation)


def aim(worth: Array, may_choose: Array, sharpness: float) -> Array:
    """pi*: the shares that an actor is drawn to, (agent, game, der)."""
    barred = jnp.where(may_choose, worth / sharpness, BARRED)
    return jax.nn.softmax(barred, axis=-1)


def value_of_aim(aim: Array, worth: Array) -> Array:
    """v(s_k) of actors that follow pi*, (agent, game)."""
    # where a share is 0 the worth may be anything, even that of no DER at all
    return jnp.where(aim > 0, aim * worth, 0.0).sum(axis=-1)
