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
        cut = optax.clip_by_global_norm(config.largest_step)
        step = optax.chain(cut, optax.scale_by_adam())
        # apart: a steep critic would shorten the actors' steps too
        self.optimiser = optax.multi_transform({"actors": step, "critic": step}, _kinds)
        choose = jax.vmap(self._choose, in_axes=(0, 0, 0, None, None))
        self.choose = jax.jit(choose)
        learn = jax.vmap(self._learn, in_axes=(0, 0, None))
        self.learn = jax.jit(learn)

    def start(self, key: Array) -> Learner:
        """Random networks."""
        actor_key, critic_key, key = jax.random.split(key, 3)
        config = self.config
        n_inputs = self._n_inputs
        actors = random_actors(config.agents, n_inputs, config.hidden, actor_key)
        critic = random_critic(n_inputs, config.attention, critic_key)
        networks = Networks(actors, critic)
        optimiser_state = self.optimiser.init(networks)
        return Learner(networks, optimiser_state, key)

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
        actors = learner.networks.actors
        actor = jax.tree.map(lambda array: array[agent], actors)
        score = scores(actor, inputs)
        log_choice = log_share(score, may_choose)
        lot = jax.random.categorical(draw_key, log_choice)
        equal_score = jnp.zeros_like(score)
        log_even = log_share(equal_score, may_choose)
        stranger = jax.random.categorical(any_key, log_even)
        explore_lot = jax.random.uniform(explore_key, lot.shape)
        strays = explore_lot < explore
        choices = jnp.where(strays, stranger, lot)
        # the key moves on with the learner: the next agent must not draw the same lots
        learner = learner._replace(key=key)
        return learner, choices

    def _learn(self, learner: Learner, games: Played, pressure: Pressure) -> Learner:
        """Updates from a round of games, each game as often as the configuration says."""
        n_games = games.choices.shape[1]
        batch = min(self.config.batch, n_games)
        order_key, key = jax.random.split(learner.key)
        passes = passes_of(self.config)
        order_keys = jax.random.split(order_key, passes)
        shuffle = partial(jax.random.permutation, x=n_games)
        order = jax.vmap(shuffle)(order_keys)
        # games beyond the last whole batch are left out of a pass; its order decides anew which
        n_batches = n_games // batch
        whole = order[:, : n_batches * batch]
        rows = whole.reshape(passes * n_batches, batch)

        def once(learner: Learner, rows: Array) -> tuple[Learner, None]:
            part = jax.tree.map(lambda array: array[:, rows], games)
            return self.update(learner, part, pressure), None

        # a scan and not a Python loop: the update is compiled once, whatever their number
        beginner = learner._replace(key=key)
        learner, _ = jax.lax.scan(once, beginner, rows)
        return learner

    def update(self, learner: Learner, games: Played, pressure: Pressure) -> Learner:
        """One step of the optimiser on some games."""
        networks = learner.networks
        slope_of = jax.grad(total_loss)
        slope = slope_of(networks, games, pressure, self.config)
        change, state = self.optimiser.update(slope, learner.optimiser_state, networks)
        # the rate stands here and not in the optimiser, because it falls without a new compilation
        networks = jax.tree.map(
            lambda weight, step: weight - pressure.rate * step,
            networks,
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
    if config.credit == "alternatives":
        return config.passes
    return 1
