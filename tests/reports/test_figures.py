"""Figures hold the numbers they were given, and refuse what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.errors import ShapeError
from tieline.reports.figures import (
    bar,
    lines_with_band,
    voltage_profile_vs_distance,
)


def test_band_lies_around_the_line_of_its_name_only():
    figure: Any = lines_with_band(
        [0, 1],
        {"a": [1, 2], "b": [3, 4]},
        bands={"b": ([2, 3], [4, 5])},
        x_title="hour [h]",
        y_title="load [kW]",
    )
    line_a, low, high, line_b = figure.data
    assert (list(line_a.y), list(line_b.y)) == ([1, 2], [3, 4])
    assert (list(low.y), list(high.y), high.fill) == ([2, 3], [4, 5], "tonexty")


def test_lines_refuse_a_wrong_length():
    with pytest.raises(ShapeError, match="'a' have shape"):
        lines_with_band([0, 1], {"a": [1, 2, 3]}, x_title="x", y_title="y")


def test_horizontal_bars_start_at_the_top():
    figure: Any = bar(
        ["rule", "plan"],
        {"cost": [4.0, 3.0]},
        value_title="cost [EUR]",
        horizontal=True,
    )
    assert list(figure.data[0].x) == [4.0, 3.0]
    assert figure.layout.yaxis.autorange == "reversed"
    assert figure.layout.xaxis.title.text == "cost [EUR]"
    assert figure.layout.showlegend is False


def test_stacked_bars():
    figure: Any = bar(
        ["rule"],
        {"energy": [4.0], "loss": [1.0]},
        value_title="cost [EUR]",
        stacked=True,
    )
    assert figure.layout.barmode == "stack"
    assert figure.layout.showlegend is True


def test_profile_joins_each_bus_to_its_parent_and_skips_missing_phases():
    figure: Any = voltage_profile_vs_distance(
        [0.0, 1.0, 2.0, 1.5],
        {"phase 1": [1.02, 1.01, 1.00, np.nan]},
        parent=[-1, 0, 1, 1],
        buses=["s", "a", "b", "c"],
        limits={"lower limit": 0.95},
    )
    lines, points = figure.data
    assert np.array_equal(
        lines.x, [0, 1, np.nan, 1, 2, np.nan, 1, 1.5, np.nan], equal_nan=True
    )
    assert np.array_equal(
        lines.y,
        [1.02, 1.01, np.nan, 1.01, 1.0, np.nan, 1.01, np.nan, np.nan],
        equal_nan=True,
    )
    assert list(points.x) == [0, 1, 2]
    assert list(points.text) == ["s", "a", "b"]
