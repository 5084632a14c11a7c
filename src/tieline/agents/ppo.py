"""PPO: proximal policy optimisation; where a task can be compiled, a round of policy, physics, reward and updates is one program.

An actor draws free numbers from a Gaussian around mu(s), which the task's own last layer turns into an action; a critic V(s)
estimates what follows. With the ratio rho of an action's probability now to that when it was drawn, and its advantage A,

    maximise    min( rho A,  clip(rho, 1 - eps, 1 + eps) A ) - c (V(s) - R)^2 + b entropy
    A_t         = sum over k of (gamma lambda)^k delta_{t+k},    delta_t = r_t + gamma V(s_{t+1}) - V(s_t),    R = A + V

An episode that is truncated is not over for the critic: only `terminated` cuts the future. Rewards count in units of their spread
in the first round, which moves no optimum.

A round makes `round_steps` steps in every episode and learns from them `epochs` times. Steps are made by `CompiledEnv` inside the
compiled round, or by `BatchedEnv` around it: episodes have the same seeds and noise either way.

Source: J. Schulman, F. Wolski, P. Dhariwal, A. Radford, O. Klimov, "Proximal policy optimization algorithms", arXiv:1707.06347,
2017, eqs. 7, 9, 11 and 12.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from tieline.agents.heads import act_by
from tieline.agents.networks import Network, forward, random_network
from tieline.agents.ppo_config import PpoConfig
from tieline.envs.compiled import CompiledEnv, CompiledTask
from tieline.envs.draws import spread
from tieline.envs.faces.rolling_env import RollingEnv
from tieline.envs.task import Task
from tieline.errors import InputError
from tieline.typing import Progress

MOST_PRODUCTS = 500_000
"""Episodes times the square of the places where current is taken: multiplications of one iteration of all episodes. Up to this
a step inside the compiled round takes less processor time; `tieline bench rollouts` measures where the two meet."""

LOG_2_PI = math.log(2.0 * math.pi)

Watch = Callable[[int, "list[Network]"], None]
"""Called now and then with the number of steps per seed and the actors of all seeds that are at it."""


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


class Walk(NamedTuple):
    """Steps of a round, (step, episode, ...): what was seen, the free numbers drawn and their log-probability, the reward, what
    was seen next, and whether the episode was over or had no solution.
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


def train_actors(
    task: Task[Any],
    config: PpoConfig,
    seeds: Sequence[int],
    watch: Watch | None = None,
    progress: Progress | None = None,
) -> list[Network]:
    """Train one actor per seed, one after the other.

    Args:
        task: what to decide.
        config: settings.
        seeds: one training each.
        watch: sees the actors twenty times on the way, for learning curves.
        progress: called with (done, all, text).

    Returns:
        The actors, in the order of the seeds; their outputs go through `Task.squash` (or another head, see `config.head`).

    Raises:
        InputError: if the task is to be compiled and cannot be.
    """
    with jax.enable_x64(True):
        ppo = Ppo(task, config)
        learners = [ppo.start(seed) for seed in seeds]
        rounds = [ppo.collector(seed) for seed in seeds]
        for k in range(ppo.n_rounds):
            if progress is not None:
                progress(k, ppo.n_rounds, "training")
            for row, make_round in enumerate(rounds):
                learners[row] = make_round(learners[row])
            # twenty times on the way, the last time at the end
            is_milestone = (k + 1) * 20 // ppo.n_rounds > k * 20 // ppo.n_rounds
            if watch is not None and is_milestone:
                actors = [learner.weights.actor for learner in learners]
                watch((k + 1) * ppo.steps_of_round, actors)
        if progress is not None:
            progress(ppo.n_rounds, ppo.n_rounds, "training")
        return [learner.weights.actor for learner in learners]


