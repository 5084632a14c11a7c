"""How the dot of a bus is drawn: finer the more buses there are, with the colours and the edge of its class."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tieline.reports.colours import ClassStyle

BUS_RADIUS = 5.0
FULL_SIZE_UP_TO = 50
SMALLEST_SIZE = 0.2
"""Radius of a bus dot up to `FULL_SIZE_UP_TO` buses; it then shrinks with their mean spacing, to `SMALLEST_SIZE` at the least."""

DENSE_BELOW_PX = 2.0
"""Radius below which a dot has no colour that could be told from another."""

SMALLEST_RAISED_PX = 1.8
"""Least radius of buses that their class raises above the others."""

EDGE_PX = 0.9
SMALLEST_EDGE = 0.3
"""Width of a dot's edge at full size, and what share of it remains in the largest feeders."""


def symbol_size(n_buses: int) -> float:
    """Size of ordinary symbols, 1 in a small feeder."""
    # by the root: dots cover the same area together, however many they are
    size = math.sqrt(FULL_SIZE_UP_TO / n_buses)
    return max(min(1.0, size), SMALLEST_SIZE)


def is_dense(n_buses: int) -> bool:
    """Whether so many buses are drawn that their dots are too small to be read."""
    return BUS_RADIUS * symbol_size(n_buses) < DENSE_BELOW_PX


def edge_px(n_buses: int) -> float:
    """Width of the edge of an ordinary bus."""
    return EDGE_PX * max(symbol_size(n_buses), SMALLEST_EDGE)


def dot_attributes(n_buses: int, style: ClassStyle) -> dict[str, str]:
    """SVG attributes of a bus of a class, `stroke-width` only where it is not that of an ordinary bus."""
    least_px = 0.0
    if style.size > 1:
        least_px = SMALLEST_RAISED_PX
    radius = max(BUS_RADIUS * symbol_size(n_buses), least_px) * style.size
    attributes = {
        "r": f"{radius:.1f}",
        "fill": style.fill,
        "stroke": style.stroke,
    }
    if style.edge != 1:
        attributes["stroke-width"] = f"{style.edge * edge_px(n_buses):.2f}"
    return attributes


def written(attributes: Mapping[str, str]) -> str:
    """Attributes as they stand in an SVG element."""
    return " ".join(f'{name}="{value}"' for name, value in attributes.items())
