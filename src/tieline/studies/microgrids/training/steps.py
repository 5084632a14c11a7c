"""How the steps of a training are found: centrally, by agents among themselves, or along a barrier; with easing (`easing.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tieline.agents.consensus.opening import open_consensus
from tieline.agents.constrained_update.barrier_region import barrier_step
from tieline.agents.constrained_update.easing import eased
from tieline.agents.constrained_update.trust_region import central_step
from tieline.agents.constrained_update.update import FindStep
from tieline.studies.microgrids.training.config import MicrogridsTrainingConfig


@contextmanager
def open_steps(config: MicrogridsTrainingConfig, n_agents: int) -> Iterator[FindStep]:
    """What the configuration asks for, for as long as the context lasts.

    Raises:
        InputError: if a graph does not fit or no Ray cluster answers.
        MissingExtraError: if Ray is asked for and not installed.
    """
    if config.steps_by == "central":
        yield eased(central_step)
    elif config.steps_by == "barrier":
        yield eased(barrier_step())
    else:
        with open_consensus(config, n_agents) as step:
            yield eased(step)
