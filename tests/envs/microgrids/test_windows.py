"""Windows cut from days."""

from __future__ import annotations

import numpy as np

from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.days import drawn_day
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.windows import DayStack

CONFIG = MicrogridsWorldConfig()


def test_a_window_holds_the_steps_of_its_day_and_goes_on_at_its_beginning(
    plant: Plant,
) -> None:
    days = [drawn_day(plant, CONFIG, seed) for seed in (3, 4)]
    stack = DayStack.of(days)
    numbers = np.array([1, 0])
    first = np.array([10, 94])

    windows = stack.windows(numbers, first, 4, stack.start(len(plant.microgrids)))

    np.testing.assert_array_equal(windows.load_kw[0], days[1].load_kw[10:14])
    around = [94, 95, 0, 1]
    np.testing.assert_array_equal(windows.load_kw[1], days[0].load_kw[around])
    np.testing.assert_array_equal(windows.hour[1], [23.5, 23.75, 0.0, 0.25])
