"""Times on axes: hours go on over midnight, clock times name the day where there are several."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from tieline.reports.clock import (
    clock_axis,
    clock_times,
    date_words,
    hours_of_day,
    moment_words,
    step_hours,
)


def times(count: int) -> pd.Series:
    stamps = pd.date_range("2026-06-01 23:00", periods=count, freq="30min", tz="UTC")
    return pd.Series(stamps)


def test_hours_go_on_over_midnight() -> None:
    hours = hours_of_day(times(4))
    assert hours.tolist() == [23.0, 23.5, 24.0, 24.5]
    assert step_hours(hours) == 0.5
    assert step_hours(hours[:1]) == 1.0


def test_clock_times_name_the_day_where_there_are_several() -> None:
    twice = pd.concat([times(2), times(2)])
    assert clock_times(twice) == ["23:00", "23:30"]
    assert clock_times(times(3))[-1] == "02 00:00"


def test_a_moment_in_a_sentence_is_that_of_the_place() -> None:
    assert moment_words("2025-06-21T12:45-06:00") == "21 June, 12:45"
    assert date_words("2026-11-28T22:13:10+00:00") == "28 November 2026"


def test_hours_have_clock_times_on_their_axis() -> None:
    hours = np.arange(0.0, 24.0, 0.25)
    axis = clock_axis(go.Figure(), hours).layout.xaxis
    assert list(axis.ticktext)[:3] == ["00:00", "04:00", "08:00"]
    assert list(axis.tickvals)[:3] == [0, 4, 8]
    evening = clock_axis(go.Figure(), np.array([23.0, 24.0, 25.0])).layout.xaxis
    assert "24:00" in evening.ticktext
    assert "01:00" in evening.ticktext
