"""Heat maps side by side with one colour scale: with a limit, above which everything is red, or around a middle.

Below a limit colours go from light to dark as values rise; the break at the limit is sharp, so that a map answers "does it
hold" at a glance. Around a middle they go from white to blue below it and to brown above it, so that the sign is seen first.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tieline.errors import ShapeError
from tieline.reports.colours import LIMIT, VIRIDIS
from tieline.reports.figure_look import template
from tieline.typing import FloatArray

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROW_PX = 13
LEAST_PX = 260
FRAME_PX = 86
TITLE_PX = 13
"""Of letters, as those of an axis: larger ones reach over the next panel on paper."""

TITLE_LINE_PX = 20
ABOVE_TITLES_PX = 30
"""Room for the buttons of a figure, which would lie on the titles."""

LEAST_REACH = 1e-9
"""A scale has two ends, also where all values are equal."""

TICKS_OF_A_PAGE = 12
"""Labels along the axes of all panels together, as many as stand side by side without touching."""

MOST_TICKS = 6
"""Of one panel: more than that is a fringe."""

LETTERS_OF_A_PAGE = 66
"""Of the titles of all panels together."""

LETTERS_OF_A_PHONE = 44
"""Of the titles of their axes together, where a phone shows the panels and long names of rows beside them."""

ABOVE = "#f2a29b"
"""Light end of what is above the limit; its dark end is the colour of limits."""

DIVERGING = (
    "#053061",
    "#2166ac",
    "#67a9cf",
    "#d1e5f0",
    "#f7f7f7",
    "#fddbc7",
    "#d8a05c",
    "#a6611a",
    "#543005",
)
"""Blue below the middle, brown above it; after C. Brewer's RdBu and BrBG, whose ends all colour-blind readers tell apart."""


def heat_maps(
    panels: Mapping[str, FloatArray],
    *,
    x: Sequence[str],
    y: Sequence[str],
    limit: float,
    x_title: str,
    y_title: str,
    value_title: str,
) -> Figure:
    """One map per panel.

    Args:
        panels: title and values of each, (y, x); NaN is left blank.
        x, y: names along the axes, y from the bottom.
        limit: values above it are red.
        x_title, y_title, value_title: quantities with their units.

    Raises:
        ShapeError: if a panel is not (y, x).
    """
    colour_axis = _colour_axis(panels, limit, value_title)
    return _side_by_side(panels, x, y, (x_title, y_title), colour_axis)


def heat_maps_around(
    panels: Mapping[str, FloatArray],
    *,
    x: Sequence[str],
    y: Sequence[str],
    middle: float,
    x_title: str,
    y_title: str,
    value_title: str,
) -> Figure:
    """One map per panel, blue below a middle value and brown above it, equally far to both sides.

    Args:
        panels, x, y, x_title, y_title, value_title: as in `heat_maps`.
        middle: the value that is white.

    Raises:
        ShapeError: if a panel is not (y, x).
    """
    reach = max(_reach(panel, middle) for panel in panels.values())
    colour_axis = {
        "cmin": middle - reach,
        "cmax": middle + reach,
        "colorscale": list(DIVERGING),
        "colorbar": _colour_bar(value_title),
    }
    return _side_by_side(panels, x, y, (x_title, y_title), colour_axis)


def _reach(values: FloatArray, middle: float) -> float:
    """The largest distance from the middle; a little where all values are there."""
    numbers = np.asarray(values, dtype=float)
    finite = numbers[np.isfinite(numbers)]
    farthest = np.abs(finite - middle).max(initial=0.0)
    return max(float(farthest), LEAST_REACH)


