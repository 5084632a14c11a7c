"""Times as the axes of reports have them: hours of the day for lines, clock times for heat maps and sliders."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.typing import FloatArray

HOUR_TITLE = "hour of the day"


def hours_of_day(times: pd.Series) -> FloatArray:
    """Hours since the midnight before the first time; a second day goes on from 24, (time,)."""
    stamps = pd.to_datetime(times)
    elapsed = stamps - stamps.iloc[0].normalize()
    return np.asarray(elapsed / pd.Timedelta(hours=1), dtype=float)


def clock_times(times: pd.Series) -> list[str]:
    """Each time once; with the day of the month where there are several."""
    stamps = pd.to_datetime(times.unique())
    is_one_day = len({stamp.date() for stamp in stamps}) == 1
    form = "%H:%M" if is_one_day else "%d %H:%M"
    return [stamp.strftime(form) for stamp in stamps]


def step_hours(hours: FloatArray) -> float:
    """Length of a step [h], of the first; an hour where there is a single one."""
    if len(hours) > 1:
        return float(hours[1] - hours[0])
    return 1.0
