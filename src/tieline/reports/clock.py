"""Times as reports have them: in sentences for people, on axes hours of the day for lines and clock times for heat maps and
sliders.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.typing import FloatArray

HOUR_TITLE = "hour of the day"


def moment_words(stamp: str | pd.Timestamp) -> str:
    """A moment in a sentence: "2025-06-21T12:45-06:00" is "21 June, 12:45", by the clock of the place.

    The year of profiles says nothing in most questions; where it does, tables have it.
    """
    moment = pd.Timestamp(stamp)
    return f"{moment.day} {moment:%B, %H:%M}"


def date_words(stamp: str | pd.Timestamp) -> str:
    """A date in a sentence: "2025-06-21T12:45-06:00" is "21 June 2025"."""
    moment = pd.Timestamp(stamp)
    return f"{moment.day} {moment:%B %Y}"


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
