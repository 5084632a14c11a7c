"""`Learning`: what an agent of PPO learns from a round of steps; pure functions, under `vmap` those of many agents.

An actor draws free numbers from a Gaussian around mu(s); a critic V(s) estimates what follows. With the ratio rho of the
probability of what was drawn now to that when it was drawn, and its advantage A,

    maximise    min( rho A,  clip(rho, 1 - eps, 1 + eps) A ) - c (V(s) - R)^2 + b entropy
    A_t         = sum over k of (gamma lambda)^k delta_{t+k},    delta_t = r_t + gamma V(s_{t+1}) - V(s_t),    R = A + V

An episode that is truncated is not over for the critic: only `terminated` cuts the future. Rewards count in units of their spread
in the first round, which moves no optimum.

Source: J. Schulman, F. Wolski, P. Dhariwal, A. Radford, O. Klimov, "Proximal policy optimization algorithms", arXiv:1707.06347,
2017, eqs. 7, 9, 11 and 12.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from tieline.agents.networks import (
    Network,
    forward,
    random_network,
    with_small_last_layer,
)
from tieline.agents.ppo_config import PpoConfig

LOG_2_PI = math.log(2.0 * math.pi)


class Weights(NamedTuple):
    """What is learned: actor, critic, and the logarithm of the spread of each free number, (action,)."""

    actor: Network
    critic: Network
    log_spread: Any


class Learner(NamedTuple):
    """Weights, optimiser's state, random key, and mean and spread of rewards in the first round (spread 0 before it)."""

    weights: Weights
    optimiser_state: Any
    key: Any
    reward_mean: Any
    reward_spread: Any


class Lesson(NamedTuple):
    """What one agent learns from: steps of a round, (step, episode, ...): what it saw, the free numbers it drew and their
    log-probability, its reward, what it saw next, and whether the episode was over or had no solution.
    """

    observation: Any
    free: Any
    log_probability: Any
    reward: Any
    following: Any
    terminated: Any
    ended: Any


class Sample(NamedTuple):
    """Steps to learn from, (step, ...)."""

    observation: Any
    free: Any
    log_probability: Any
    advantage: Any
    value: Any


