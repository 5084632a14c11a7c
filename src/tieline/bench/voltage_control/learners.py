"""Who is trained: PPO and SAC of Stable-Baselines3 through tieline's face, and tieline's own DDPG.

What is decided in a step changes nothing later, as no regulator acts. A learner that is told so (discount 0) has only its own
step's reward to explain; with the usual discount of 0.99 the rewards of a hundred later steps are noise to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tieline.agents.ddpg_config import DdpgConfig
from tieline.agents.decider import Decider
from tieline.agents.training import train_seeds
from tieline.envs.voltage_control.task import VoltageControlTask

DISCOUNT = 0.0

SEEDS_APART = 100_000
"""Between the environments' first seeds of two trainings: no two see the same row of days."""

FEW_DAYS = 4
"""Of each point of DDPG's learning curve, which nobody looks at here."""

NETWORK = {"policy_kwargs": {"net_arch": [128, 128]}, "learning_rate": 1e-3}
"""Twice the width and three times the rate of Stable-Baselines3's defaults, because a step explains itself."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A decider, how many steps it has seen, and the processor time that this took [s]: a clock would measure what else runs."""

    seed: int
    decider: Decider
    steps: int
    train_s: float


@dataclass(frozen=True)
class Learner:
    """A way to learn.

    Attributes:
        name, words: on the page, and what it is.
        package, extra: without which it cannot be trained.
        steps: of one training in the environment, all episodes together.
        train: (task, seeds, steps) -> a trained decider for each seed.
    """

    name: str
    words: str
    package: str
    extra: str
    steps: int
    train: Callable[[VoltageControlTask, Sequence[int], int], list[Trained]]


@dataclass(frozen=True)
class _StableBaselines:
    """Trainings with an algorithm of Stable-Baselines3."""

    algorithm: str
    num_envs: int
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __call__(
        self, task: VoltageControlTask, seeds: Sequence[int], steps: int
    ) -> list[Trained]:
        """One after the other."""
        return [self._train(task, seed, steps) for seed in seeds]

    def _train(self, task: VoltageControlTask, seed: int, steps: int) -> Trained:
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


def _train_ddpg(
    task: VoltageControlTask, seeds: Sequence[int], steps: int
) -> list[Trained]:
    """All seeds side by side; the time is shared out among them."""
    config = _of_length(DdpgConfig(discount=DISCOUNT, noise=1.0), steps)
    began = time.process_time()
    results = train_seeds(task, config, seeds, curve_episodes=FEW_DAYS)
    train_s = (time.process_time() - began) / len(seeds)
    trained = []
    for seed, result in zip(seeds, results, strict=True):
        decider = result.policy.bind(task)
        trained.append(Trained(seed, decider, config.steps, train_s))
    return trained


def _of_length(config: DdpgConfig, steps: int) -> DdpgConfig:
    """The configuration with another length; the random steps before learning begins keep their share."""
    first_steps = round(config.first_steps * steps / config.steps)
    return config.model_copy(update={"steps": steps, "first_steps": first_steps})


PPO = Learner(
    "PPO",
    "Stable-Baselines3, 64 days side by side, two layers of 128, learning rate 0.001, discount 0",
    "stable_baselines3",
    "sb3",
    steps=150_000,
    train=_StableBaselines(
        "PPO",
        64,
        {
            "n_steps": 96,
            "batch_size": 512,
            "gamma": DISCOUNT,
            "gae_lambda": DISCOUNT,
            **NETWORK,
        },
    ),
)

PPO_USUAL = replace(
    PPO,
    name="PPO, usual discount",
    words="Stable-Baselines3's own settings, discount 0.99 among them, 64 days side by side",
    train=_StableBaselines("PPO", 64, {"n_steps": 96, "batch_size": 512}),
)

SAC = Learner(
    "SAC",
    "Stable-Baselines3, 32 days side by side, 8 updates for each step of all of them, two layers of 128, learning rate 0.001, "
    "discount 0",
    "stable_baselines3",
    "sb3",
    steps=15_000,
    train=_StableBaselines(
        "SAC",
        32,
        {
            "gamma": DISCOUNT,
            "gradient_steps": 8,
            "learning_starts": 3_000,
            **NETWORK,
        },
    ),
)

DDPG = Learner(
    "DDPG",
    "tieline's own settings, but discount 0 and half the exploration",
    "jax",
    "learn",
    steps=48_000,
    train=_train_ddpg,
)

LEARNERS = (PPO, PPO_USUAL, SAC, DDPG)
