"""The household year: factor of a day by hand, mean one, mirrored in the south; late mornings at weekends."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.profiles.clock import Clock
from tieline.profiles.season import household_season, weekday_hour


def test_factor_of_new_year_over_midsummer():
    # 1.24 + 0.0021 - ... at day 1 is 1.24203; at day 172, by hand: 1.24 + 0.3612 - 2.07680 + 1.62829 - 0.34308 = 0.80961
    ratio = (
        household_season(np.array([1.0]), 50)[0]
        / household_season(np.array([172.0]), 50)[0]
    )
    assert ratio == pytest.approx(1.24203 / 0.80961, rel=1e-4)


@pytest.mark.parametrize("latitude", [50.0, -35.0])
def test_mean_over_the_year_is_one(latitude: float):
    assert household_season(np.arange(1.0, 366), latitude).mean() == pytest.approx(
        1.0, abs=1e-3
    )


def test_winter_is_in_july_in_the_south():
    south = household_season(np.array([15.0, 196.0]), -35)
    assert south[1] > 1.2 > 0.9 > south[0]


def test_weekend_mornings_are_late():
    hour, weekend = np.array([7.0, 7.0, 20.0]), np.array([False, True, True])
    assert weekday_hour(Clock(hour, weekend, np.ones(3))).tolist() == [7.0, 6.0, 20.0]
