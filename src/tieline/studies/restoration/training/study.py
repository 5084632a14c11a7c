"""Train policies that restore the load of an island, several seeds by several methods, and hold them against the plan."""

from __future__ import annotations

import pandas as pd

import tieline
from tieline.envs.restoration.world import make_world
from tieline.errors import MissingExtraError
from tieline.feeders import Feeder
from tieline.feeders.islands import read_island
from tieline.machine import describe_machine
from tieline.studies.answer import Answer, Metric, Tell
from tieline.studies.policy_folder import SUFFIX
from tieline.studies.restoration.training.config import RestorationTrainingConfig
from tieline.studies.restoration.training.threads import allow_waiting_threads


def answer(feeder: Feeder, config: RestorationTrainingConfig, tell: Tell) -> Answer:
    """Train.

    Returns:
        Metrics: `train_s` and `train_cpu_s` of one training by CPO, mean over the seeds, and of one imitation
        (`_imitation`, `_imitation_corrected`); `episodes` of a training by CPO; `trainings`; over seeds and unseen draws
        `objective_<method>_<scenario>`, that of the holding plan as `hold`; tables `curves`, `held_out`; a policy file per method
        and seed.

    Raises:
        InputError, FeederError: if the world cannot be set up on the island.
        MissingExtraError: if the packages for learning are missing.
    """
    allow_waiting_threads()
    world = make_world(config, read_island(config.feeder), feeder)
    try:
        from tieline.studies.restoration.training.pupils import Pupils
    except ImportError as error:
        raise MissingExtraError(str(error.name), "learn", "Training") from None
    pupils = Pupils(world, config)
    taught = [
        pupils.teach(method, seed, tell)
        for method in config.methods
        for seed in config.seeds
    ]
    # what a policy file says of itself when it is found alone
    about = {
        "version": tieline.__version__,
        "machine": describe_machine(),
        "updates": config.learner.updates,
        "draws": config.learner.draws,
    }
    files = {
        f"{one.method}-seed{one.seed}{SUFFIX}": pupils.to_bytes(one, about)
        for one in taught
    }
    curves = pd.concat(
        [one.learned.curve.assign(method=one.method) for one in taught],
        ignore_index=True,
    )
    held_out = pupils.hold_out(taught)
    times = pd.DataFrame(
        [(one.method, one.train_s, one.train_cpu_s) for one in taught],
        columns=["method", "train_s", "train_cpu_s"],
    )
    return Answer(
        _metrics(config, times, held_out),
        {"curves": curves, "held_out": held_out},
        (),
        files,
    )


def _metrics(
    config: RestorationTrainingConfig, times: pd.DataFrame, held_out: pd.DataFrame
) -> dict[str, Metric]:
    metrics: dict[str, Metric] = {
        "episodes": config.learner.updates * config.learner.draws,
        "trainings": config.trainings,
    }
    for method, rows in times.groupby("method", sort=False):
        suffix = f"_{_word(method)}"
        # all studies that train have `train_s`: here that of the method that the article is about
        if method == "cpo":
            suffix = ""
        metrics[f"train_s{suffix}"] = float(rows["train_s"].mean())
        metrics[f"train_cpu_s{suffix}"] = float(rows["train_cpu_s"].mean())
    groups = held_out.groupby(["method", "scenario"], sort=False)
    objectives = groups["objective"].mean()
    rows_of_means = objectives.reset_index().to_dict("records")
    for row in rows_of_means:
        name = f"objective_{_word(row['method'])}_{row['scenario']}"
        metrics[name] = float(row["objective"])
    return metrics


def _word(method: object) -> str:
    return str(method).replace("-", "_")
