"""`School`: the plant, its model and the days of a training; and what a course of days is told as."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.agents.window_policies.inputs import Eyes
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.pool import Pool
from tieline.envs.microgrids.window_model import WindowModel
from tieline.studies.microgrids.training.config import LearnerConfig
from tieline.studies.microgrids.training.judge import Judge
from tieline.studies.microgrids.training.walk import Course, Steps

NOTICED = 1e-4
"""A violation is more than this, in per unit of voltages and shares of flows; less is the rounding of an optimiser."""


@dataclass(frozen=True, eq=False)
class School:
    """What does not change in a training: plant, model, days of the training and days of checks."""

    eyes: Eyes
    judge: Judge
    steps: Steps
    lessons: Pool
    checks: Pool

    @classmethod
    def of(
        cls,
        lessons: Pool,
        checks: Pool,
        eyes: Eyes,
        config: LearnerConfig,
        window_steps: int,
    ) -> School:
        """From days of training and of checks."""
        plant = eyes.plant
        model = WindowModel(plant, lessons.problem)
        devices = DeviceLimits.of(plant, lessons.days.step_h)
        judge = Judge(model, devices, config.tail_share, config.device_tolerance)
        steps = Steps(eyes, model, devices, window_steps)
        return cls(eyes, judge, steps, lessons, checks)


def told(course: Course, school: School) -> dict[str, float]:
    """Cost of a day, stored energy paid back, and the share of steps in which a limit is broken."""
    value = school.eyes.plant.stored_value
    gain_kwh = course.stored_gain_kwh.sum(axis=1)
    spent = course.cost.sum(axis=(1, 2))
    of_day = spent - value * gain_kwh
    beyond = course.excess * school.judge.model.unit
    # without a power flow all limits are broken
    beyond = np.where(np.isnan(beyond), np.inf, beyond)
    is_broken = np.any(beyond > NOTICED, axis=2)
    mean_cost = of_day.mean()
    broken_share = is_broken.mean()
    worst = beyond.max()
    return {
        "return_mean": -float(mean_cost),
        "violating_steps_pct": 100 * float(broken_share),
        "violation_max": float(worst),
    }
