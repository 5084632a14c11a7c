"""DDPG: deep deterministic policy gradient, a round of updates compiled, many seeds in one call.

An actor mu(s) decides; a critic Q(s, a) estimates the discounted sum of rewards that follows. Both have a slow copy (target).

    critic   minimise  ( r + gamma (1 - terminated) Q'(s', mu'(s')) - Q(s, a) )^2
    actor    maximise  Q(s, mu(s))
    targets  theta' <- tau theta + (1 - tau) theta'

An episode that is truncated is not over for the critic: only `terminated` cuts the future. The actor's last layer is the task's
own (`Task.squash`), so that what it proposes can be carried out and is differentiated through; exploration is Gaussian, before
that layer. Rewards count in units of their spread in the first, random steps, which moves no optimum. A penalty on the square of
the actor's outputs keeps the last layer from going flat before the critic is right; it falls to nothing (M. Andrychowicz et al.,
"Hindsight experience replay", NeurIPS 2017, appendix A, has it at a fixed weight).

All seeds train side by side: their episodes are rows of one environment, their networks rows of one array. The same call gives
the same result; a seed alone may differ in the last digits from the same seed in company.

Source: T. P. Lillicrap et al., "Continuous control with deep reinforcement learning", ICLR 2016, algorithm 1.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from tieline.agents.ddpg_config import DdpgConfig
from tieline.agents.heads import act_by
from tieline.agents.networks import Network, forward, random_network
from tieline.agents.replay import Memory, Steps, empty_memory, recall, remember
from tieline.envs.batched_env import BatchedEnv, Step
from tieline.envs.draws import spread
from tieline.envs.task import Task
from tieline.typing import Progress

Watch = Callable[[int, "list[Network]"], None]
"""Called now and then with the number of steps per seed and the actors of all seeds."""


class Learner(NamedTuple):
    """Networks, optimiser states and random key of one seed."""

    actor: Network
    critic: Network
    slow_actor: Network
    slow_critic: Network
    actor_state: Any
    critic_state: Any
    key: Array


def train_actors(
    task: Task[Any],
    config: DdpgConfig,
    seeds: Sequence[int],
    watch: Watch | None = None,
    progress: Progress | None = None,
) -> list[Network]:
    """Train one actor per seed.

    Args:
        task: what to decide.
        config: settings.
        seeds: one training each.
        watch: sees the actors twenty times on the way, for learning curves.
        progress: called with (done, all, text).

    Returns:
        The actors, in the order of the seeds; their outputs go through `Task.squash` (or another head, see `config.head`).
    """
    ddpg = Ddpg(task, config)
    env = BatchedEnv(task)
    rounds = _Rounds(config)
    scale = _Scale(config.scale_rewards)
    keys = jax.vmap(jax.random.key)(jnp.asarray(seeds))
    learners = jax.vmap(ddpg.start)(keys)
    memory = empty_memory(config.memory, task.observation.size, task.action.size)
    memories = jax.tree.map(lambda array: jnp.stack([array] * len(seeds)), memory)
    fresh = _fresh_seeds(seeds, config.episodes)
    observation = env.reset(next(fresh).ravel())
    if progress is not None:
        # the first round compiles
        progress(0, rounds.count, "training")
    for k in range(rounds.count):
        by_seed = _by_seed(observation, seeds)
        learners, action = ddpg.explore(learners, by_seed, rounds.noise(k))
        # all seeds step in one environment: their episodes stand one behind the other
        actions = np.asarray(action, dtype=float).reshape(-1, task.action.size)
        step = env.step(actions)
        scale.see(step.reward, k < rounds.random)
        steps = _as_steps(observation, action, step, scale, seeds)
        memories = ddpg.store(memories, steps)
        observation = _go_on(env, step, fresh)
        # updates wait until the memory holds what random actions do, so that they do not fit the first few steps
        if k >= rounds.random:
            learners = ddpg.learn(learners, memories, rounds.penalty(k))
        if watch is not None and rounds.is_milestone(k):
            watch(
                (k + 1) * config.episodes,
                _each(learners.actor, len(seeds)),
            )
        if progress is not None:
            progress(k + 1, rounds.count, "training")
    return _each(learners.actor, len(seeds))


class Ddpg:
    """The functions of one task and configuration, over all seeds (first axis), compiled when first used."""

    def __init__(self, task: Task[Any], config: DdpgConfig):
        self.task = task
        self.config = config
        rounds = _Rounds(config)
        learning_rounds = rounds.count - rounds.random
        n_updates = max(1, learning_rounds * config.updates_per_round)
        # rates fall to the end: the last policy is the one that is kept, so it must have come to rest
        rate = partial(
            optax.cosine_decay_schedule,
            decay_steps=n_updates,
            alpha=config.final_rate_share,
        )
        self.actor_optimiser = optax.adam(rate(config.actor_rate))
        self.critic_optimiser = optax.adam(rate(config.critic_rate))
        self.explore = jax.jit(jax.vmap(self._explore, in_axes=(0, 0, None)))
        self.store = jax.jit(jax.vmap(remember), donate_argnums=0)
        self.learn = jax.jit(jax.vmap(self._learn, in_axes=(0, 0, None)))

    def start(self, key: Array) -> Learner:
        """Random networks of one seed."""
        task = self.task
        n_observed = task.observation.size
        n_set = task.action.size
        hidden = self.config.hidden
        actor_key, critic_key, key = jax.random.split(key, 3)
        actor = random_network(n_observed, hidden, n_set, actor_key)
        critic = random_network(n_observed + n_set, hidden, 1, critic_key)
        return Learner(
            actor=actor,
            critic=critic,
            slow_actor=actor,
            slow_critic=critic,
            actor_state=self.actor_optimiser.init(actor),
            critic_state=self.critic_optimiser.init(critic),
            key=key,
        )

    def decide(self, actor: Network, observation: Array) -> Array:
        """What an actor does without exploration, (row, observation) -> (row, action)."""
        return self._squash(observation, forward(actor, observation))

    def _explore(
        self, learner: Learner, observation: Array, noise: Array
    ) -> tuple[Learner, Array]:
        draw, key = jax.random.split(learner.key)
        learner = learner._replace(key=key)
        free = forward(learner.actor, observation)
        disturbance = noise * jax.random.normal(draw, free.shape)
        # before the task's last layer any noise leaves an action that can be carried out
        if self.config.explore == "preferences":
            action = self._squash(observation, free + disturbance)
            return learner, action
        box = self.task.action
        width = box.high - box.low
        action = self._squash(observation, free)
        action += disturbance * width
        return learner, jnp.clip(action, box.low, box.high)

    def _learn(self, learner: Learner, memory: Memory, penalty: Array) -> Learner:
        """A round of updates, each on steps recalled at random."""

        def once(learner: Learner, _: None) -> tuple[Learner, None]:
            draw, key = jax.random.split(learner.key)
            learner = learner._replace(key=key)
            steps = recall(memory, self.config.batch, draw)
            learner = self.update(learner, steps, penalty)
            return learner, None

        # a scan and not a Python loop: the update is compiled once, whatever their number
        n_updates = self.config.updates_per_round
        learner, _ = jax.lax.scan(once, learner, None, length=n_updates)
        return learner

    def update(self, learner: Learner, steps: Steps, penalty: Array) -> Learner:
        """One step of both optimisers on some remembered steps."""
        slope = jax.grad(self._critic_loss)(learner.critic, learner, steps)
        critic, critic_state = _descend(
            self.critic_optimiser, learner.critic, slope, learner.critic_state
        )
        # the actor climbs the critic that has just learned
        slope = jax.grad(self._actor_loss)(learner.actor, critic, steps, penalty)
        actor, actor_state = _descend(
            self.actor_optimiser, learner.actor, slope, learner.actor_state
        )
        return Learner(
            actor=actor,
            critic=critic,
            slow_actor=self._follow(learner.slow_actor, actor),
            slow_critic=self._follow(learner.slow_critic, critic),
            actor_state=actor_state,
            critic_state=critic_state,
            key=learner.key,
        )

    def _follow(self, slow: Network, fast: Network) -> Network:
        tau = self.config.soft_update

        def mix(slow_array: Array, fast_array: Array) -> Array:
            return (1.0 - tau) * slow_array + tau * fast_array

        return jax.tree.map(mix, slow, fast)

    def _critic_loss(self, critic: Network, learner: Learner, steps: Steps) -> Array:
        following_action = self.decide(learner.slow_actor, steps.following)
        future = _value(learner.slow_critic, steps.following, following_action)
        target = steps.reward + self.config.discount * steps.goes_on * future
        value = _value(critic, steps.observation, steps.action)
        # the target is taken as given: the critic is to move towards it, and not the other way round
        error = jax.lax.stop_gradient(target) - value
        return jnp.mean(error**2)

    def _actor_loss(
        self, actor: Network, critic: Network, steps: Steps, penalty: Array
    ) -> Array:
        free = forward(actor, steps.observation)
        action = self._squash(steps.observation, free)
        value = _value(critic, steps.observation, action)
        # the penalty is on what the last layer is given, where a large number makes it flat
        return penalty * jnp.mean(free**2) - jnp.mean(value)

    def _squash(self, observation: Array, free: Array) -> Array:
        return act_by(self.config.head, self.task, observation, free, jnp)


class _Rounds:
    """A round is one step in every episode, then updates; the first rounds only look around."""

    def __init__(self, config: DdpgConfig):
        self._config = config
        self.count = max(1, config.steps // config.episodes)
        random_rounds = -(-config.first_steps // config.episodes)  # rounded up
        self.random = min(self.count, random_rounds)

    def noise(self, k: int) -> float:
        """Spread of the exploration in a round: falls in a straight line."""
        config = self._config
        first = config.noise
        change = config.final_noise - first
        last_round = max(1, self.count - 1)
        return first + change * k / last_round

    def penalty(self, k: int) -> float:
        """Weight of large preferences in a round: falls in a straight line, to nothing."""
        return self._config.preference_penalty * (1.0 - k / max(1, self.count - 1))

    def is_milestone(self, k: int) -> bool:
        """Twenty times on the way, the last time at the end."""
        return (k + 1) * 20 // self.count > k * 20 // self.count


class _Scale:
    """Mean and spread of the rewards seen in the random rounds."""

    def __init__(self, is_used: bool):
        self._is_used = is_used
        self._rewards: list[np.ndarray] = []
        self._mean = 0.0
        self._spread = 1.0

    def see(self, reward: np.ndarray, is_random: bool) -> None:
        """Take note of a random round; the first one is always taken."""
        if self._is_used and (is_random or not self._rewards):
            self._rewards.append(reward)
            rewards = np.concatenate(self._rewards)
            self._mean = float(rewards.mean())
            self._spread = float(rewards.std()) or 1.0

    def __call__(self, reward: np.ndarray) -> np.ndarray:
        return (reward - self._mean) / self._spread


def _value(critic: Network, observation: Array, action: Array) -> Array:
    """Q of each row."""
    return forward(critic, jnp.concatenate([observation, action], axis=-1))[..., 0]


def _descend(
    optimiser: Any, network: Network, slope: Any, state: Any
) -> tuple[Network, Any]:
    change, state = optimiser.update(slope, state, network)
    network = jax.tree.map(jnp.add, network, change)
    return network, state


def _fresh_seeds(seeds: Sequence[int], episodes: int) -> Iterator[np.ndarray]:
    """Seeds of episodes without end: blocks of (seed, episode); those of a training depend on its own seed only."""
    for block in itertools.count():
        first = 1 + block * episodes
        rows = [spread(int(seed), episodes, first=first) for seed in seeds]
        yield np.stack(rows)


def _by_seed(rows: np.ndarray, seeds: Sequence[int]) -> np.ndarray:
    return rows.reshape(len(seeds), -1, *rows.shape[1:])


def _go_on(env: BatchedEnv[Any], step: Step, fresh: Iterator[np.ndarray]) -> np.ndarray:
    """Start ended episodes again; the observations from which the next round decides."""
    if not step.ended.any():
        return step.observation
    # a whole block is taken, whatever part of it is needed: seeds do not depend on when others end
    seeds = next(fresh).ravel()
    return env.reset_rows(step.ended, seeds[step.ended])


def _as_steps(
    observation: np.ndarray,
    action: Array,
    step: Step,
    scale: _Scale,
    seeds: Sequence[int],
) -> Steps:
    def by_seed(rows: np.ndarray) -> Array:
        return jnp.asarray(_by_seed(rows, seeds), dtype=jnp.float32)

    return Steps(
        observation=by_seed(observation),
        action=action,
        reward=by_seed(scale(step.reward)),
        following=by_seed(step.observation),
        goes_on=by_seed(1.0 - step.terminated),
    )


def _each(networks: Network, count: int) -> list[Network]:
    """The network of every seed."""
    return [jax.tree.map(itemgetter(k), networks) for k in range(count)]
