"""`OnPolicy`: a training in rounds: the policy of the moment makes some steps in every episode and is then changed by them.

Steps are made by `CompiledEnv` inside the compiled round, or by `BatchedEnv` around it: episodes have the same seeds and noise
either way. Physics count in double precision.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tieline.agents.networks import Network
from tieline.agents.ppo.learning import single
from tieline.agents.ppo_config import PpoConfig
from tieline.envs.compiled import CompiledEnv, CompiledTask
from tieline.envs.draws import spread
from tieline.envs.faces.rolling_env import RollingEnv
from tieline.envs.task import Task
from tieline.errors import InputError

MOST_PRODUCTS = 500_000
"""Episodes times the square of the places where current is taken: multiplications of one iteration of all episodes. Up to this
a step inside the compiled round takes less processor time; `tieline bench rollouts` measures where the two meet."""


class Walk(NamedTuple):
    """Steps of a round, (step, episode, ...): what was seen, the free numbers drawn and their log-probability, what each reward
    term and constraint came to, what was seen next, and whether the episode was over or had no solution.
    """

    observation: Any
    free: Any
    log_probability: Any
    terms: Any
    costs: Any
    following: Any
    terminated: Any
    ended: Any


class OnPolicy(ABC):
    """The functions of one task and configuration, compiled when first used; to be called with JAX's 64-bit types on.

    A learner is a named tuple of arrays with a random `key`; all else about it is the algorithm's.
    """

    def __init__(self, task: Task[Any], config: PpoConfig):
        self.task = task
        self.config = config
        compiled = _compiled_form(task, config)
        self.env = None if compiled is None else CompiledEnv(compiled)
        self.act = jax.jit(self._act)
        self.learn = jax.jit(self._learn)
        self.make_round = jax.jit(self._make_round)

    @abstractmethod
    def start(self, seed: int) -> Any:
        """The learner of a seed, before it has learned anything."""

    @abstractmethod
    def actor(self, learner: Any) -> Network:
        """What it decides by: a network from all that is seen to all that is set."""

    @abstractmethod
    def _act(self, learner: Any, observation: Any, key: Any) -> tuple[Any, Any, Any]:
        """Free numbers drawn, their log-probability and the action, (episode, ...)."""

    @abstractmethod
    def _learn(self, learner: Any, walk: Walk) -> Any:
        """The learner after a round."""

    @property
    def is_compiled(self) -> bool:
        """Whether steps are made inside the compiled round."""
        return self.env is not None

    def collector(self, seed: int) -> Callable[[Any], Any]:
        """A function that makes rounds one after the other with the episodes of a seed: learner -> learner."""
        first_seeds = spread(seed, self.config.episodes)
        if self.env is None:
            return _SteppedRounds(self, first_seeds)
        return _CompiledRounds(self, self.env.reset(first_seeds))

    def _make_round(self, learner: Any, rows: Any) -> tuple[Any, Any]:
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
        free, log_probability, action = self._act(learner, before, draw)
        rows, step = self.env.step(rows, action)
        walk = Walk(
            single(before),
            free,
            log_probability,
            step.terms,
            step.costs,
            single(step.observation),
            step.terminated,
            step.ended,
        )
        return (learner._replace(key=key), rows), walk


class _CompiledRounds:
    """Rounds in one program each: steps and updates."""

    def __init__(self, algorithm: OnPolicy, rows: Any):
        self._algorithm = algorithm
        self._rows = rows

    def __call__(self, learner: Any) -> Any:
        learner, self._rows = self._algorithm.make_round(learner, self._rows)
        return learner


class _SteppedRounds:
    """Rounds whose steps are made by `BatchedEnv`; `walk` are those of the last round."""

    walk: Walk

    def __init__(self, algorithm: OnPolicy, first_seeds: np.ndarray):
        self._algorithm = algorithm
        self._env = RollingEnv(algorithm.task, len(first_seeds))
        self._observation = self._env.reset(first_seeds)

    def __call__(self, learner: Any) -> Any:
        walks = []
        for _ in range(self._algorithm.config.round_steps):
            draw, key = jax.random.split(learner.key)
            learner = learner._replace(key=key)
            walks.append(self._step(learner, draw))
        columns = [jnp.stack(column) for column in zip(*walks, strict=True)]
        self.walk = Walk(*columns)
        return self._algorithm.learn(learner, self.walk)

    def _step(self, learner: Any, draw: Any) -> Walk:
        before = self._observation
        free, log_probability, action = self._algorithm.act(learner, before, draw)
        step = self._env.step(np.asarray(action, dtype=float))
        following = step.observation.astype(np.float32)
        self._observation = following
        if step.ended.any():
            self._observation = self._env.restart(np.flatnonzero(step.ended))
        return Walk(
            before,
            free,
            log_probability,
            step.info["terms"],
            step.costs,
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
