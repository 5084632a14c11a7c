"""Days that go their way: state from step to step, and days that begin anew."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.window_policies.inputs import Eyes
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.day import problem_of
from tieline.envs.microgrids.days import drawn_day
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.set_points import SetPoints
from tieline.envs.microgrids.window_model import WindowModel
from tieline.envs.microgrids.windows import DayStack, Windows
from tieline.studies.microgrids.training.walk import Steps, Walk, roll_out

CONFIG = MicrogridsWorldConfig()


@pytest.fixture(scope="module")
def days(plant: Plant) -> DayStack:
    """Two days."""
    return DayStack.of([drawn_day(plant, CONFIG, seed) for seed in (1, 2)])


@pytest.fixture(scope="module")
def steps(plant: Plant) -> Steps:
    """Of windows of four steps."""
    model = WindowModel(plant, problem_of(plant, drawn_day(plant, CONFIG, 1)))
    return Steps(Eyes(plant), model, DeviceLimits.of(plant, 0.25), 4)


def merit(plant: Plant, windows: Windows) -> SetPoints:
    """The plan."""
    return Eyes(plant).see(windows).base


def test_merit_order_rolled_out_is_what_the_study_makes_of_it(
    plant: Plant, days: DayStack, steps: Steps
) -> None:
    course = roll_out(days, steps, lambda windows: merit(plant, windows))
    # emptied to 40 kWh at the peak, then 95 kWh in the last hour: 65 less than at the start in each of five
    assert course.stored_gain_kwh.sum(axis=1) == pytest.approx([-325.0] * 2)
    assert course.cost.shape == (2, 96, 5)
    # voltages of the step before: at the start with 220 kW of each generator, then at what merit order gives at midnight
    assert course.starts[0].pcc_pu.min() > course.starts[1].pcc_pu.min() + 0.03
    assert course.starts[1].pcc_pu.max() < 1.03


def test_a_day_that_is_over_begins_anew(
    plant: Plant, days: DayStack, steps: Steps
) -> None:
    random = np.random.default_rng(0)
    walk = Walk(days, steps, 40, lambda windows: merit(plant, windows), random)
    hour_before = walk.windows().hour[:, 0]

    walk.advance(merit(plant, walk.windows()))

    windows = walk.windows()
    assert windows.hour[:, 0] == pytest.approx((hour_before + 0.25) % 24)
    is_new = windows.hour[:, 0] == 0.0
    if is_new.any():
        assert windows.start.last_kw[is_new] == pytest.approx(220.0)
