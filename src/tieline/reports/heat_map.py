"""Heat maps side by side with one colour scale, in which everything above a limit is red.

Below the limit colours go from light to dark as values rise; the break at the limit is sharp, so that a map answers "does it
hold" at a glance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tieline.errors import ShapeError
from tieline.reports.colours import LIMIT, VIRIDIS
from tieline.reports.figures import template
from tieline.typing import FloatArray

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROW_PX, LEAST_PX, FRAME_PX = 13, 260, 120
ABOVE = "#f2a29b"
"""Light end of what is above the limit; its dark end is the colour of limits."""


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
    for name, values in panels.items():
        if np.shape(values) != (len(y), len(x)):
            raise ShapeError(
                f"Heat map '{name}' has shape {np.shape(values)}; expected {(len(y), len(x))}."
            )
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    finite = np.concatenate([np.asarray(values)[np.isfinite(values)] for values in panels.values()])
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (limit - 1, limit)
    figure = make_subplots(
        rows=1,
        cols=len(panels),
        shared_yaxes=True,
        subplot_titles=list(panels),
        horizontal_spacing=0.02,
    )
    for column, values in enumerate(panels.values(), start=1):
        figure.add_trace(
            go.Heatmap(z=values, x=list(x), y=list(y), coloraxis="coloraxis", hoverongaps=False),
            row=1,
            col=column,
        )
    bar = {"title": {"text": value_title, "side": "right"}, "thickness": 12, "outlinewidth": 0}
    axis = {
        "cmin": low,
        "cmax": max(high, low + 1e-9),
        "colorscale": colour_scale(low, high, limit),
        "colorbar": bar,
    }
    figure.update_layout(
        template=template(), height=max(LEAST_PX, ROW_PX * len(y)) + FRAME_PX, coloraxis=axis
    )
    figure.update_xaxes(title_text=x_title, type="category", nticks=6)
    figure.update_yaxes(type="category", showgrid=False, tickfont={"size": 10})
    figure.update_yaxes(title_text=y_title, col=1)
    return figure


def colour_scale(low: float, high: float, limit: float) -> list[tuple[float, str]]:
    """Stops from 0 at `low` to 1 at `high`: light to dark up to the limit, red above it."""
    share = float(np.clip((limit - low) / (high - low), 0.0, 1.0)) if high > low else 1.0
    count = len(VIRIDIS) - 1
    below = [(share * k / count, colour) for k, colour in enumerate(VIRIDIS)]
    if share >= 1:
        return below
    red = [(share, ABOVE), (1.0, LIMIT)]
    return [*below, *red] if share > 0 else red
