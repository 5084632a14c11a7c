"""Days and splits of the substations' series: the published counts, and whole days in local time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.envs.substation_days.series import half_hours
from tieline.envs.substation_days.splits import (
    PERIOD,
    SUMMER,
    day_numbers,
    glued_windows,
    is_held_out,
    whole_days,
)


def test_held_out_half_hours_are_as_many_as_published() -> None:
    """54 days of 48 half hours less the 20 before 10:00 of the first, which midnight UTC cuts off."""
    times = half_hours(*PERIOD)
    assert len(times) == 214 * 48
    assert times[0].hour == 10
    assert is_held_out(times).sum() == 54 * 48 - 20 == 2572


def test_windows_are_glued_over_days_that_are_left_out() -> None:
    times = half_hours(*PERIOD)
    starts = np.array([0, 27, 2524])
    windows = glued_windows(times, is_held_out(times), starts)
    assert windows.index.shape == (3, 49)
    assert windows.names[0] == "2024-05-01 10:00"
    assert times[windows.index[0, 27]].strftime("%d %H:%M") == "01 23:30"
    # 28 half hours are left of the first day; then follows the fifth, not the second
    assert times[windows.index[0, 28]].strftime("%d %H:%M") == "05 00:00"
    assert windows.index[1].tolist() == [
        *windows.index[0, 27:].tolist(),
        *(windows.index[0, 48] + np.arange(1, 28)).tolist(),
    ]
    # nothing follows the very last half hour
    assert windows.index[2, 47] == windows.index[2, 48] == len(times) - 1 - 22 - 48


def test_whole_days_begin_at_midnight_and_leave_out_those_of_other_lengths() -> None:
    times = half_hours(*PERIOD)
    held_out = is_held_out(times)
    days = whole_days(times, held_out)
    trained = whole_days(times, ~held_out)
    assert days.hour[:, 0].tolist() == [0.25] * days.n_windows
    assert days.names[0] == "2024-05-05 00:00"
    # 215 local days, less the first and the last, which are cut, and 6 October, which has 23 hours
    assert days.n_windows + trained.n_windows == 212
    assert not {name[:10] for name in days.names} & {
        name[:10] for name in trained.names
    }
    assert not any(name.startswith("2024-10-06") for name in trained.names)


def test_day_numbers_follow_the_local_calendar_over_a_change_of_clocks() -> None:
    times = pd.date_range(
        "2024-10-05 12:00", periods=72, freq="30min", tz="Australia/Sydney"
    )
    assert np.bincount(day_numbers(times)).tolist() == [24, 46, 2]


def test_summer_has_its_90_days_but_the_two_that_utc_cuts() -> None:
    times = half_hours(*SUMMER)
    summer = whole_days(times, np.ones(len(times), dtype=bool))
    assert summer.n_windows == 89
    assert summer.names[0] == "2024-12-02 00:00"
