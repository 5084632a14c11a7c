"""Figures of distributions, as drawn by `figures`: boxes by bus, and shares of draws with their cumulative share.

Boxes are drawn from their five numbers and curves are thinned, so that a report does not grow with the number of draws.
Plotly is imported when a figure is built, so that the command line stays quick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.reports.colours import CATEGORIES
from tieline.reports.figure_look import (
    HEIGHT_PX,
    MOST_TICK_NAMES,
    axis_column,
    framed,
    template,
    with_limits,
    with_upright_limits,
)
from tieline.typing import FloatArray

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


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
    counted: str = "draws",
) -> Figure:
    """Share of draws per bin above, the cumulative share below, on one axis.

    Args:
        values: draws, any shape; values that are not finite are left out.
        x_title: quantity with its unit.
        limits: name and value of lines to draw upright.
        bins: number of bins.
        counted: what the values are of.
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
    figure.update_yaxes(title_text=f"{counted} [%]", row=1, col=1)
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