class Learning:
    """How one agent learns; networks count in single precision.

    Args:
        n_seen, n_set: numbers that it sees and sets.
        config: settings.
    """

    def __init__(self, n_seen: int, n_set: int, config: PpoConfig):
        self.config = config
        self._n_seen = n_seen
        self._n_set = n_set
        self._n_batches = max(1, config.steps_of_round // config.batch)
        n_updates = config.n_rounds * config.epochs * self._n_batches
        rate = optax.cosine_decay_schedule(
            config.rate, decay_steps=n_updates, alpha=config.final_rate_share
        )
        self._optimiser = optax.chain(
            optax.clip_by_global_norm(config.largest_slope), optax.adam(rate)
        )

    def start(self, key: Any) -> Learner:
        """Random networks."""
        n_set = self._n_set
        actor_key, critic_key, key = jax.random.split(key, 3)
        hidden = self.config.hidden
        weights = Weights(
            actor=with_small_last_layer(
                random_network(self._n_seen, hidden, n_set, actor_key)
            ),
            critic=random_network(self._n_seen, hidden, 1, critic_key),
            log_spread=jnp.full(n_set, math.log(self.config.spread)),
        )
        weights = jax.tree.map(single, weights)
        state = self._optimiser.init(weights)
        zero = jnp.zeros((), jnp.float32)
        return Learner(weights, state, key, zero, zero)

    def draw(self, weights: Weights, observation: Any, key: Any) -> tuple[Any, Any]:
        """Free numbers drawn, (episode, action), and their log-probability, (episode,)."""
        mean = forward(weights.actor, single(observation))
        noise = jax.random.normal(key, mean.shape, jnp.float32)
        free = mean + jnp.exp(weights.log_spread) * noise
        return free, _log_probability(free, mean, weights.log_spread)

    def learn(self, learner: Learner, lesson: Lesson) -> Learner:
        """Learn from a round."""
        learner = self._with_scale(learner, lesson.reward)
        reward = (lesson.reward - learner.reward_mean) / learner.reward_spread
        value = _value(learner.weights.critic, lesson.observation)
        future = _value(learner.weights.critic, lesson.following) * ~lesson.terminated
        advantage = self._advantage(reward, value, future, lesson.ended)
        sample = Sample(
            lesson.observation,
            lesson.free,
            lesson.log_probability,
            advantage,
            advantage + value,
        )
        rows = jax.tree.map(_flat, sample)

        def once(learner: Learner, _: None) -> tuple[Learner, None]:
            return self._epoch(learner, rows), None

        learner, _ = jax.lax.scan(once, learner, None, length=self.config.epochs)
        return learner

    def _with_scale(self, learner: Learner, reward: Any) -> Learner:
        """Mean and spread of the rewards, those of the first round for ever."""
        is_first = learner.reward_spread == 0
        deviation = reward.std()
        size = jnp.where(deviation > 0, deviation, 1.0)
        return learner._replace(
            reward_mean=jnp.where(is_first, reward.mean(), learner.reward_mean),
            reward_spread=jnp.where(is_first, size, learner.reward_spread),
        )

    def _advantage(self, reward: Any, value: Any, future: Any, ended: Any) -> Any:
        """A of each step, (step, episode), from the last step backwards."""
        config = self.config
        surprise = reward + config.discount * future - value

        def back(after: Any, step: Any) -> tuple[Any, Any]:
            surprise_now, ended_now = step
            farther = config.discount * config.trace * after * ~ended_now
            advantage = surprise_now + farther
            return advantage, advantage

        none_after = jnp.zeros_like(surprise[0])
        steps = (surprise, ended)
        _, advantage = jax.lax.scan(back, none_after, steps, reverse=True)
        return advantage

    def _epoch(self, learner: Learner, rows: Sample) -> Learner:
        """One pass over the steps of a round, in random batches."""
        draw, key = jax.random.split(learner.key)
        learner = learner._replace(key=key)
        order = jax.random.permutation(draw, self.config.steps_of_round)
        size = self.config.steps_of_round // self._n_batches
        batches = order[: size * self._n_batches].reshape(self._n_batches, size)

        def once(learner: Learner, places: Any) -> tuple[Learner, None]:
            sample = jax.tree.map(lambda column: column[places], rows)
            return self._update(learner, sample), None

        learner, _ = jax.lax.scan(once, learner, batches)
        return learner

    def _update(self, learner: Learner, sample: Sample) -> Learner:
        slope = jax.grad(self._loss)(learner.weights, sample)
        change, state = self._optimiser.update(
            slope, learner.optimiser_state, learner.weights
        )
        weights = optax.apply_updates(learner.weights, change)
        return learner._replace(weights=weights, optimiser_state=state)

    def _loss(self, weights: Weights, sample: Sample) -> Any:
        config = self.config
        mean = forward(weights.actor, sample.observation)
        log_probability = _log_probability(sample.free, mean, weights.log_spread)
        ratio = jnp.exp(log_probability - sample.log_probability)
        cut = jnp.clip(ratio, 1.0 - config.clip, 1.0 + config.clip)
        deviation = sample.advantage.std() + 1e-8
        advantage = (sample.advantage - sample.advantage.mean()) / deviation
        gain = jnp.minimum(ratio * advantage, cut * advantage).mean()
        error = _value(weights.critic, sample.observation) - sample.value
        entropy = weights.log_spread.sum()
        loss = config.value_weight * (error**2).mean() - gain
        return loss - config.entropy_weight * entropy


def _log_probability(free: Any, mean: Any, log_spread: Any) -> Any:
    """Of drawing the free numbers, (..., action) -> (...,)."""
    distance = (free - mean) * jnp.exp(-log_spread)
    return -(distance**2 / 2.0 + log_spread + LOG_2_PI / 2.0).sum(axis=-1)


def _value(critic: Network, observation: Any) -> Any:
    """V of each row."""
    return forward(critic, observation)[..., 0]


def _flat(column: Any) -> Any:
    """(step, episode, ...) -> (step, ...)."""
    return column.reshape(-1, *column.shape[2:])


single = partial(jnp.asarray, dtype=jnp.float32)
