"""The figure "voltage over distance": one line per series along the branches of a feeder, from the source outwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.network.distances import distances_from_source
from tieline.network.topology import tree_from_source
from tieline.reports.figures import voltage_profile_vs_distance

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def voltage_profile(
    feeder: Feeder, by_bus: pd.DataFrame, limits: Mapping[str, float]
) -> Figure:
    """Voltage of each bus over its distance from the source, in km or branches as the feeder knows it.

    Args:
        feeder: gives the distances, and which bus feeds which.
        by_bus: a column for each series, named as in the legend, indexed by bus [pu]; buses without a path are left out.
        limits: name and value of lines to draw across [pu].
    """
    distances = distances_from_source(feeder)
    parent_of = tree_from_source(feeder).parent
    placed = by_bus[[np.isfinite(distances.of_bus[str(bus)]) for bus in by_bus.index]]
    position = {str(bus): k for k, bus in enumerate(placed.index)}
    return voltage_profile_vs_distance(
        [distances.of_bus[bus] for bus in position],
        {str(name): placed[name] for name in placed.columns},
        x_title=distances.title,
        unit=distances.unit,
        parent=[position.get(parent_of.get(bus) or "", -1) for bus in position],
        buses=list(position),
        limits=limits,
        y_title="voltage of the bus [pu]",
    )
