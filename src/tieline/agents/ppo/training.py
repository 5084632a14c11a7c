"""`train_actors`: rounds of PPO or IPPO until the training is over, seed by seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax

from tieline.agents.ippo_config import IppoConfig
from tieline.agents.networks import Network
from tieline.agents.ppo.rounds import OnPolicy
from tieline.agents.ppo.single import Ppo
from tieline.agents.ppo.team import Ippo
from tieline.agents.ppo_config import PpoConfig
from tieline.envs.task import Task
from tieline.typing import Progress

MILESTONES = 20

Watch = Callable[[int, "list[Network]"], None]
"""Called now and then with the number of steps per seed and the actors of all seeds that are at it."""


def train_actors(
    task: Task[Any],
    config: PpoConfig,
    seeds: Sequence[int],
    watch: Watch | None = None,
    progress: Progress | None = None,
) -> list[Network]:
    """Train one actor per seed, or one for each agent if the configuration is that of IPPO.

    Args:
        task: what to decide.
        config: settings.
        seeds: one training each.
        watch: sees the actors twenty times on the way, for learning curves.
        progress: called with (done, all, text).

    Returns:
        The actors, in the order of the seeds, those of a team as one network; their outputs go through `Task.squash` (or another
        head, see `config.head`).

    Raises:
        InputError: if the task is to be compiled and cannot be, or its agents cannot learn side by side.
    """
    with jax.enable_x64(True):
        algorithm = _algorithm(task, config)
        n_rounds = config.n_rounds
        learners = [algorithm.start(seed) for seed in seeds]
        rounds = [algorithm.collector(seed) for seed in seeds]
        for k in range(n_rounds):
            if progress is not None:
                progress(k, n_rounds, "training")
            for row, make_round in enumerate(rounds):
                learners[row] = make_round(learners[row])
            if watch is not None and _is_milestone(k, n_rounds):
                actors = [algorithm.actor(learner) for learner in learners]
                watch((k + 1) * config.steps_of_round, actors)
        if progress is not None:
            progress(n_rounds, n_rounds, "training")
        return [algorithm.actor(learner) for learner in learners]


def _algorithm(task: Task[Any], config: PpoConfig) -> OnPolicy:
    if isinstance(config, IppoConfig):
        return Ippo(task, config)
    return Ppo(task, config)


def _is_milestone(k: int, n_rounds: int) -> bool:
    """Whether a round is one of those after which the actors are shown; the last one is."""
    return (k + 1) * MILESTONES // n_rounds > k * MILESTONES // n_rounds
