"""Train policies that split a reserve request, several seeds side by side."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import tieline
from tieline.agents.policy_file import to_bytes
from tieline.agents.tensorboard import check_folder, write_curves
from tieline.agents.training import TrainResult, train_seeds
from tieline.envs.reserve.task import ReserveTask
from tieline.studies.reserve_training.config import ReserveTrainingConfig
from tieline.studies.result import Metric, Result, describe_machine
from tieline.studies.trained import policy_file_name

Progress = Callable[[int, int, str], None]


def run(config: ReserveTrainingConfig, progress: Progress | None = None) -> Result:
    """Train.

    Returns:
        Metrics: `train_s` of all trainings together, `trainings`, `final_return_mean`, `final_return_std`, `final_return_best`;
        table `curves`; a policy file per seed.

    Raises:
        InputError, FeederError: if the feeder or a DER's place cannot be used.
        MissingExtraError: if the packages for learning are missing.
    """
    task = ReserveTask(config.environment)
    begin = time.perf_counter()
    results = train_policies(task, config, progress)
    train_s = time.perf_counter() - begin
    final = np.array([result.final_return for result in results])
    metrics: dict[str, Metric] = {
        "train_s": train_s,
        "trainings": len(results),
        "final_return_mean": float(final.mean()),
        "final_return_std": float(final.std()),
        "final_return_best": float(final.max()),
    }
    return Result(
        study="reserve-training",
        config=config,
        metrics=metrics,
        tables={"curves": pd.concat([result.curve for result in results], ignore_index=True)},
        files={policy_file_name(result.policy): to_bytes(result.policy) for result in results},
        wall_s=train_s,
    )


def train_policies(
    task: ReserveTask, config: ReserveTrainingConfig, progress: Progress | None
) -> list[TrainResult]:
    """One policy per seed of a configuration; writes the files for TensorBoard if they are asked for."""
    if config.tensorboard is not None:
        check_folder(config.tensorboard, config.seeds)
    preset = config.preset if config.ddpg is None else "own"
    about = {"preset": preset, "version": tieline.__version__, "machine": describe_machine()}
    results = train_seeds(task, config.settings, config.seeds, provenance=about, progress=progress)
    if config.tensorboard is not None:
        write_curves(pd.concat([result.curve for result in results]), config.tensorboard)
    return results
