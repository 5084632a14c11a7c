"""The common look of report figures, and the limits drawn across them.

No frame and no grid but faint horizontal lines, units on every axis, limits as thin dashed lines with their name at the right
end, colours that colour-blind readers can tell apart.

Plotly is imported when a figure is built, so that the command line stays quick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import ShapeError
from tieline.reports.clock import HOUR_TITLE, clock_axis
from tieline.reports.colours import CATEGORIES, INK, LIMIT, MUTED, PAPER
from tieline.reports.numbers import THIN_SPACE
from tieline.typing import FloatArray

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

FONT_FAMILY = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
)
HEIGHT_PX = 380
MOST_TICK_NAMES = 60
"""Number of categories up to which each gets its name on the axis; beyond, names appear under the mouse."""

GRID = "#e6eaee"
LIMIT_LINE = {"color": LIMIT, "width": 1.2, "dash": "dash"}


def template() -> Any:
    """The common look, as a plotly template."""
    import plotly.graph_objects as go

    axis = {
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "linecolor": "#9aa5b1",
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": "#9aa5b1",
        "title": {"standoff": 10, "font": {"size": 13, "color": MUTED}},
        "automargin": True,
    }
    layout = {
        "font": {"family": FONT_FAMILY, "size": 13, "color": INK},
        # those of tables and sentences
        "separators": f".{THIN_SPACE}",
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "colorway": list(CATEGORIES),
        "height": HEIGHT_PX,
        "margin": {"l": 64, "r": 24, "t": 34, "b": 56},
        "xaxis": axis,
        "yaxis": {
            **axis,
            "showgrid": True,
            "gridcolor": GRID,
            "showline": False,
            "ticks": "",
        },
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hoverlabel": {"font": {"family": FONT_FAMILY}},
    }
    return go.layout.Template(layout=layout)


def framed(traces: Sequence[Any], x_title: str, y_title: str) -> Figure:
    """A figure of traces in the common look, axes named; hours of the day have clock times."""
    import plotly.graph_objects as go

    figure = go.Figure(list(traces))
    figure.update_layout(template=template())
    figure.update_xaxes(title_text=x_title)
    figure.update_yaxes(title_text=y_title)
    is_upright = all(getattr(trace, "orientation", None) != "h" for trace in traces)
    if x_title == HOUR_TITLE and traces and is_upright:
        clock_axis(figure, np.concatenate([trace.x for trace in traces]))
    return figure


def axis_column(name: str, values: ArrayLike, count: int) -> FloatArray:
    """Values as floats; raises `ShapeError` unless there is one per point of the axis."""
    column = np.asarray(values, dtype=float)
    if column.shape != (count,):
        shapes = f"have shape {column.shape}, but the axis has {count} points"
        raise ShapeError(f"Figure values '{name}' {shapes}. Give one value per point.")
    return column


def line_mode(n_points: int) -> str:
    """How plotly draws a line: one through a single point would not be seen."""
    return "lines" if n_points > 1 else "markers"


def with_limits(figure: Figure, limits: Mapping[str, float] | None) -> Figure:
    """Level lines with their names above the right end; the automatic range of the axis includes them."""
    for name, value in (limits or {}).items():
        note = _limit_note(name)
        figure.add_hline(
            value, line=LIMIT_LINE, annotation=note, annotation_position="top right"
        )
    if limits:
        figure.update_yaxes(autorangeoptions={"include": list(limits.values())})
    return figure


def with_upright_limits(figure: Figure, limits: Mapping[str, float] | None) -> Figure:
    """Upright lines through both rows, named in the upper one."""
    for name, value in (limits or {}).items():
        note = _limit_note(name)
        upper: Any = {
            "row": 1,
            "col": 1,
            "annotation": note,
            "annotation_position": "top left",
        }
        lower: Any = {"row": 2, "col": 1}
        for options in (upper, lower):
            figure.add_vline(value, line=LIMIT_LINE, **options)
    if limits:
        figure.update_xaxes(autorangeoptions={"include": list(limits.values())})
    return figure


def _limit_note(name: str) -> dict[str, Any]:
    return {
        "text": name,
        "font": {"color": LIMIT, "size": 12},
        "bgcolor": "rgba(255,255,255,0.8)",
    }
