"""Steps of time, and what the clock on the wall shows at each: the hour, the day of the week, the day of the year.

Steps are even in real time. On the day the clocks go forward the local day has 23 hours and no step is lost; on the day they
go back it has 25 and an hour of the clock comes twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from tieline.profiles.config import ProfileConfig
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Clock:
    """Middle of each step: `hour` of the local day [h], `is_weekend`, `day_of_year` (from 1, with fraction); all (time,)."""

    hour: FloatArray
    is_weekend: BoolArray
    day_of_year: FloatArray


def steps(config: ProfileConfig) -> pd.DatetimeIndex:
    """Start of every step of the configured local days, (time,)."""
    day_after = config.start + timedelta(days=config.days)
    ends = pd.DatetimeIndex([config.start, day_after])
    # in some zones the clocks change at midnight: the day then begins an hour late, or at the first of two midnights
    first, last = ends.tz_localize(
        config.time_zone, ambiguous=np.ones(2, bool), nonexistent="shift_forward"
    )
    return pd.date_range(
        first, last, freq=f"{config.step_minutes}min", inclusive="left"
    )


def instants(times: pd.DatetimeIndex) -> IntArray:
    """Time since the beginning of 1970, whatever the time zone, (time,) [ns]."""
    return np.asarray(times.values, dtype="datetime64[ns]").astype(np.int64)


def read_clock(times: pd.DatetimeIndex) -> Clock:
    """The clock at the middle of each step of `times`, (time,)."""
    step = times[1] - times[0]
    middle = times + step / 2
    minutes_h = middle.minute / 60
    seconds_h = middle.second / 3600
    hour = np.asarray(middle.hour + minutes_h + seconds_h, dtype=float)
    is_weekend = np.asarray(middle.dayofweek >= 5)
    # 1.5 is noon on the first of January
    day = middle.dayofyear + hour / 24
    day_of_year = np.asarray(day, dtype=float)
    return Clock(hour, is_weekend, day_of_year)
