"""Which learned policies a run uses: given, trained anew, or shipped with the package if they fit its feeder and DERs."""

from __future__ import annotations

import time
from importlib import resources
from pathlib import Path

from tieline.envs.reserve.task import ReserveTask
from tieline.errors import InputError
from tieline.studies.reserve.config import ReserveConfig
from tieline.studies.reserve.training.study import train_policies
from tieline.studies.trained import Trained, from_results, load_trained
from tieline.typing import Progress

NONE_FITS = (
    "No shipped policy was trained for this feeder, these DERs and weights: rules and optimum stand alone. Add --train to train "
    "policies, or give one with --policy."
)


def find_policies(
    config: ReserveConfig, task: ReserveTask, progress: Progress
) -> Trained | None:
    """The policies of a run, checked against its task; None if none was asked for and no shipped one fits.

    Raises:
        InputError: if the given policy cannot be used or was trained for something else.
    """
    if config.train:
        begin = time.perf_counter()
        return from_results(
            train_policies(task, config, progress), time.perf_counter() - begin
        )
    if config.policy is not None:
        trained = load_trained(config.policy)
        # What was asked for must fit; a shipped policy that does not is left out without a word against it.
        for policy in trained.policies:
            policy.bind(task)
        return trained
    return _shipped(task)


def shipped_folder() -> Path:
    """Where the policies that come with the package are: a folder that `tieline train reserve` wrote."""
    return Path(str(resources.files("tieline.studies.reserve") / "policies"))


def _shipped(task: ReserveTask) -> Trained | None:
    trained = load_trained(shipped_folder())
    try:
        for policy in trained.policies:
            policy.bind(task)
    except InputError:
        return None
    return trained
