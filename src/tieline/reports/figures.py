"""Figures of reports: small builders that take plain arrays and return a plotly figure in one common look, see `figure_look`.

Only SVG traces are used, so that a report needs no WebGL and prints sharply.

Plotly is imported when a figure is built, so that the command line stays quick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.reports.colours import CATEGORIES, category_colour
from tieline.reports.figure_look import (
    GRID,
    HEIGHT_PX,
    axis_column,
    framed,
    line_mode,
    template,
    with_limits,
    with_upright_limits,
)
from tieline.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

BAND_OPACITY = 0.18
MOST_TICK_NAMES = 60
"""Number of categories up to which each gets its name on the axis; beyond, names appear under the mouse."""


def box_by_bus(
    buses: Sequence[str],
    lowest: ArrayLike,
    q25: ArrayLike,
    median: ArrayLike,
    q75: ArrayLike,
    highest: ArrayLike,
    *,
    y_title: str,
    x_title: str = "bus",
    limits: Mapping[str, float] | None = None,
) -> Figure:
    """One box per bus from its five numbers, so that the size of a report does not grow with the number of draws.

    Args:
        buses: names, in the order of the axis.
        lowest, q25, median, q75, highest: whisker ends, quartiles and median of each bus, (bus,).
        y_title: quantity with its unit, for example "highest voltage [pu]".
        x_title: what the axis holds.
        limits: name and value of lines to draw across.

    Raises:
        ShapeError: if an array is not as long as `buses`.
    """
    five = {
        name: axis_column(name, values, len(buses))
        for name, values in (
            ("lowest", lowest),
            ("q25", q25),
            ("median", median),
            ("q75", q75),
            ("highest", highest),
        )
    }
    import plotly.graph_objects as go

    box = go.Box(
        x=list(buses),
        lowerfence=five["lowest"],
        q1=five["q25"],
        median=five["median"],
        q3=five["q75"],
        upperfence=five["highest"],
        line={"color": CATEGORIES[0], "width": 1.2},
        fillcolor="#b9d3e6",
        showlegend=False,
    )
    figure = framed([box], x_title, y_title)
    figure.update_xaxes(type="category", showticklabels=len(buses) <= MOST_TICK_NAMES)
    return with_limits(figure, limits)


def histogram_and_cdf(
    values: ArrayLike,
    *,
    x_title: str,
    limits: Mapping[str, float] | None = None,
    bins: int = 40,
) -> Figure:
    """Share of draws per bin above, the cumulative share below, on one axis.

    Args:
        values: draws, any shape; values that are not finite are left out.
        x_title: quantity with its unit.
        limits: name and value of lines to draw upright.
        bins: number of bins.
    """
    from plotly.subplots import make_subplots

    draws = np.sort(np.asarray(values, dtype=float).ravel())
    draws = draws[np.isfinite(draws)]
    figure = make_subplots(
        rows=2,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.06,
        row_heights=[0.55, 0.45],
    )
    figure.add_trace(_histogram(draws, bins), row=1, col=1)
    figure.add_trace(_cumulative(draws), row=2, col=1)
    figure.update_layout(
        template=template(), showlegend=False, height=HEIGHT_PX + 60, bargap=0
    )
    figure.update_xaxes(title_text=x_title, row=2, col=1)
    figure.update_yaxes(title_text="draws [%]", row=1, col=1)
    figure.update_yaxes(title_text="at or below [%]", range=[0, 102], row=2, col=1)
    return with_upright_limits(figure, limits)


def _histogram(draws: FloatArray, bins: int) -> Any:
    """Share of draws per bin; empty bins from 0 to 1 where there are no draws."""
    import plotly.graph_objects as go

    counts = np.zeros(bins)
    edges = np.linspace(0, 1, bins + 1)
    if len(draws):
        counts, edges = np.histogram(draws, bins)
    return go.Bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=100 * counts / max(len(draws), 1),
        width=np.diff(edges),
        marker_color=CATEGORIES[0],
        opacity=0.75,
    )


def _cumulative(draws: FloatArray) -> Any:
    import plotly.graph_objects as go

    at, below_pct = empirical_cdf(draws)
    line = {"color": CATEGORIES[0], "shape": "hv", "width": 2}
    return go.Scatter(x=at, y=below_pct, mode="lines", line=line)


def empirical_cdf(
    sorted_draws: FloatArray, most_points: int = 500
) -> tuple[FloatArray, FloatArray]:
    """Values and the share of draws at or below each [%], thinned to about `most_points`; the first and last draw are kept."""
    count = len(sorted_draws)
    if count == 0:
        return np.zeros(0), np.zeros(0)
    n_points = min(count, most_points)
    places = np.linspace(0, count - 1, n_points)
    # rounded places may meet: a point is kept once
    ranks = np.unique(places.round().astype(int))
    at = sorted_draws[ranks]
    # counted in all draws, not in those kept: thinning changes no share
    at_or_below = np.searchsorted(sorted_draws, at, side="right")
    return at, 100 * at_or_below / count


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
    figure.update_layout(bargap=0.35, barmode=mode, showlegend=len(series) > 1)
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
        line={"color": colour, "width": 1.3},
        hoverinfo="skip",
        showlegend=False,
    )


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
        marker={"color": colour, "size": 4},
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
