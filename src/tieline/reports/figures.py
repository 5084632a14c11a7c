"""Lines, bars and voltage profiles of reports: small builders that take plain arrays and return a plotly figure in one common
look, see `figure_look`; boxes and shares of draws are in `distributions`.

Only SVG traces are used, so that a report needs no WebGL and prints sharply.

Plotly is imported when a figure is built, so that the command line stays quick.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.reports.colours import CATEGORIES, category_colour
from tieline.reports.figure_look import (
    GRID,
    MOST_TICK_NAMES,
    axis_column,
    framed,
    line_mode,
    with_limits,
)
from tieline.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

BAND_OPACITY = 0.18

LINE_PX = 1.3
POINT_PX = 4.0
COARSE_UP_TO = 500
MOST_FINE = 3.0
"""Width of lines and points of a voltage profile; beyond `COARSE_UP_TO` buses they get finer, down to a third."""


def lines_with_band(
    x: ArrayLike,
    lines: Mapping[str, ArrayLike],
    *,
    x_title: str,
    y_title: str,
    bands: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    limits: Mapping[str, float] | None = None,
    colours: Mapping[str, str] | None = None,
) -> Figure:
    """Lines over a common axis, each with the band of its name around it, if there is one.

    Args:
        x: common axis, (point,).
        lines: name and values of each line, (point,).
        x_title, y_title: quantity with its unit.
        bands: name of a line, and the lower and upper edge of its band, (point,) each.
        limits: name and value of lines to draw across.
        colours: of lines that shall not take the next of the categories.

    Raises:
        ShapeError: if values are not as long as `x`.
    """
    at = np.asarray(x)
    edges = bands or {}
    colour_of = _colours(lines, colours)
    traces: list[Any] = []
    for name, values in lines.items():
        colour = colour_of[name]
        # the band first, so that its line lies on it
        if name in edges:
            traces += _band(at, name, edges[name], colour)
        column = axis_column(name, values, len(at))
        traces.append(_line(at, name, column, colour))
    figure = framed(traces, x_title, y_title)
    figure.update_layout(showlegend=len(lines) > 1)
    return with_limits(figure, limits)


def bar(
    labels: Sequence[str],
    series: Mapping[str, ArrayLike],
    *,
    value_title: str,
    label_title: str = "",
    stacked: bool = False,
    horizontal: bool = False,
    colours: Mapping[str, str] | None = None,
) -> Figure:
    """Bars of one or more series, side by side or stacked.

    Args:
        labels: categories, (category,).
        series: name and values of each series, (category,).
        value_title: quantity with its unit.
        label_title: what the categories are.
        stacked: bars of one category on top of each other.
        horizontal: bars to the right, first category on top, for long labels.
        colours: of series that shall not take the next of the categories.

    Raises:
        ShapeError: if values are not as long as `labels`.
    """
    import plotly.graph_objects as go

    names = list(labels)
    bars = []
    colour_of = _colours(series, colours)
    for name, values in series.items():
        lengths = axis_column(name, values, len(names))
        axes = {"x": names, "y": lengths, "orientation": "v"}
        if horizontal:
            axes = {"x": lengths, "y": names, "orientation": "h"}
        colour = colour_of[name]
        bars.append(go.Bar(**axes, name=name, marker_color=colour, opacity=0.85))
    titles = (value_title, label_title) if horizontal else (label_title, value_title)
    figure = framed(bars, *titles)
    mode = "stack" if stacked else "group"
    # from left to right in the order of the parts, which plotly turns round for stacks
    legend = {"traceorder": "normal"}
    figure.update_layout(
        bargap=0.35, barmode=mode, showlegend=len(series) > 1, legend=legend
    )
    if horizontal:
        figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
        figure.update_xaxes(showgrid=True, gridcolor=GRID)
    else:
        figure.update_xaxes(
            type="category", showticklabels=len(names) <= MOST_TICK_NAMES
        )
    return figure


def voltage_profile_vs_distance(
    distance: ArrayLike,
    v_pu: Mapping[str, ArrayLike],
    *,
    x_title: str = "distance from the source [km]",
    unit: str = "km",
    parent: Sequence[int] | None = None,
    buses: Sequence[str] | None = None,
    limits: Mapping[str, float] | None = None,
    y_title: str = "voltage [pu]",
) -> Figure:
    """Voltage over the distance from the source, one colour per phase.

    Args:
        distance: of each bus from the source, in `unit`, (bus,).
        v_pu: name of a phase and its voltage at each bus, (bus,) [pu]; NaN where the bus does not have the phase.
        parent: index of the bus that feeds each bus, negative for the source, (bus,); None draws points without lines.
        buses: names to show under the mouse, (bus,).
        limits: name and value of lines to draw across.
        x_title: the distance with its unit.
        unit: what follows a distance under the mouse.
        y_title: quantity with its unit.

    Raises:
        ShapeError: if the arrays differ in length.
    """
    x_of_bus = np.asarray(distance, dtype=float)
    parent_of_bus = None
    if parent is not None:
        parent_of_bus = np.asarray(parent, dtype=int)
    names = None
    if buses is not None:
        names = np.array(buses, dtype=object)
    traces = []
    for k, (phase, voltages) in enumerate(v_pu.items()):
        values = axis_column(phase, voltages, len(x_of_bus))
        colour = CATEGORIES[k % len(CATEGORIES)]
        # lines first, so that the points lie on them and are what the mouse meets
        if parent_of_bus is not None:
            traces.append(_tree_lines(x_of_bus, values, parent_of_bus, colour))
        is_drawn = np.isfinite(values) & np.isfinite(x_of_bus)
        phase_names = None
        if names is not None:
            phase_names = names[is_drawn].tolist()
        x, y = x_of_bus[is_drawn], values[is_drawn]
        traces.append(_points(x, y, phase, colour, phase_names, unit))
    figure = framed(traces, x_title, y_title)
    figure.update_layout(showlegend=len(v_pu) > 1)
    return with_limits(figure, limits)


def _tree_lines(x: FloatArray, y: FloatArray, parent: IntArray, colour: str) -> Any:
    """A line from every bus to its parent."""
    import plotly.graph_objects as go

    return go.Scatter(
        x=_segments(x, parent),
        y=_segments(y, parent),
        mode="lines",
        line={"color": colour, "width": LINE_PX / fineness(len(x))},
        hoverinfo="skip",
        showlegend=False,
    )


def fineness(n_points: int) -> float:
    """By what the lines of a profile of many buses are finer."""
    # by the root: lines cover the same area together, however many they are
    finer = math.sqrt(n_points / COARSE_UP_TO)
    return min(max(finer, 1.0), MOST_FINE)


def _colours(
    names: Iterable[str], overrides: Mapping[str, str] | None
) -> dict[str, str]:
    """Colour of each: the one chosen, else the next of the categories."""
    by_place = {name: category_colour(k) for k, name in enumerate(names)}
    return by_place | dict(overrides or {})


def _line(x: Any, name: str, y: FloatArray, colour: str) -> Any:
    import plotly.graph_objects as go

    line = {"color": colour, "width": 2}
    mode = line_mode(len(x))
    return go.Scatter(x=x, y=y, name=name, mode=mode, line=line, legendgroup=name)


def _band(
    x: Any, name: str, edges: tuple[ArrayLike, ArrayLike], colour: str
) -> list[Any]:
    """A filled area between two invisible lines."""
    import plotly.graph_objects as go

    low, high = (axis_column(f"band of {name}", edge, len(x)) for edge in edges)
    common = {
        "x": x,
        "mode": "lines",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
        "legendgroup": name,
    }
    red, green, blue = bytes.fromhex(colour[1:])
    fill = f"rgba({red},{green},{blue},{BAND_OPACITY})"
    lower = go.Scatter(y=low, **common)
    upper = go.Scatter(y=high, fill="tonexty", fillcolor=fill, **common)
    return [lower, upper]


def _points(
    x: FloatArray,
    y: FloatArray,
    name: str,
    colour: str,
    buses: list[str] | None,
    unit: str,
) -> Any:
    import plotly.graph_objects as go

    place = "%{text}<br>" if buses else ""
    hover = f"{place}%{{x:.3g}} {unit}, %{{y:.4f}}"
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        name=name,
        marker={"color": colour, "size": POINT_PX / fineness(len(x))},
        text=buses,
        hovertemplate=hover,
    )


def _segments(values: FloatArray, parent: IntArray) -> FloatArray:
    """Pieces from each bus to its parent, (3 pieces,), NaN between pieces, where the line is broken."""
    child = np.flatnonzero(parent >= 0)
    pieces = np.full((len(child), 3), np.nan)
    pieces[:, 0] = values[parent[child]]
    pieces[:, 1] = values[child]
    return pieces.ravel()
