"""Actors and critic, each a tree of arrays.

    actor of agent k    score_i = two-layer network of (token of DER i, features of the region);    pi_k = softmax over DERs
    critic              h_i = relu(W x_i);   a_i = h_i + softmax_j(q_i . k_j / sqrt(width)) v_j      one head of attention
                        v(s) = mean over DERs of u . relu(a_i);     c_i(s) = w . relu(a_i)

The same weights score every DER, so an actor knows a DER by what its token says and not by its place. `c_i` is what comes after
DER i is taken: the sum of the rewards of the agents that follow. Leaders' choices reach the critic as the tokens of taken DERs.

Source of attention: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, eq. 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from tieline.agents.networks import Network, forward, random_network

BARRED = -1e9
"""Score of a DER that may not be chosen: finite, because an infinite one has no slope."""


class Critic(NamedTuple):
    """Weights of the critic; every part is one layer, without hidden ones."""

    embed: Network
    query: Network
    key: Network
    value: Network
    state_head: Network
    choice_head: Network


def random_actors(
    n_agents: int, n_inputs: int, hidden: Sequence[int], key: Array
) -> Network:
    """One actor per agent, as the rows of one network, (agent, in, out)."""

    def random_actor(key: Array) -> Network:
        return random_network(n_inputs, hidden, 1, key)

    keys = jax.random.split(key, n_agents)
    return jax.vmap(random_actor)(keys)


def random_critic(n_inputs: int, width: int, key: Array) -> Critic:
    """A critic of random weights."""
    keys = jax.random.split(key, 6)
    return Critic(
        embed=random_network(n_inputs, (), width, keys[0]),
        query=random_network(width, (), width, keys[1]),
        key=random_network(width, (), width, keys[2]),
        value=random_network(width, (), width, keys[3]),
        state_head=random_network(width, (), 1, keys[4]),
        choice_head=random_network(width, (), 1, keys[5]),
    )


def scores(actor: Network, inputs: Array) -> Array:
    """Score of each DER by one actor, (..., der, input) -> (..., der)."""
    return forward(actor, inputs)[..., 0]


def log_share(scores: Array, is_open: Array) -> Array:
    """Logarithm of the softmax over the DERs that are open, (..., der)."""
    open_scores = jnp.where(is_open, scores, BARRED)
    return jax.nn.log_softmax(open_scores, axis=-1)


def judge(critic: Critic, inputs: Array, is_there: Array) -> tuple[Array, Array]:
    """What is still to come: of the state, (...), and after each choice, (..., der).

    Args:
        critic: weights.
        inputs: (..., der, input).
        is_there: DERs that count, (..., der).
    """
    embedded = forward(critic.embed, inputs)
    x = jax.nn.relu(embedded)
    query = forward(critic.query, x)
    key = forward(critic.key, x)
    width = x.shape[-1]
    fit = query @ key.swapaxes(-1, -2) / width**0.5
    # padding and DERs that are away are looked at by nobody
    may_look_at = is_there[..., None, :]
    open_fit = jnp.where(may_look_at, fit, BARRED)
    attention = jax.nn.softmax(open_fit, axis=-1)
    value = forward(critic.value, x)
    x = jax.nn.relu(x + attention @ value)
    mean = _mean_of(x, is_there)
    of_state = forward(critic.state_head, mean)
    of_choice = forward(critic.choice_head, x)
    return of_state[..., 0], of_choice[..., 0]


def _mean_of(x: Array, is_there: Array) -> Array:
    """Mean over the DERs that count, (..., width)."""
    count = is_there.sum(axis=-1)
    # a game without DERs has the mean 0 and not 0 / 0, whose slope would spoil the others
    divisor = jnp.maximum(count, 1)
    mask = is_there[..., None]
    total = (mask * x).sum(axis=-2)
    return total / divisor[..., None]
