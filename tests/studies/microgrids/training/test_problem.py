"""Returns of a batch of windows and their derivatives by finite differences, where devices can follow and where not."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.day import problem_of
from tieline.envs.microgrids.days import drawn_day
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.plan import merit_plan
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.set_points import controls_of, planned
from tieline.envs.microgrids.window_model import WindowModel
from tieline.envs.microgrids.windows import DayStack
from tieline.studies.microgrids.training.judge import Judge
from tieline.studies.microgrids.training.problem import WindowProblem
from tieline.typing import FloatArray

CONFIG = MicrogridsWorldConfig()
MARGIN = 0.01


def at_noon(plant: Plant) -> WindowProblem:
    """Four windows at noon, when no device is at a limit but the batteries, which rest."""
    days = [drawn_day(plant, CONFIG, seed) for seed in range(4)]
    stack = DayStack.of(days)
    start = stack.start(len(plant.microgrids))
    windows = stack.windows(np.arange(4), np.full(4, 44), 4, start)
    base = planned(plant, windows, merit_plan(plant, windows))
    model = WindowModel(plant, problem_of(plant, days[0]))
    judge = Judge(
        model, DeviceLimits.of(plant, days[0].step_h), share=0.1, tolerance=0.02
    )
    return WindowProblem(judge, windows, base, np.full(4, 0.25), MARGIN)


def actions(plant: Plant, scale: float, seed: int) -> list[FloatArray]:
    """Random departures; P of batteries towards discharge, Q upwards."""
    random = np.random.default_rng(seed)
    return [
        scale * (1.0 + 0.3 * random.standard_normal((4, 4 * control.n_numbers)))
        for control in controls_of(plant)
    ]


def test_slopes_by_finite_differences(plant: Plant) -> None:
    problem = at_noon(plant)
    middle = actions(plant, 0.1, 0)
    along = actions(plant, 1.0, 1)
    every = np.arange(len(problem.limits))
    problem.returns(middle)
    slopes = problem.slopes(middle, every)
    step = 1e-5

    def moved(part: float) -> FloatArray:
        pairs = zip(middle, along, strict=True)
        returns = problem.returns([one + part * other for one, other in pairs])
        return np.append(returns.objective, returns.constraints)

    change = (moved(step) - moved(-step)) / (2 * step)
    pairs = zip(slopes, along, strict=True)
    by_slopes = sum(np.einsum("msa,sa->m", slope, one) for slope, one in pairs)
    np.testing.assert_allclose(by_slopes, change, rtol=1e-4, atol=1e-6)
    # 17 groups of the grid, 15 devices, whose excess counts a quarter and may be 2 % of the rating
    assert problem.limits == pytest.approx([-MARGIN] * 17 + [0.005] * 15)


def test_a_wish_beyond_a_device_changes_nothing_further_out(plant: Plant) -> None:
    problem = at_noon(plant)
    none = actions(plant, 0.0, 0)
    # reactive power of one and a half times each rating
    far = [np.full(one.shape, 1.5) for one in none]
    further = [1.1 * one for one in far]
    assert problem.returns(far).objective == problem.returns(further).objective
    rows = np.arange(len(problem.limits))
    slopes = problem.slopes(far, rows)
    assert all((slope[0] <= 0).all() for slope in slopes)
