"""Days from a seed."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.days import (
    day_of_shapes,
    drawn_day,
    group_of_load,
)
from tieline.envs.microgrids.plant import Plant

CONFIG = MicrogridsWorldConfig()


def test_day_of_the_shapes(plant: Plant):
    day = day_of_shapes(plant, CONFIG)
    assert day.load_kw.shape == (96, 72)
    assert day.sun.shape == (96, 5)
    assert day.stored_kwh == pytest.approx([200.0] * 5)
    mg4 = day.load_kw[:, plant.microgrids[3].loads].sum(axis=1)
    assert (mg4.min(), mg4.max()) == pytest.approx((330.0, 400.0), abs=0.5)
    # a power factor of 0.95 all day
    mg4_kvar = day.load_kvar[:, plant.microgrids[3].loads].sum(axis=1)
    assert mg4_kvar / mg4 == pytest.approx(np.tan(np.arccos(0.95)), rel=1e-6)


def test_drawn_days_stay_around_the_shape_and_come_from_their_seed(plant: Plant):
    mean = day_of_shapes(plant, CONFIG)
    days = [drawn_day(plant, CONFIG, seed) for seed in (1, 1, 2)]
    assert np.array_equal(days[0].load_kw, days[1].load_kw)
    assert np.array_equal(days[0].sun, days[1].sun)
    assert not np.allclose(days[0].load_kw, days[2].load_kw)
    assert not np.allclose(days[0].sun, days[2].sun)
    deviation = days[0].load_kw / mean.load_kw - 1
    assert np.abs(deviation).max() <= 0.08 + 1e-12
    # loads of one microgrid move together, those of two do not
    group = group_of_load(plant)
    for k in range(6):
        assert np.ptp(deviation[:, group == k], axis=1).max() < 1e-12
    assert 0.02 < deviation.std() < 0.06
    assert days[0].sun.max() <= 1.0
    assert (days[0].sun[mean.sun == 0] == 0).all()


def test_without_noise_and_clouds_a_drawn_day_is_the_shape(plant: Plant):
    calm = MicrogridsWorldConfig(load_noise=0.0, cloudiness="clear")
    day = drawn_day(plant, calm, 5)
    mean = day_of_shapes(plant, calm)
    assert day.load_kw == pytest.approx(mean.load_kw)
    assert day.sun == pytest.approx(mean.sun)