class Ppo:
    """The functions of one task and configuration, compiled when first used; to be called with JAX's 64-bit types on.

    Physics count in double precision, networks in single.
    """

    def __init__(self, task: Task[Any], config: PpoConfig):
        self.task = task
        self.config = config
        self.steps_of_round = config.episodes * config.round_steps
        self.n_rounds = max(1, config.steps // self.steps_of_round)
        self.n_batches = max(1, self.steps_of_round // config.batch)
        n_updates = self.n_rounds * config.epochs * self.n_batches
        rate = optax.cosine_decay_schedule(
            config.rate, decay_steps=n_updates, alpha=config.final_rate_share
        )
        self.optimiser = optax.chain(
            optax.clip_by_global_norm(config.largest_slope), optax.adam(rate)
        )
        compiled = _compiled_form(task, config)
        self.env = None if compiled is None else CompiledEnv(compiled)
        self.act = jax.jit(self._act)
        self.learn = jax.jit(self._learn)
        self.make_round = jax.jit(self._make_round)

    @property
    def is_compiled(self) -> bool:
        """Whether steps are made inside the compiled round."""
        return self.env is not None

    def start(self, seed: int) -> Learner:
        """Random networks of one seed."""
        task = self.task
        n_seen = task.observation.size
        n_set = task.action.size
        actor_key, critic_key, key = jax.random.split(jax.random.key(seed), 3)
        hidden = self.config.hidden
        weights = Weights(
            actor=_with_small_last_layer(
                random_network(n_seen, hidden, n_set, actor_key)
            ),
            critic=random_network(n_seen, hidden, 1, critic_key),
            log_spread=jnp.full(n_set, math.log(self.config.spread)),
        )
        weights = jax.tree.map(_single, weights)
        state = self.optimiser.init(weights)
        zero = jnp.zeros((), jnp.float32)
        return Learner(weights, state, key, zero, zero)

    def collector(self, seed: int) -> Callable[[Learner], Learner]:
        """A function that makes rounds one after the other with the episodes of a seed: learner -> learner."""
        first_seeds = spread(seed, self.config.episodes)
        if self.env is None:
            return _SteppedRounds(self, first_seeds)
        return _CompiledRounds(self, self.env.reset(first_seeds))

    def _make_round(self, learner: Learner, rows: Any) -> tuple[Learner, Any]:
        """Steps and updates in one program."""
        start = (learner, rows)
        end, walk = jax.lax.scan(
            self._walk_on, start, None, length=self.config.round_steps
        )
        learner, rows = end
        return self._learn(learner, walk), rows

    def _walk_on(self, carry: Any, _: None) -> tuple[Any, Walk]:
        """One step of every episode."""
        assert self.env is not None
        learner, rows = carry
        draw, key = jax.random.split(learner.key)
        before = rows.observation
        free, log_probability, action = self._act(learner.weights, before, draw)
        rows, step = self.env.step(rows, action)
        walk = Walk(
            _single(before),
            free,
            log_probability,
            _single(step.reward),
            _single(step.observation),
            step.terminated,
            step.ended,
        )
        return (learner._replace(key=key), rows), walk

    def _act(
        self, weights: Weights, observation: Any, key: Any
    ) -> tuple[Any, Any, Any]:
        """Free numbers drawn, their log-probability and the action, (episode, ...)."""
        mean = forward(weights.actor, _single(observation))
        noise = jax.random.normal(key, mean.shape, jnp.float32)
        free = mean + jnp.exp(weights.log_spread) * noise
        action = self._squash(observation, free)
        return free, _log_probability(free, mean, weights.log_spread), action

    def _squash(self, observation: Any, free: Any) -> Any:
        return act_by(self.config.head, self.task, observation, free, jnp)

    def _learn(self, learner: Learner, walk: Walk) -> Learner:
        """Learn from a round."""
        learner = self._with_scale(learner, walk.reward)
        reward = (walk.reward - learner.reward_mean) / learner.reward_spread
        value = _value(learner.weights.critic, walk.observation)
        future = _value(learner.weights.critic, walk.following) * ~walk.terminated
        advantage = self._advantage(reward, value, future, walk.ended)
        sample = Sample(
            walk.observation,
            walk.free,
            walk.log_probability,
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
        order = jax.random.permutation(draw, self.steps_of_round)
        size = self.steps_of_round // self.n_batches
        batches = order[: size * self.n_batches].reshape(self.n_batches, size)

        def once(learner: Learner, places: Any) -> tuple[Learner, None]:
            sample = jax.tree.map(lambda column: column[places], rows)
            return self._update(learner, sample), None

        learner, _ = jax.lax.scan(once, learner, batches)
        return learner

    def _update(self, learner: Learner, sample: Sample) -> Learner:
        slope = jax.grad(self._loss)(learner.weights, sample)
        change, state = self.optimiser.update(
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


class _CompiledRounds:
    """Rounds in one program each: steps and updates."""

    def __init__(self, ppo: Ppo, rows: Any):
        self._ppo = ppo
        self._rows = rows

    def __call__(self, learner: Learner) -> Learner:
        learner, self._rows = self._ppo.make_round(learner, self._rows)
        return learner


class _SteppedRounds:
    """Rounds whose steps are made by `BatchedEnv`; `walk` are those of the last round."""

    walk: Walk

    def __init__(self, ppo: Ppo, first_seeds: np.ndarray):
        self._ppo = ppo
        self._env = RollingEnv(ppo.task, len(first_seeds))
        self._observation = self._env.reset(first_seeds)

    def __call__(self, learner: Learner) -> Learner:
        walks = []
        for _ in range(self._ppo.config.round_steps):
            draw, key = jax.random.split(learner.key)
            learner = learner._replace(key=key)
            walks.append(self._step(learner.weights, draw))
        columns = [jnp.stack(column) for column in zip(*walks, strict=True)]
        self.walk = Walk(*columns)
        return self._ppo.learn(learner, self.walk)

    def _step(self, weights: Weights, draw: Any) -> Walk:
        before = self._observation
        free, log_probability, action = self._ppo.act(weights, before, draw)
        step = self._env.step(np.asarray(action, dtype=float))
        following = step.observation.astype(np.float32)
        self._observation = following
        if step.ended.any():
            self._observation = self._env.restart(np.flatnonzero(step.ended))
        return Walk(
            before,
            free,
            log_probability,
            step.reward.astype(np.float32),
            following,
            step.terminated,
            step.ended,
        )


def _compiled_form(task: Task[Any], config: PpoConfig) -> CompiledTask | None:
    """The task in JAX, or None where its steps are to be made by `BatchedEnv`."""
    if config.collect == "stepped":
        return None
    if config.collect == "compiled":
        return task.compiled()
    try:
        compiled = task.compiled()
    except InputError:
        return None
    products = config.episodes * compiled.n_ports**2
    return compiled if products <= MOST_PRODUCTS else None


def _with_small_last_layer(network: Network) -> Network:
    """The same network with outputs near 0: all actions are then drawn around the middle at first."""
    *layers, (weight, bias) = network
    return (*layers, (0.01 * weight, 0.0 * bias))


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


_single = partial(jnp.asarray, dtype=jnp.float32)
