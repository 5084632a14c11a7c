"""Stacked areas: all in one stack, lines outside of it."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.errors import ShapeError
from tieline.reports.stacked_areas import stacked_areas


def test_areas_share_a_stack_and_lines_do_not() -> None:
    figure = stacked_areas(
        [0, 1],
        {"a": [1, 2], "b": [3, 4]},
        lines={"demand": [5, 6]},
        x_title="hour",
        y_title="power [kW]",
    )
    traces: Any = figure.data
    assert [trace.stackgroup for trace in traces] == ["all", "all", None]
    assert list(traces[2].y) == [5, 6]


def test_a_single_point_is_seen() -> None:
    figure = stacked_areas([0], {"a": [1]}, x_title="", y_title="")
    traces: Any = figure.data
    assert traces[0].mode == "markers"


def test_values_of_another_length_are_refused() -> None:
    with pytest.raises(ShapeError, match="'a' have shape"):
        stacked_areas([0, 1], {"a": [1]}, x_title="", y_title="")
