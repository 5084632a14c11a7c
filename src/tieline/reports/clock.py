"""Times as reports have them: in sentences for people, on axes hours of the day for lines and clock times for heat maps and
sliders.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tieline.typing import FloatArray

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HOUR_TITLE = "time of day"
"""Title of an axis of hours; figures write clock times on it."""

TICK_STEPS_H = (0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 12.0)
MOST_TICKS = 8
"""Steps between two labels of an axis, and how many labels fit below a figure of a phone's width."""

SAME_HOUR = 1e-6
"""What rounding leaves between two hours that are one."""


def moment_words(stamp: str | datetime) -> str:
    """A moment in a sentence: "2025-06-21T12:45-06:00" is "21 June, 12:45", by the clock of the place.

    The year of profiles says nothing in most questions; where it does, tables have it.
    """
    moment = pd.Timestamp(stamp)
    return f"{moment.day} {moment:%B, %H:%M}"


def date_words(stamp: str | date) -> str:
    """A date in a sentence: "2025-06-21T12:45-06:00" is "21 June 2025"."""
    moment = pd.Timestamp(stamp)
    return f"{moment.day} {moment:%B %Y}"


def hours_of_day(times: pd.Series) -> FloatArray:
    """Hours since the midnight before the first time; a second day goes on from 24, (time,)."""
    stamps = pd.to_datetime(times)
    elapsed = stamps - stamps.iloc[0].normalize()
    return np.asarray(elapsed / pd.Timedelta(hours=1), dtype=float)


def clock_axis(figure: Figure, hours: FloatArray) -> Figure:
    """A figure over hours of the day with clock times on its axis, as heat maps and sliders have them."""
    span_h = float(np.ptp(hours))
    # the first of these steps that leaves room between two labels
    step_h = next((step for step in TICK_STEPS_H if span_h / step <= MOST_TICKS), 24.0)
    first = np.ceil(hours.min() / step_h) * step_h
    ticks = np.arange(first, hours.max() + SAME_HOUR, step_h)
    texts = [_clock_time(hour) for hour in ticks]
    figure.update_xaxes(tickvals=ticks, ticktext=texts)
    return figure


def _clock_time(hour: float) -> str:
    """Clock time of an hour; midnight at the end of a day is 24:00."""
    minutes = round(hour * 60)
    hours, minute = divmod(minutes, 60)
    if hours > 24:
        hours %= 24
    return f"{hours:02d}:{minute:02d}"


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