def _side_by_side(
    panels: Mapping[str, FloatArray],
    x: Sequence[str],
    y: Sequence[str],
    titles: tuple[str, str],
    colour_axis: Mapping[str, Any],
) -> Figure:
    """All panels in one row, with one scale."""
    shape = len(y), len(x)
    for name, values in panels.items():
        if np.shape(values) != shape:
            raise ShapeError(
                f"Heat map '{name}' has shape {np.shape(values)}; expected {shape}."
            )
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    titles_of_panels = [_wrapped(title, len(panels)) for title in panels]
    figure = make_subplots(
        rows=1,
        cols=len(panels),
        shared_yaxes=True,
        subplot_titles=titles_of_panels,
        horizontal_spacing=0.02,
    )
    for column, values in enumerate(panels.values(), start=1):
        heat_map = go.Heatmap(
            z=values, x=list(x), y=list(y), coloraxis="coloraxis", hoverongaps=False
        )
        figure.add_trace(heat_map, row=1, col=column)
    top_px = _top_px(titles_of_panels)
    figure.update_layout(
        template=template(),
        height=max(LEAST_PX, ROW_PX * len(y)) + FRAME_PX + top_px,
        margin={"t": top_px},
        coloraxis=colour_axis,
    )
    figure.update_annotations(font_size=TITLE_PX)
    x_title, y_title = titles
    n_ticks = min(MOST_TICKS, TICKS_OF_A_PAGE // len(panels))
    figure.update_xaxes(nticks=n_ticks, **_categories(x))
    # side by side, long titles would touch: the first stands for all
    is_long = len(x_title) * len(panels) > LETTERS_OF_A_PHONE
    figure.update_xaxes(title_text=x_title, col=1 if is_long else None)
    figure.update_yaxes(showgrid=False, tickfont={"size": 10}, **_categories(y))
    figure.update_yaxes(title_text=y_title, col=1)
    return figure


def _categories(names: Sequence[str]) -> dict[str, Any]:
    """An axis with all its names: one over a blank map would be made of none."""
    distinct = list(dict.fromkeys(names))
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": distinct,
        "range": [-0.5, len(distinct) - 0.5],
    }


def _top_px(titles: Sequence[str]) -> int:
    most_lines = max(title.count("<br>") + 1 for title in titles)
    return ABOVE_TITLES_PX + TITLE_LINE_PX * most_lines


def _wrapped(title: str, n_panels: int) -> str:
    """A title on as many lines as it needs above its panel."""
    lines = textwrap.wrap(title, LETTERS_OF_A_PAGE // n_panels)
    return "<br>".join(lines)


def _colour_axis(
    panels: Mapping[str, FloatArray], limit: float, title: str
) -> dict[str, Any]:
    """The scale that all panels share."""
    values = np.concatenate([np.ravel(panel) for panel in panels.values()])
    finite = values[np.isfinite(values)]
    low, high = limit - 1, limit
    if len(finite):
        low, high = float(finite.min()), float(finite.max())
    return {
        "cmin": low,
        "cmax": max(high, low + LEAST_REACH),
        # the scale of a single value would have ticks that differ in their tenth digit
        "showscale": high - low > LEAST_REACH,
        "colorscale": colour_scale(low, high, limit),
        "colorbar": _colour_bar(title),
    }


def _colour_bar(title: str) -> dict[str, Any]:
    return {
        "title": {"text": title, "side": "right", "font": {"size": TITLE_PX}},
        "thickness": 12,
        "outlinewidth": 0,
    }


def colour_scale(low: float, high: float, limit: float) -> list[tuple[float, str]]:
    """Stops from 0 at `low` to 1 at `high`: light to dark up to the limit, red above it."""
    share = 1.0
    if high > low:
        limit_share = (limit - low) / (high - low)
        share = float(np.clip(limit_share, 0.0, 1.0))
    elif low > limit:
        # a single value, and beyond
        share = 0.0
    steps = len(VIRIDIS) - 1
    below = [(share * k / steps, colour) for k, colour in enumerate(VIRIDIS)]
    # two stops at one place make the jump in colour at the limit
    above = [(share, ABOVE), (1.0, LIMIT)]
    if share >= 1:
        return below
    if share > 0:
        return below + above
    return above
