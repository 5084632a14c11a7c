"""What actors and critic descend, for the games of one learner.

    actor     L_E = - log pi_E(a_E|s) A_E   or   - sum_a pi*_E(a) log pi_E(a|s)
                    - entropy weight x entropy of pi_E + mu sum_{leaders L} max( log pi_E(a_L|s), Psi )
    critic    distance of v, or of c at the DER taken, to what followed

The last term of the actor is the tracing constraint: a follower is not to want what its leaders took. Psi falls from 0, where the
term has no slope, to a finite end: at minus infinity the loss would have no lower bound. When a choice is made leaders' DERs are
masked; the term is about the wish before the mask.

Source: the article (see the package), eq. 21: there a constraint that compares a gradient with a number.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from tieline.agents.leader_follower.config import LeaderFollowerConfig
from tieline.agents.leader_follower.credit import (
    advantage_of_all,
    advantage_of_each,
    aim,
    value_of_aim,
    worth_of_alternatives,
)
from tieline.agents.leader_follower.networks import (
    Critic,
    judge,
    log_share,
    scores,
)
from tieline.agents.networks import Network


class Played(NamedTuple):
    """Games that were played.

    inputs (agent, game, der, input), may_choose (agent, game, der), is_taken (agent, game, der):
    what each agent saw; choices (agent, game), reward (agent, game): what it did and got; alternatives (agent, game, der): what
    it would have got with each DER, zeros where that was not asked.
    """

    inputs: Array
    may_choose: Array
    is_taken: Array
    choices: Array
    reward: Array
    alternatives: Array


class Pressure(NamedTuple):
    """What changes while actors learn: learning rate, weight of the entropy, and Psi of the tracing constraint."""

    rate: Array | float
    entropy: Array | float
    psi: Array | float


class Networks(NamedTuple):
    """Actors (agent, in, out) and critic of one learner."""

    actors: Network
    critic: Critic


def total_loss(
    networks: Networks, games: Played, pressure: Pressure, config: LeaderFollowerConfig
) -> Array:
    """Losses of actors and critic; their slopes do not mix, because each takes the other as it is."""
    score = jax.vmap(scores)(networks.actors, games.inputs)
    log_choice = log_share(score, games.may_choose)
    is_there = games.may_choose | games.is_taken
    if config.credit == "alternatives":
        # nothing comes after the last agent: the critic is not asked
        _, continuation = judge(
            networks.critic,
            games.inputs[:-1],
            is_there[:-1],
        )
        actor_loss, critic_loss = _from_alternatives(
            log_choice, continuation, games, config
        )
    else:
        value, _ = judge(networks.critic, games.inputs, is_there)
        actor_loss, critic_loss = _from_rewards(log_choice, value, games, config)
    log_wish = log_share(score, is_there)
    spread = entropy(log_choice, games.may_choose)
    trace = tracing(log_wish, games.is_taken, pressure.psi)
    actor_loss += config.tracing * trace.mean() - pressure.entropy * spread.mean()
    return actor_loss + critic_loss


def _from_rewards(
    log_choice: Array, value: Array, games: Played, config: LeaderFollowerConfig
) -> tuple[Array, Array]:
    """Losses of actors and critic from the rewards of what was chosen."""
    fixed = jax.lax.stop_gradient(value)
    joint = config.credit == "joint"
    advantage = advantage_of_all if joint else advantage_of_each
    error = advantage(games.reward, fixed)
    # in units of their spread: rewards are parts of a demand's worth, and the good choices differ by a hundredth of it
    scaled = error / (error.std() + 1e-6)
    log_chosen = _at(log_choice, games.choices)
    gain = log_chosen * scaled
    actor_loss = -gain.mean()
    target = fixed + error
    # the joint error says what the first agent's state was worth, and nothing of the others
    taught = slice(0, 1) if joint else slice(None)
    critic_loss = optax.huber_loss(value[taught], target[taught]).mean()
    return actor_loss, critic_loss


def _from_alternatives(
    log_choice: Array, continuation: Array, games: Played, config: LeaderFollowerConfig
) -> tuple[Array, Array]:
    """Losses of actors and critic from what every DER would have been worth."""
    fixed = jax.lax.stop_gradient(continuation)
    worth = worth_of_alternatives(games.alternatives, fixed)
    target = aim(worth, games.may_choose, config.sharpness)
    cross_entropy = -(target * log_choice).sum(axis=-1)
    actor_loss = cross_entropy.mean()
    value = value_of_aim(target, worth)
    following_value = value[1:]
    told = _at(continuation, games.choices[:-1])
    # of a single agent nothing follows
    count = max(following_value.size, 1)
    critic_loss = optax.huber_loss(told, following_value).sum() / count
    return actor_loss, critic_loss


def entropy(log_choice: Array, may_choose: Array) -> Array:
    """Entropy of each choice, (agent, game)."""
    share = jnp.exp(log_choice)
    # a closed DER has share 0 and a logarithm that is only very low: its term is left out
    terms = jnp.where(may_choose, share * log_choice, 0.0)
    return -terms.sum(axis=-1)


def tracing(log_wish: Array, is_taken: Array, psi: Array | float) -> Array:
    """How much each agent wants what its leaders took, (agent, game); at least Psi for each leader."""
    above = jnp.maximum(log_wish, psi)
    of_leaders = jnp.where(is_taken, above, 0.0)
    return of_leaders.sum(axis=-1)


def _at(values: Array, choices: Array) -> Array:
    places = choices[..., None]
    at_places = jnp.take_along_axis(values, places, axis=-1)
    return at_places[..., 0]
