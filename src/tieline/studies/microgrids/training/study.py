"""Train safe policies for the microgrids of a feeder, several seeds one after the other, and hold them against merit order."""

from __future__ import annotations

import time
from dataclasses import asdict

import numpy as np
import pandas as pd

import tieline
from tieline.envs.microgrids.days import drawn_day
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.envs.microgrids.pool import Pool
from tieline.errors import MissingExtraError
from tieline.feeders import Feeder
from tieline.machine import describe_machine
from tieline.studies.answer import Answer, Metric, Tell
from tieline.studies.microgrids.cases import FIRST_HELD_OUT
from tieline.studies.microgrids.training.config import MicrogridsTrainingConfig
from tieline.studies.trained import PREFIX, SUFFIX

DAYS_OF_A_SEED = 10_000
"""Days of a training have seeds from its own seed times this."""

FIRST_CHECK = 2**31
"""Days of checks have seeds from this on, before those of case `held-out`; days of trainings come before."""


def answer(feeder: Feeder, config: MicrogridsTrainingConfig, tell: Tell) -> Answer:
    """Train.

    Returns:
        Metrics: `train_s` of all trainings together, `train_episodes` (windows of each), `trainings`; over seeds and held-out days
        `cost_usd` of a day with what was stored paid back and `cost_usd_merit`, `violating_steps_pct` before any safety step and
        `violating_steps_pct_merit`, `violation_max`; tables `curves`, `held_out`; a policy file per seed.

    Raises:
        InputError, FeederError: if the world cannot be set up on the feeder.
        MissingExtraError: if the packages for learning are missing.
    """
    plant = make_plant(feeder, config)
    try:
        from tieline.studies.microgrids.training.pupils import Pupils
    except ImportError as error:
        raise MissingExtraError(str(error.name), "learn", "Training") from None
    began = time.perf_counter()
    pupils = Pupils(plant, config)
    learned = [pupils.learn(seed, tell) for seed in config.seeds]
    train_s = time.perf_counter() - began
    about = {
        "version": tieline.__version__,
        "machine": describe_machine(),
        "updates": config.learner.updates,
        "windows": config.learner.windows,
        "graph": config.graph,
    }
    files = {
        f"{PREFIX}{seed}{SUFFIX}": pupils.to_bytes(one, {**about, "seed": seed})
        for seed, one in zip(config.seeds, learned, strict=True)
    }
    held_out = pupils.hold_out(learned)
    curves = pd.concat([one.curve for one in learned], ignore_index=True)
    return Answer(
        _metrics(config, held_out, train_s),
        {"curves": curves, "held_out": held_out},
        (),
        files,
    )
