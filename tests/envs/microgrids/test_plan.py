"""The merit plan by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.days import day_of_shapes
from tieline.envs.microgrids.plan import merit_plan
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.windows import DayStack

CONFIG = MicrogridsWorldConfig()


def test_towards_the_morning_and_towards_the_peak(plant: Plant) -> None:
    stack = DayStack.of([day_of_shapes(plant, CONFIG)] * 2)
    # 6:30 and 15:30: the price rises at 7 and at 16 h
    first = np.array([26, 62])
    start = stack.start(len(plant.microgrids))
    start.last_kw[0] = 0.0

    plan = merit_plan(plant, stack.windows(np.arange(2), first, 4, start))

    # (0.10 / 0.40 - 0.1709) / (2 x 0.0001773) = 223.07 kW; 150 kW a step
    assert plan.generator_kw[0, :, 0] == pytest.approx([0, 0, 150, 223.07], abs=0.01)
    assert plan.generator_kw[1, :, 0] == pytest.approx(
        [220 + 3.07] * 2 + [300] * 2, abs=0.01
    )
    # 0.06 is below 0.10 x 0.95, 0.10 between it and 0.10 / 0.95, 0.16 above
    assert plan.battery_kw[0, :, 0] == pytest.approx([-100, -100, 0, 0])
    assert plan.battery_kw[1, :, 0] == pytest.approx([0, 0, 100, 100])
