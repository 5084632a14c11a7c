"""`train_actors`: rounds of PPO or IPPO until the training is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax

from tieline.agents.ippo_config import IppoConfig
from tieline.agents.networks import Network
from tieline.agents.ppo.rounds import OnPolicy
from tieline.agents.ppo.single import Ppo
from tieline.agents.ppo.team import Ippo
from tieline.agents.ppo_config import PpoConfig
from tieline.agents.round_training import Watch, train_in_rounds
from tieline.envs.task import Task
from tieline.typing import Progress


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
        seeds, watch, progress: as of `train_in_rounds`.

    Returns:
        The actors, in the order of the seeds, those of a team as one network; their outputs go through `Task.squash` (or another
        head, see `config.head`).

    Raises:
        InputError: if the task is to be compiled and cannot be, or its agents cannot learn side by side.
    """
    with jax.enable_x64(True):
        algorithm = _algorithm(task, config)
        return train_in_rounds(algorithm, config, seeds, watch, progress)


def _algorithm(task: Task[Any], config: PpoConfig) -> OnPolicy:
    if isinstance(config, IppoConfig):
        return Ippo(task, config)
    return Ppo(task, config)
