"""Train safe policies for the microgrids of a feeder, several seeds one after the other, and hold them against merit order."""

from __future__ import annotations

import time

import pandas as pd

import tieline
from tieline.envs.microgrids.plant import make_plant
from tieline.errors import MissingExtraError
from tieline.feeders import Feeder
from tieline.machine import describe_machine
from tieline.studies.answer import Answer, Metric, Tell
from tieline.studies.microgrids.training.config import MicrogridsTrainingConfig
from tieline.studies.trained import PREFIX, SUFFIX

SAFE_ENOUGH_PCT = 1.0
"""Steps that a safety step may have to mend: one in a hundred, once a day."""


def answer(feeder: Feeder, config: MicrogridsTrainingConfig, tell: Tell) -> Answer:
    """Train.

    Returns:
        Metrics: `train_s` and `train_cpu_s` of all trainings together, `train_episodes` (windows of each), `trainings`,
        `best_seed`; over seeds and held-out days `cost_usd` of a day with what was stored paid back, `violating_steps_pct` and
        `violation_max` before any safety step, and the same of merit order (`_merit`); tables `curves`, `held_out`; a policy
        file per seed.

    Raises:
        InputError, FeederError: if the world cannot be set up on the feeder.
        MissingExtraError: if the packages for learning are missing.
    """
    plant = make_plant(feeder, config)
    try:
        from tieline.studies.microgrids.training.pupils import Pupils
        from tieline.studies.microgrids.training.steps import open_steps
    except ImportError as error:
        raise MissingExtraError(str(error.name), "learn", "Training") from None
    began = time.perf_counter()
    cpu_began = time.process_time()
    pupils = Pupils(plant, config)
    with open_steps(config, len(plant.microgrids)) as find_step:
        learned = [pupils.learn(seed, tell, find_step) for seed in config.seeds]
    times = {
        "train_s": time.perf_counter() - began,
        "train_cpu_s": time.process_time() - cpu_began,
    }
    about = {
        "version": tieline.__version__,
        "machine": describe_machine(),
        "updates": config.learner.updates,
        "walkers": config.learner.walkers,
        "steps_by": config.steps_by,
    }
    files = {
        f"{PREFIX}{seed}{SUFFIX}": pupils.to_bytes(one, {**about, "seed": seed})
        for seed, one in zip(config.seeds, learned, strict=True)
    }
    # after the times are taken: it is no part of a training
    held_out = pupils.hold_out(config.seeds, learned)
    curves = pd.concat([one.curve for one in learned], ignore_index=True)
    return Answer(
        {**times, **_metrics(config, curves, held_out)},
        {"curves": curves, "held_out": held_out},
        (),
        files,
    )


def _metrics(
    config: MicrogridsTrainingConfig,
    curves: pd.DataFrame,
    held_out: pd.DataFrame,
) -> dict[str, Metric]:
    policies = held_out[held_out["who"] == "policy"]
    merit = held_out[held_out["who"] == "merit"]
    metrics: dict[str, Metric] = {
        "train_episodes": int(curves["step"].max()),
        "trainings": config.trainings,
        "best_seed": _best_seed(curves),
    }
    for suffix, rows in (("", policies), ("_merit", merit)):
        metrics[f"cost_usd{suffix}"] = -float(rows["return_mean"].mean())
        metrics[f"violating_steps_pct{suffix}"] = float(
            rows["violating_steps_pct"].mean()
        )
        metrics[f"violation_max{suffix}"] = float(rows["violation_max"].max())
    return metrics


def _best_seed(curves: pd.DataFrame) -> int:
    """The cheapest of those that are safe enough on the days of the checks, or else the safest."""
    checks = curves.dropna(subset=["return_mean"])
    last = checks[checks["update"] == checks["update"].max()]
    is_safe = last["violating_steps_pct"] <= SAFE_ENOUGH_PCT
    if is_safe.any():
        return int(last["seed"][last["return_mean"].where(is_safe).idxmax()])
    return int(last["seed"][last["violating_steps_pct"].idxmin()])
