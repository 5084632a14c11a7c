"""Days of 23, 24 and 25 hours, and the hour of the wall clock."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.profiles.clock import instants, read_clock, steps
from tieline.profiles.config import ProfileConfig


def config(start: str, **values: object) -> ProfileConfig:
    return ProfileConfig.model_validate(
        {"start": start, "time_zone": "Europe/Berlin", "step_minutes": 60, **values}
    )


@pytest.mark.parametrize(
    ("start", "hours"), [("2025-03-30", 23), ("2025-06-21", 24), ("2025-10-26", 25)]
)
def test_a_local_day_has_as_many_hours_as_it_has(start: str, hours: int):
    assert len(steps(config(start))) == hours


@pytest.mark.parametrize(
    ("start", "hours"), [("2025-09-07", 23), ("2025-04-05", 25), ("2025-04-06", 24)]
)
def test_clocks_that_change_at_midnight(start: str, hours: int):
    times = steps(config(start, time_zone="America/Santiago"))
    assert len(times) == hours
    assert set(times.date) == {times[0].date()}


def test_clock_skips_and_repeats_the_odd_hour():
    assert read_clock(steps(config("2025-03-30"))).hour[:4].tolist() == [
        0.5,
        1.5,
        3.5,
        4.5,
    ]
    assert read_clock(steps(config("2025-10-26"))).hour[:5].tolist() == [
        0.5,
        1.5,
        2.5,
        2.5,
        3.5,
    ]


def test_weekend_and_day_of_year():
    clock = read_clock(steps(config("2025-01-03", days=3)))
    assert np.unique(np.flatnonzero(clock.is_weekend) // 24).tolist() == [1, 2]
    assert clock.day_of_year[0] == pytest.approx(3 + 0.5 / 24)


def test_steps_of_days_across_the_change_stay_even():
    times = steps(config("2025-03-29", days=3, step_minutes=15))
    assert len(times) == 4 * (24 + 23 + 24)
    assert len(np.unique(np.diff(instants(times)))) == 1
