"""One learner's choices and updates, compiled, for all learners side by side: a learner is a region and a seed, or, with shared
networks, a seed.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from tieline.agents.leader_follower.config import LeaderFollowerConfig
from tieline.agents.leader_follower.losses import Networks, Played, Pressure, total_loss
from tieline.agents.leader_follower.networks import (
    log_share,
    random_actors,
    random_critic,
    scores,
)


class Learner(NamedTuple):
    """Networks, state of the optimiser and random key of one learner."""

    networks: Networks
    optimiser_state: Any
    key: Array


class LeaderFollower:
    """The functions of one configuration over all learners (first axis), compiled when first used.

    Args:
        config: settings.
        n_inputs: numbers in a token and the features of the region together.
    """

    def __init__(self, config: LeaderFollowerConfig, n_inputs: int):
        self.config = config
        self._n_inputs = n_inputs
        step = optax.chain(
            optax.clip_by_global_norm(config.largest_step), optax.scale_by_adam()
        )
        # apart, so that a steep critic does not shorten the actors' steps
        self.optimiser = optax.multi_transform({"actors": step, "critic": step}, _kinds)
        self.choose = jax.jit(jax.vmap(self._choose, in_axes=(0, 0, 0, None, None)))
        self.learn = jax.jit(jax.vmap(self._learn, in_axes=(0, 0, None)))

    def start(self, key: Array) -> Learner:
        """Random networks."""
        actor_key, critic_key, key = jax.random.split(key, 3)
        actors = random_actors(
            self.config.agents, self._n_inputs, self.config.hidden, actor_key
        )
        critic = random_critic(self._n_inputs, self.config.attention, critic_key)
        networks = Networks(actors, critic)
        return Learner(networks, self.optimiser.init(networks), key)

    def _choose(
        self,
        learner: Learner,
        inputs: Array,
        may_choose: Array,
        agent: Array,
        explore: Array,
    ) -> tuple[Learner, Array]:
        """Choices of one agent drawn from its softmax, some of them from all DERs alike, (game,)."""
        draw_key, explore_key, any_key, key = jax.random.split(learner.key, 4)
        actor = jax.tree.map(lambda array: array[agent], learner.networks.actors)
        score = scores(actor, inputs)
        log_choice = log_share(score, may_choose)
        lot = jax.random.categorical(draw_key, log_choice)
        even = log_share(jnp.zeros_like(score), may_choose)
        stranger = jax.random.categorical(any_key, even)
        strays = jax.random.uniform(explore_key, lot.shape) < explore
        choices = jnp.where(strays, stranger, lot)
        return learner._replace(key=key), choices

    def _learn(self, learner: Learner, games: Played, pressure: Pressure) -> Learner:
        """Updates from a round of games, each game as often as the configuration says."""
        n_games = games.choices.shape[1]
        batch = min(self.config.batch, n_games)
        order_key, key = jax.random.split(learner.key)
        passes = passes_of(self.config)
        order_keys = jax.random.split(order_key, passes)
        order = jax.vmap(partial(jax.random.permutation, x=n_games))(order_keys)
        n_batches = n_games // batch
        rows = order[:, : n_batches * batch].reshape(passes * n_batches, batch)

        def once(learner: Learner, rows: Array) -> tuple[Learner, None]:
            part = jax.tree.map(lambda array: array[:, rows], games)
            return self.update(learner, part, pressure), None

        # a scan and not a Python loop: the update is compiled once, whatever their number
        learner, _ = jax.lax.scan(once, learner._replace(key=key), rows)
        return learner

    def update(self, learner: Learner, games: Played, pressure: Pressure) -> Learner:
        """One step of the optimiser on some games."""
        slope = jax.grad(total_loss)(learner.networks, games, pressure, self.config)
        change, state = self.optimiser.update(
            slope, learner.optimiser_state, learner.networks
        )
        networks = jax.tree.map(
            lambda weight, step: weight - pressure.rate * step,
            learner.networks,
            change,
        )
        return Learner(networks, state, learner.key)


def _kinds(networks: Networks) -> Any:
    """Which optimiser each part of the networks has."""
    labels: Any = networks._fields
    return type(networks)(*labels)


@lru_cache(maxsize=4)
def make_learner(config: LeaderFollowerConfig, n_inputs: int) -> LeaderFollower:
    """The functions of a configuration; those of the last few are kept, because compiling them takes seconds."""
    return LeaderFollower(config, n_inputs)


def passes_of(config: LeaderFollowerConfig) -> int:
    """How often each game is learned from."""
    return config.passes if config.credit == "alternatives" else 1
