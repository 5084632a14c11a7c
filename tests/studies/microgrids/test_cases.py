"""The published cases: their hours, and how a day that is drawn differs."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.cases import FIRST_HELD_OUT, make_day, make_days
from tieline.studies.microgrids.config import MicrogridsConfig


def test_the_paper_window_is_one_hour_at_one_price(plant: Plant) -> None:
    day = make_day(plant, MicrogridsConfig(case="paper-window"))
    assert (day.price == 0.10).all()
    assert not day.sun.any()
    of_microgrids = [day.load_kw[:, one.loads].sum(axis=1) for one in plant.microgrids]
    assert np.mean(of_microgrids, axis=1) == pytest.approx(
        [197.52, 199.68, 184.21, 240.14, 206.93]
    )


def test_the_peak_begins_at_full_power(plant: Plant) -> None:
    day = make_day(plant, MicrogridsConfig(case="peak-window"))
    assert list(day.hour) == [19.0, 19.25, 19.5, 19.75]
    assert list(day.last_kw) == [300.0] * 5


def test_drawn_days_have_loads_around_the_shape(plant: Plant) -> None:
    config = MicrogridsConfig(case="held-out", days=3)
    days = make_days(plant, config)
    assert list(days) == [FIRST_HELD_OUT + k for k in range(3)]
    shape = make_day(plant, MicrogridsConfig())
    for day in days.values():
        ratio = day.load_kw / shape.load_kw
        # two spreads of 4 %
        assert np.abs(ratio - 1).max() <= 0.08 + 1e-12
        assert np.abs(ratio - 1).max() > 0.02
