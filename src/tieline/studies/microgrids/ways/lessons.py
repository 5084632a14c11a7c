"""Policies learned on the very window that is asked, with all limits or without some: the article's figures 5 to 7.

What is told is what devices follow of the wishes. A generator without a limit follows them beyond what it could give; all others
stop at their limits, as training lets wishes be a little beyond these.
"""

from __future__ import annotations

from importlib.util import find_spec

import pandas as pd

from tieline.envs.microgrids.day import Day, problem_of
from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import LEARNED
from tieline.studies.microgrids.training.config import LearnerConfig
from tieline.studies.microgrids.ways.dispatch import Dispatch

UPDATES = 100
"""After which the reward with all limits no longer moves in its fourth digit."""

SAMPLES = 32
"""Windows of an update: all are the same window with other noise, of which few are enough."""


def can_learn() -> bool:
    """Whether the packages for learning are there."""
    return find_spec("jax") is not None


def learn(
    name: str, plant: Plant, day: Day, config: MicrogridsConfig
) -> tuple[Dispatch, pd.DataFrame]:
    """What is learned, and how: `update`, `reward`, `generator_kw_1`, ... (of the first microgrid)."""
    # heavy, and not there without the packages for learning
    from tieline.studies.microgrids.training.one_window import learn_window

    lesson = learn_window(
        plant,
        day,
        LearnerConfig(updates=UPDATES, plain_windows=SAMPLES),
        config.seed,
        scope=LEARNED[name],
        freed=range(config.freed_microgrids),
    )
    points = lesson.done
    problem = problem_of(plant, day)
    dispatch = Dispatch(plant, problem, points.der_kw[0], points.der_kvar[0])
    return dispatch, lesson.curve
