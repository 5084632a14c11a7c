"""Heat maps: the break of the colour scale at the limit, and shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.errors import ShapeError
from tieline.reports.colours import LIMIT, VIRIDIS
from tieline.reports.heat_map import (
    ABOVE,
    DIVERGING,
    colour_scale,
    heat_maps,
    heat_maps_around,
)


def test_colours_break_at_the_limit() -> None:
    scale = colour_scale(1.0, 1.1, 1.05)
    assert scale[0] == (0.0, VIRIDIS[0])
    at_limit = [colour for share, colour in scale if share == pytest.approx(0.5)]
    assert at_limit == [VIRIDIS[-1], ABOVE]
    assert scale[-1] == (1.0, LIMIT)


def test_a_single_value_beyond_the_limit_is_red() -> None:
    assert colour_scale(1.0, 1.0, 0.0)[-1] == (1.0, LIMIT)
    assert colour_scale(1.0, 1.0, 2.0)[-1] == (1.0, VIRIDIS[-1])


@pytest.mark.parametrize(
    ("limit", "last"), [(1.2, VIRIDIS[-1]), (1.0, LIMIT), (0.9, LIMIT)]
)
def test_a_limit_outside_the_values(limit: float, last: str) -> None:
    scale = colour_scale(1.0, 1.1, limit)
    assert (scale[0][0], scale[-1]) == (0.0, (1.0, last))


@pytest.mark.parametrize(
    ("title", "named"), [("time", 3), ("hours since islanding", 1)]
)
def test_titles_of_axes_side_by_side_do_not_touch(title: str, named: int) -> None:
    figure = heat_maps(
        {name: np.ones((1, 2)) for name in ("a", "b", "c")},
        x=["0", "1"],
        y=["bus"],
        limit=1.0,
        x_title=title,
        y_title="bus",
        value_title="voltage [pu]",
    )
    axes: Any = figure.layout
    titles = [axes[f"xaxis{k}"].title.text for k in ("", "2", "3")]
    assert titles.count(title) == named


def test_labels_of_many_panels_leave_room_between_them() -> None:
    figure = heat_maps(
        {name: np.ones((1, 96)) for name in ("a", "b", "c")},
        x=[str(step) for step in range(96)],
        y=["bus"],
        limit=1.0,
        x_title="time",
        y_title="bus",
        value_title="voltage [pu]",
    )
    layout: Any = figure.layout
    axes = [layout[name] for name in ("xaxis", "xaxis2", "xaxis3")]
    assert [axis.nticks for axis in axes] == [4, 4, 4]


def test_a_blank_panel_has_the_axis_of_the_others() -> None:
    """And a title on two lines its room."""
    figure = heat_maps(
        {
            "a": np.ones((1, 3)),
            "no limit of generators in some of them": np.full((1, 3), np.nan),
        },
        x=["22:00", "22:15", "22:30"],
        y=["bus"],
        limit=1.0,
        x_title="time",
        y_title="bus",
        value_title="voltage [pu]",
    )
    layout: Any = figure.layout
    for axis in (layout["xaxis"], layout["xaxis2"]):
        assert list(axis.categoryarray) == ["22:00", "22:15", "22:30"]
        assert list(axis.range) == [-0.5, 2.5]
    assert layout["margin"]["t"] == 70


def test_panels_share_one_scale() -> None:
    figure = heat_maps(
        {"a": np.array([[1.0, np.nan]]), "b": np.array([[1.1, 1.2]])},
        x=["0", "1"],
        y=["bus"],
        limit=1.15,
        x_title="time",
        y_title="bus",
        value_title="voltage [pu]",
    )
    traces: Any = figure.data
    assert len(traces) == 2
    layout: Any = figure.layout
    assert layout.xaxis.nticks == 6
    assert (layout.coloraxis.cmin, layout.coloraxis.cmax) == (1.0, 1.2)
    with pytest.raises(ShapeError, match=r"'a' has shape \(1,\)"):
        heat_maps(
            {"a": np.array([1.0])},
            x=["0"],
            y=["bus"],
            limit=1,
            x_title="",
            y_title="",
            value_title="",
        )


def test_the_middle_is_white_and_both_sides_reach_equally_far() -> None:
    figure = heat_maps_around(
        {"loss": np.array([[-0.02, 0.01]]), "none": np.array([[np.nan, 0.0]])},
        x=["0", "1"],
        y=["bus"],
        middle=0.0,
        x_title="time",
        y_title="bus",
        value_title="price",
    )
    layout: Any = figure.layout
    axis = layout.coloraxis
    assert (axis.cmin, axis.cmax) == (-0.02, 0.02)
    scale = list(axis.colorscale)
    assert scale[len(scale) // 2] == (0.5, DIVERGING[len(DIVERGING) // 2])


def test_one_value_everywhere_has_no_scale() -> None:
    figure = heat_maps(
        {
            "a title that is longer than its panel": np.full((1, 2), 100.0),
            "b": np.full((1, 2), np.nan),
        },
        x=["1", "2"],
        y=["place"],
        limit=101.0,
        x_title="",
        y_title="",
        value_title="%",
    )
    assert not figure.layout.coloraxis.showscale
    assert (
        figure.layout.annotations[0].text == "a title that is longer than its<br>panel"
    )
