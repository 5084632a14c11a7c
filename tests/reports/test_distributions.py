"""Boxes and shares of draws hold the numbers they were given, and refuse what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.errors import ShapeError
from tieline.reports.distributions import box_by_bus, empirical_cdf, histogram_and_cdf
from tieline.reports.figure_look import MOST_TICK_NAMES


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
