"""Intervals: where they begin and end, also at the ends of the day; bars stand where the intervals are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.reports.interval_bars import interval_bars, intervals_of


@pytest.mark.parametrize(
    ("holds", "intervals"),
    [
        ([0, 1, 1, 0, 1], [(0.5, 1.5), (2.0, 2.5)]),
        ([1, 1, 1, 1, 1], [(0.0, 2.5)]),
        ([0, 0, 0, 0, 0], []),
    ],
)
def test_intervals_without_a_break(
    holds: list[int], intervals: list[tuple[float, float]]
) -> None:
    starts = np.arange(5) * 0.5
    assert intervals_of(np.array(holds, dtype=bool), starts, 0.5) == intervals


def test_time_that_is_of_no_step_is_a_break() -> None:
    """Two evenings, of which each last step is the shorter one."""
    starts = [17.0, 17.7, 41.0, 41.7]
    lengths = [0.7, 0.3, 0.7, 0.3]
    always = np.ones(4, dtype=bool)
    evenings = intervals_of(always, starts, lengths)
    assert evenings == [(17.0, 18.0), (41.0, pytest.approx(42.0))]


def test_bars_stand_where_the_intervals_are() -> None:
    figure = interval_bars(
        {"2 + 3": [(5.0, 13.5), (22.5, 23.5)], "5 + 6": []},
        x_range=(0, 24),
        x_title="hour",
        colours={"5 + 6": "#123456"},
    )
    traces: Any = figure.data
    first, second = traces
    assert (list(first.base), list(first.x)) == ([5.0, 22.5], [8.5, 1.0])
    assert second.marker.color == "#123456"
    layout: Any = figure.layout
    assert list(layout.xaxis.range) == [0, 24]
