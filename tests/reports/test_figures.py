"""Figures hold the numbers they were given, and refuse what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.errors import ShapeError
from tieline.reports.figures import (
    MOST_TICK_NAMES,
    bar,
    box_by_bus,
    empirical_cdf,
    histogram_and_cdf,
    lines_with_band,
    voltage_profile_vs_distance,
)


def untyped(figure: Any) -> Any:
    """The same figure; plotly's types do not know the attributes of traces and layout."""
    return figure


def test_box_holds_the_five_numbers_and_the_limit():
    figure: Any = box_by_bus(
        ["a", "b"],
        [1, 2],
        [2, 3],
        [3, 4],
        [4, 5],
        [5, 6],
        y_title="v [pu]",
        limits={"limit": 9.0},
    )
    (box,) = figure.data
    five = [
        list(box[key]) for key in ("lowerfence", "q1", "median", "q3", "upperfence")
    ]
    assert five == [[1, 2], [2, 3], [3, 4], [4, 5], [5, 6]]
    assert figure.layout.shapes[0].y0 == 9.0
    assert figure.layout.yaxis.autorangeoptions.include == (9.0,)
    assert figure.layout.yaxis.title.text == "v [pu]"


def test_box_of_many_buses_has_no_tick_names():
    many = [f"b{k}" for k in range(MOST_TICK_NAMES + 1)]
    zeros = np.zeros(len(many))
    assert (
        untyped(
            box_by_bus(many, zeros, zeros, zeros, zeros, zeros, y_title="v")
        ).layout.xaxis.showticklabels
        is False
    )


def test_box_refuses_a_wrong_length():
    with pytest.raises(
        ShapeError, match=r"'q75' have shape \(1,\), but the axis has 2 points"
    ):
        box_by_bus(["a", "b"], [1, 2], [2, 3], [3, 4], [4], [5, 6], y_title="v")


def test_histogram_shares_add_up_and_leave_out_nan():
    values = np.append(np.random.default_rng(1).normal(size=(10, 50)), np.nan)
    bars, cdf = untyped(histogram_and_cdf(values, x_title="v [pu]", bins=20)).data
    assert np.sum(bars.y) == pytest.approx(100.0)
    assert len(bars.y) == 20
    assert cdf.y[-1] == pytest.approx(100.0)


def test_histogram_of_nothing():
    bars, cdf = untyped(histogram_and_cdf([np.nan], x_title="v")).data
    assert np.sum(bars.y) == 0
    assert len(cdf.x) == 0


def test_empirical_cdf_by_hand():
    at, share_pct = empirical_cdf(np.array([1.0, 2.0, 2.0, 5.0]))
    assert at.tolist() == [1, 2, 2, 5]
    assert share_pct.tolist() == [25, 75, 75, 100]


def test_thinned_cdf_keeps_its_ends_and_its_values():
    draws = np.sort(np.random.default_rng(2).normal(size=10_000))
    at, share_pct = empirical_cdf(draws, most_points=100)
    assert len(at) == 100
    assert (at[0], at[-1]) == (draws[0], draws[-1])
    assert share_pct == pytest.approx([100 * np.mean(draws <= value) for value in at])


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
