"""Areas on top of each other over time: who gives how much of a whole, with lines for what the whole is held against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.reports.colours import CATEGORIES, INK
from tieline.reports.figure_look import axis_column, framed, line_mode
from tieline.typing import FloatArray

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def stacked_areas(
    x: ArrayLike,
    areas: Mapping[str, ArrayLike],
    *,
    x_title: str,
    y_title: str,
    lines: Mapping[str, ArrayLike] | None = None,
    colours: Mapping[str, str] | None = None,
) -> Figure:
    """Areas stacked in their order, the first at the bottom, and lines over them.

    Args:
        x: common axis, (point,).
        areas: name and values of each, none below 0, (point,).
        x_title, y_title: quantity with its unit.
        lines: name and values of what is not stacked, (point,).
        colours: of areas that shall not take the next of the categories.

    Raises:
        ShapeError: if values are not as long as `x`.
    """
    at = np.asarray(x)
    traces = []
    for k, (name, values) in enumerate(areas.items()):
        colour = CATEGORIES[k % len(CATEGORIES)]
        height = axis_column(name, values, len(at))
        traces.append(_area(at, name, height, (colours or {}).get(name, colour)))
    for name, values in (lines or {}).items():
        traces.append(_line(at, name, axis_column(name, values, len(at))))
    return framed(traces, x_title, y_title)


def _area(x: Any, name: str, y: FloatArray, colour: str) -> Any:
    import plotly.graph_objects as go

    return go.Scatter(
        x=x,
        y=y,
        name=name,
        mode=line_mode(len(x)),
        line={"width": 0.3, "color": colour},
        fillcolor=colour,
        stackgroup="all",
    )


def _line(x: Any, name: str, y: FloatArray) -> Any:
    import plotly.graph_objects as go

    # dashed: in black on all colours, and told from the edge of an area
    line = {"color": INK, "width": 1.4, "dash": "dot"}
    mode = line_mode(len(x))
    return go.Scatter(x=x, y=y, name=name, mode=mode, line=line)
