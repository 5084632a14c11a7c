"""Trainings that benchmarks judge: algorithms of Stable-Baselines3 through tieline's face, and tieline's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from tieline.agents.apg_config import ApgConfig
from tieline.agents.cpo_config import CpoConfig
from tieline.agents.ddpg_config import DdpgConfig
from tieline.agents.decider import Decider
from tieline.agents.ppo_config import PpoConfig
from tieline.agents.training import Config, TrainResult, train_seeds
from tieline.envs.fewer_actions import FewerActions
from tieline.envs.task import Task
from tieline.typing import FloatArray

SEEDS_APART = 100_000
"""Between the environments' first seeds of two trainings: no two see the same row of days."""

CURVE_DAYS = 24
"""Of each point of a learning curve: days drawn like those that train."""


class CurvePoint(NamedTuple):
    """Steps of a training so far, and the mean return of what it had learned by then on `CURVE_DAYS` days."""

    steps: int
    return_mean: float


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training leaves behind.

    Attributes:
        seed: of the training.
        decider: what was learned.
        steps: that it has seen.
        train_s: processor time, without that of judging the curve [s]; a clock would measure what else runs.
        curve: how it learned; empty where nobody looked.
    """

    seed: int
    decider: Decider
    steps: int
    train_s: float
    curve: Sequence[CurvePoint] = ()


Train = Callable[[Task[Any], Sequence[int], int], list[Trained]]
"""(task, seeds, steps) -> a trained decider for each seed."""


@dataclass(frozen=True)
class Learner:
    """A way to learn.

    Attributes:
        name, words: on the page, and what it is.
        package, extra: without which it cannot be trained.
        steps: of one training in the environment, all episodes together.
        train: trains.
    """

    name: str
    words: str
    package: str
    extra: str
    steps: int
    train: Train

    @property
    def option(self) -> str:
        """How it is asked for, and the name of its part's file: without what a shell reads as something else."""
        plain = self.name.lower().replace(",", "").replace("'", "")
        return plain.replace(" ", "-")


@dataclass(frozen=True)
class StableBaselines:
    """Trainings with an algorithm of Stable-Baselines3, one after the other.

    Attributes:
        algorithm: name of its class.
        num_envs: episodes side by side.
        settings: of the algorithm.
    """

    algorithm: str
    num_envs: int
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __call__(
        self, task: Task[Any], seeds: Sequence[int], steps: int
    ) -> list[Trained]:
        """Train."""
        return [self._train(task, seed, steps) for seed in seeds]

    def _train(self, task: Task[Any], seed: int, steps: int) -> Trained:
        import stable_baselines3

        from tieline.envs.faces import ModelDecider, StableBaselinesVecEnv

        began = time.process_time()
        env = StableBaselinesVecEnv(task, self.num_envs)
        algorithm = getattr(stable_baselines3, self.algorithm)
        # the rows of an environment have seeds one after the other
        model = algorithm("MlpPolicy", env, seed=seed * SEEDS_APART, **self.settings)
        model.learn(steps)
        decider = ModelDecider(model, env)
        return Trained(seed, decider, model.num_timesteps, time.process_time() - began)


@dataclass(frozen=True)
class Ddpg:
    """Trainings with tieline's DDPG, all seeds side by side; their time is shared out among them."""

    config: DdpgConfig

    def __call__(
        self, task: Task[Any], seeds: Sequence[int], steps: int
    ) -> list[Trained]:
        """Train."""
        return _train_own(task, _of_length(self.config, steps), seeds)


@dataclass(frozen=True)
class InRounds:
    """Trainings in rounds with an algorithm of tieline's; the time is shared out among the seeds."""

    config: PpoConfig | ApgConfig | CpoConfig

    def __call__(
        self, task: Task[Any], seeds: Sequence[int], steps: int
    ) -> list[Trained]:
        """Train."""
        return _train_own(task, self.config.model_copy(update={"steps": steps}), seeds)


def _zeros(task: Task[Any]) -> FloatArray:
    return np.zeros(task.action.size)


@dataclass(frozen=True)
class FewerSet:
    """Trainings on a task in which only some groups of the action are set.

    Attributes:
        train: trains there.
        groups: first words of the names of the entries that are set.
        still_of: what the others are held at, (action,) of a task.
    """

    train: Train
    groups: tuple[str, ...]
    still_of: Callable[[Any], FloatArray] = _zeros

    def __call__(
        self, task: Task[Any], seeds: Sequence[int], steps: int
    ) -> list[Trained]:
        """Train; the deciders set the whole action."""
        narrow = FewerActions(task, self.groups, self.still_of(task))
        return [
            replace(one, decider=_Whole(one.decider, narrow))
            for one in self.train(narrow, seeds, steps)
        ]


@dataclass(frozen=True, eq=False)
class _Whole:
    """A decider of fewer actions, in the whole task."""

    decider: Decider
    narrow: FewerActions

    def act(self, observation: FloatArray, state: Any = None) -> FloatArray:
        """The whole action, (episode, action)."""
        return self.narrow.whole_actions(self.decider.act(observation, state))


def _train_own(task: Task[Any], config: Config, seeds: Sequence[int]) -> list[Trained]:
    began = time.process_time()
    results = train_seeds(task, config, seeds, curve_episodes=CURVE_DAYS)
    judge_s = sum(result.judge_s for result in results)
    train_s = (time.process_time() - began - judge_s) / len(seeds)
    return [
        _trained(task, seed, result, config.steps, train_s)
        for seed, result in zip(seeds, results, strict=True)
    ]


def _trained(
    task: Task[Any], seed: int, result: TrainResult, steps: int, train_s: float
) -> Trained:
    steps_seen = result.curve["step"].tolist()
    return_means = result.curve["return_mean"].tolist()
    pairs = zip(steps_seen, return_means, strict=True)
    curve = [CurvePoint(*pair) for pair in pairs]
    return Trained(seed, result.policy.bind(task), steps, train_s, curve)


def _of_length(config: DdpgConfig, steps: int) -> DdpgConfig:
    """The configuration with another length; the random steps before learning begins keep their share."""
    first_steps = round(config.first_steps * steps / config.steps)
    return config.model_copy(update={"steps": steps, "first_steps": first_steps})
