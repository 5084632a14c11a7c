"""The figure "voltages between bounds over distance": a bar of each bus for each range, the wider behind, its middle a point.

Bars of one colour, the narrower range the darker: what is possible and what is likely are seen at once, and buses that stand
close together make a band.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.network.distances import distances_from_source
from tieline.reports.colours import CATEGORIES, INK
from tieline.reports.figure_look import framed, with_limits
from tieline.reports.figures import fineness

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLOUR = CATEGORIES[0]
WIDEST_PX = 7.0
NARROWEST_PX = 3.5
FAINTEST = 0.3
MIDDLE_PX = 3.5


def band_profile(
    feeder: Feeder,
    middle: pd.Series,
    ranges: Mapping[str, tuple[pd.Series, pd.Series]],
    limits: Mapping[str, float],
    middle_name: str = "centre",
) -> Figure:
    """Ranges of the voltage of each bus over its distance from the source.

    Args:
        feeder: gives the distances.
        middle: voltage of each bus in the middle, indexed by bus [pu]; buses without a path are left out.
        ranges: name in the legend, lowest and highest voltage of each bus, the widest first [pu].
        limits: name and value of lines to draw across [pu].
        middle_name: of the middle, in the legend.
    """
    distances = distances_from_source(feeder)
    at = np.array([distances.of_bus[str(bus)] for bus in middle.index])
    is_placed = np.isfinite(at)
    names = middle.index[is_placed].astype(str).tolist()
    traces = []
    for k, (name, (low, high)) in enumerate(ranges.items()):
        share = k / max(len(ranges) - 1, 1)
        ends = np.array([low[is_placed], high[is_placed]], dtype=float)
        traces.append(_bars(at[is_placed], ends, name, share))
    values = np.asarray(middle[is_placed], dtype=float)
    traces.append(_points(at[is_placed], values, middle_name, names, distances.unit))
    figure = framed(traces, distances.title, "voltage of the bus [pu]")
    return with_limits(figure, limits)


def _bars(at: Any, ends: Any, name: str, share: float) -> Any:
    """Upright bars from the lower to the upper end; `share` is 0 for the widest range and 1 for the narrowest."""
    import plotly.graph_objects as go

    gap = np.full(len(at), np.nan)
    x = np.column_stack([at, at, gap]).ravel()
    y = np.column_stack([*ends, gap]).ravel()
    width = WIDEST_PX + share * (NARROWEST_PX - WIDEST_PX)
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        name=name,
        line={"color": COLOUR, "width": width / fineness(len(at))},
        opacity=FAINTEST + share * (1 - FAINTEST),
        hoverinfo="skip",
    )


def _points(at: Any, values: Any, name: str, buses: list[str], unit: str) -> Any:
    import plotly.graph_objects as go

    return go.Scatter(
        x=at,
        y=values,
        mode="markers",
        name=name,
        marker={"color": INK, "size": MIDDLE_PX / fineness(len(at))},
        text=buses,
        hovertemplate=f"%{{text}}<br>%{{x:.3g}} {unit}, %{{y:.4f}}",
    )
