"""The state before the first step is that of a step at what was before."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.before import state_before
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.day import problem_of
from tieline.envs.microgrids.days import day_of_shapes, drawn_day
from tieline.envs.microgrids.observe import Observer
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.windows import DayStack
from tieline.opf import replay

CONFIG = MicrogridsWorldConfig()


def test_voltages_are_those_of_the_powers_before(plant: Plant) -> None:
    days = [day_of_shapes(plant, CONFIG), drawn_day(plant, CONFIG, 1)]
    observer = Observer.of(plant)

    start = state_before(observer, DayStack.of(days))

    for number, day in enumerate(days):
        der_kw = np.zeros((1, len(plant.network.feeder.ders)))
        der_kw[:, plant.generator_ders] = 220.0
        der_kw[:, plant.pv_ders] = plant.pv.available_kw(day.sun[:1])
        first = problem_of(plant, day).window(0, 1)
        solution = replay(first, der_kw, np.zeros_like(der_kw)).solution
        expected = observer.pcc_pu(solution)[0]
        assert start.pcc_pu[number] == pytest.approx(expected, abs=1e-7)
    assert (start.stored_kwh == 200.0).all()
