"""`train_in_rounds`: the loop of every training in rounds: seed by seed, a round after the other until the training is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from tieline.agents.networks import Network
from tieline.agents.round_config import RoundConfig
from tieline.envs.task import Task
from tieline.errors import NotConvergedError
from tieline.typing import Progress

MILESTONES = 20
"""Looks at the actors on the way."""

Watch = Callable[[int, "list[Network]"], None]
"""Called now and then with the number of steps per seed and the actors of all seeds that are at it."""


class Algorithm(Protocol):
    """How a learner learns; it is the algorithm's own tuple of arrays."""

    def start(self, seed: int) -> Any:
        """The learner of a seed, before it has learned anything."""
        ...

    def collector(self, seed: int) -> Callable[[Any], Any]:
        """A function that makes rounds one after the other with the episodes of a seed: learner -> learner."""
        ...

    def actor(self, learner: Any) -> Network:
        """What a learner decides by."""
        ...


def train_in_rounds(
    algorithm: Algorithm,
    config: RoundConfig,
    seeds: Sequence[int],
    watch: Watch | None = None,
    progress: Progress | None = None,
) -> list[Network]:
    """Train one actor per seed.

    Args:
        algorithm: how.
        config: how long.
        seeds: one training each.
        watch: sees the actors twenty times on the way, for learning curves.
        progress: called with (done, all, text).

    Returns:
        The actors, in the order of the seeds.
    """
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


def no_gradient_error(task: Task[Any]) -> NotConvergedError:
    """What a training along slopes raises that never had any."""
    return NotConvergedError(
        f"No round of the training on '{task.name}' had a gradient: episodes came to steps without a power flow. Give its "
        "devices less power, or train with PpoConfig, which does without a gradient of the power flow."
    )


def _is_milestone(k: int, n_rounds: int) -> bool:
    """Whether a round is one of those after which the actors are shown; the last one is."""
    return (k + 1) * MILESTONES // n_rounds > k * MILESTONES // n_rounds
