"""Bars over time: for each row the intervals in which something holds, for example "regions 2 and 3 are one"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.reports.clock import HOUR_TITLE, clock_axis
from tieline.reports.colours import CATEGORIES
from tieline.reports.figure_look import GRID, framed
from tieline.typing import BoolArray

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROW_PX = 34
FRAME_PX = 110
BAR_SHARE = 0.6
"""Height of a bar over the height of its row."""

SAME_MOMENT = 1e-6
"""Difference of two times that rounding leaves: a few milliseconds where the unit is an hour."""

Intervals = Sequence[tuple[float, float]]
"""Start and end of each, in the unit of the axis."""


def interval_bars(
    rows: Mapping[str, Intervals],
    *,
    x_range: tuple[float, float],
    x_title: str,
    colours: Mapping[str, str] | None = None,
) -> Figure:
    """One row of bars per name, the first on top.

    Args:
        rows: name and intervals of each.
        x_range: ends of the axis: a row whose bars are short says how short.
        x_title: what runs along the axis, with its unit.
        colours: of rows that shall not take the next of the categories.
    """
    traces = []
    for k, (name, intervals) in enumerate(rows.items()):
        colour = CATEGORIES[k % len(CATEGORIES)]
        traces.append(_row(name, intervals, (colours or {}).get(name, colour)))
    figure = framed(traces, x_title, "")
    height = ROW_PX * max(len(rows), 1) + FRAME_PX
    figure.update_layout(height=height, showlegend=False, barmode="overlay")
    figure.update_xaxes(range=list(x_range), showgrid=True, gridcolor=GRID)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    if x_title == HOUR_TITLE:
        clock_axis(figure, np.array(x_range))
    return figure


def _row(name: str, intervals: Intervals, colour: str) -> Any:
    import plotly.graph_objects as go

    starts = [start for start, _ in intervals]
    lengths = [end - start for start, end in intervals]
    ends = [end for _, end in intervals]
    return go.Bar(
        base=starts,
        x=lengths,
        y=[name] * len(starts),
        orientation="h",
        width=BAR_SHARE,
        marker_color=colour,
        customdata=ends,
        hovertemplate="%{y}: %{base:.2f} to %{customdata:.2f}<extra></extra>",
    )


def intervals_of(holds: BoolArray, starts: ArrayLike, lengths: ArrayLike) -> Intervals:
    """Where something holds without a break.

    Args:
        holds: whether it does, (step,).
        starts: when each step begins, rising, (step,).
        lengths: of each step, or of all, in the same unit; time between two steps that is of neither is a break.
    """
    is_so = np.asarray(holds, dtype=bool)
    at = np.asarray(starts, dtype=float)
    until = at + np.asarray(lengths, dtype=float)
    goes_on = is_so[1:] & is_so[:-1]
    goes_on &= at[1:] <= until[:-1] + SAME_MOMENT
    begins = is_so.copy()
    begins[1:] &= ~goes_on
    ends = is_so.copy()
    ends[:-1] &= ~goes_on
    return list(zip(at[begins].tolist(), until[ends].tolist(), strict=True))
