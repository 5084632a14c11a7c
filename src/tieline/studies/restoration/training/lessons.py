"""Draws of sun and wind that policies learn from, and those that they are checked by.

    practice    forecast x U(0.7, 1.1) of a draw x U(0.9, 1.1) of a step and unit
    lasting     forecast x clip(l + e, 0, 1.3), l ~ U(0.7, 1.1) of a draw, e autoregressive for each unit
    drop        forecast x U(0.7, 1.1) of a draw, and x U(0.5, 1) of a draw from some step on

`mixed` is a third of each: a forecast that is wrong all the time, one that wanders, one that breaks. The tested scenarios are of
these kinds, with numbers and seeds of their own.
"""

from __future__ import annotations

import numpy as np

from tieline.envs.restoration.scenarios import (
    FIRST_SPREAD,
    HIGHEST,
    MEMORY,
    PRACTICE_LEVEL,
    STEP_SPREAD,
)
from tieline.envs.restoration.world import RestorationWorld
from tieline.studies.restoration.training.config import LearnerConfig
from tieline.typing import FloatArray, IntArray

FIRST_LESSON = 10**9
"""Seeds of lessons begin here."""

UPDATES_OF_A_SEED = 100_000
"""Seeds of two trainings lie so many updates apart."""

FIRST_CHECK = 2**31
"""Seeds of checks begin here; no lesson comes so far."""

DROP = (0.5, 1.0)
"""Factor of a drop: from half of what was forecast to all of it."""


def lesson_draws(
    world: RestorationWorld, config: LearnerConfig, seed: int, update: int
) -> FloatArray:
    """Draws of one update, (draw, step, renewable) [kW]."""
    number = seed * UPDATES_OF_A_SEED + update
    first = FIRST_LESSON + number * config.draws
    seeds = first + np.arange(config.draws)
    return _draws(world, config, seeds)


def check_draws(world: RestorationWorld, config: LearnerConfig) -> FloatArray:
    """Draws of all checks."""
    return _draws(world, config, FIRST_CHECK + np.arange(config.check_draws))


def _draws(
    world: RestorationWorld, config: LearnerConfig, seeds: IntArray
) -> FloatArray:
    if config.lessons == "practice":
        return world.actual_kw("practice", seeds)
    third = len(seeds) // 3
    # what a division by three leaves over is practice
    for_lasting, for_drop, for_practice = np.split(seeds, [third, 2 * third])
    plain = world.actual_kw("practice", for_practice)
    wandering = _lasting(world, for_lasting)
    breaking = _drop(world, for_drop)
    factor = np.concatenate([wandering, breaking])
    offered_kw = factor * world.forecast_kw
    # a level above 1 of a forecast near the rating
    power_kw = np.minimum(offered_kw, world.plant.renewables.p_max_kw)
    return np.concatenate([plain, power_kw])


def _lasting(world: RestorationWorld, seeds: IntArray) -> FloatArray:
    """Actual over forecast, (draw, step, renewable)."""
    n_steps, n_units = world.forecast_kw.shape
    factors = []
    for seed in seeds.tolist():
        random = np.random.default_rng(seed)
        level = random.uniform(*PRACTICE_LEVEL)
        error = FIRST_SPREAD * random.standard_normal(n_units)
        of_draw = []
        for _ in range(n_steps):
            of_draw.append(level + error)
            noise = STEP_SPREAD * random.standard_normal(n_units)
            error = MEMORY * error + noise
        factors.append(of_draw)
    return np.clip(np.array(factors), 0.0, HIGHEST)


def _drop(world: RestorationWorld, seeds: IntArray) -> FloatArray:
    """Actual over forecast, (draw, step, renewable), the same for all units."""
    n_steps = len(world.forecast_kw)
    factor = np.empty((len(seeds), *world.forecast_kw.shape))
    for row, seed in enumerate(seeds.tolist()):
        random = np.random.default_rng(seed)
        factor[row] = random.uniform(*PRACTICE_LEVEL)
        first = 0
        # never the first step: a forecast that was wrong from the start is of another kind
        if n_steps > 1:
            first = random.integers(1, n_steps)
        factor[row, first:] *= random.uniform(*DROP)
    return factor
