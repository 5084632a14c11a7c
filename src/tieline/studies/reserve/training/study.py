"""Train policies that split a reserve request, several seeds side by side."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

import tieline
from tieline.agents.policy_file import to_bytes
from tieline.agents.tensorboard import check_folder, write_curves
from tieline.agents.training import TrainResult, train_seeds
from tieline.envs.reserve.model import ReserveModel
from tieline.envs.reserve.task import ReserveTask
from tieline.errors import InputError, reason_of
from tieline.feeders import Feeder
from tieline.machine import describe_machine
from tieline.reports.remarks import approximated
from tieline.studies.answer import Answer, Metric, Tell
from tieline.studies.reserve.training.config import ReserveTrainingConfig
from tieline.studies.trained import policy_file_name
from tieline.typing import Progress


def answer(feeder: Feeder, config: ReserveTrainingConfig, tell: Tell) -> Answer:
    """Train.

    Returns:
        Metrics: `train_s` of all trainings together, `trainings`, `final_return_mean`, `final_return_std`, `final_return_best`;
        table `curves`; a policy file per seed.

    Raises:
        InputError, FeederError: if a DER's place cannot be used on the feeder.
        MissingExtraError: if the packages for learning are missing.
    """
    task = ReserveTask(config.environment, ReserveModel.of(config.environment, feeder))
    began = time.perf_counter()
    results = train_policies(task, config, tell)
    train_s = time.perf_counter() - began
    final = np.array([result.final_return for result in results])
    metrics: dict[str, Metric] = {
        "train_s": train_s,
        "trainings": len(results),
        "final_return_mean": float(final.mean()),
        "final_return_std": float(final.std()),
        "final_return_best": float(final.max()),
    }
    curves = pd.concat([result.curve for result in results], ignore_index=True)
    files = {
        policy_file_name(result.policy): to_bytes(result.policy) for result in results
    }
    remarks = approximated(export_curves(curves, config))
    return Answer(metrics, {"curves": curves}, remarks, files)


def train_policies(
    task: ReserveTask, config: ReserveTrainingConfig, progress: Progress
) -> list[TrainResult]:
    """One policy per seed of a configuration; the folder for TensorBoard is checked before anything is trained."""
    if config.tensorboard is not None:  # minutes of training later would be too late
        check_folder(config.tensorboard, config.seeds)
    preset = "own"
    if config.ddpg is None:
        preset = config.preset
    # travels in the policy's file: it may be used far from the folder of its training
    about = {
        "preset": preset,
        "version": tieline.__version__,
        "machine": describe_machine(),
    }
    return train_seeds(
        task, config.settings, config.seeds, provenance=about, progress=progress
    )


def export_curves(curves: pd.DataFrame, config: ReserveTrainingConfig) -> list[str]:
    """Write the learning curves for TensorBoard if that is asked for.

    They are asked for beside an answer, and written when all of it is there: what keeps them from being written is a remark, and
    costs no training.
    """
    if config.tensorboard is None:
        return []
    try:
        write_curves(curves, config.tensorboard)
    except OSError as error:
        reason = reason_of(error)
    except InputError as error:
        reason = str(error)
    else:
        return []
    return [
        f"The curves for TensorBoard were not written to '{config.tensorboard}' ({reason})."
    ]
