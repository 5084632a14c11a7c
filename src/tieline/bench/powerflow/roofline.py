"""The roofline figure as SVG: GFLOP/s over operations per byte of cache traffic, both axes logarithmic.

A case cannot lie above the roof of arithmetic (level) nor, if all traffic came from the cache that its workspace fits, above the
roof of that cache (slanted). Source: S. Williams, A. Waterman, D. Patterson, Roofline, Commun. ACM 52(4), 2009,
DOI 10.1145/1498765.1498785.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import atan2, degrees

from tieline.bench.powerflow.log_chart import (
    BOTTOM,
    HEIGHT,
    LABEL_HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    figure_svg,
    grid,
    svg_line,
    svg_point,
    svg_text,
)
from tieline.bench.powerflow.measurement import Case, MachineUse

LABEL_GAP = 44
LABEL_RAISE = 7
LABEL_PLACE = 0.7
"""How far up a slanted roof its label stands: above the points."""

HEADROOM = 2.0
"""Space beyond the outermost point or roof, as a factor."""


def roofline_svg(cases: Sequence[Case]) -> str:
    """The figure of all cases whose use of the machine is known; at least one."""
    measured = [(case.name, case.load) for case in cases if case.load is not None]
    loads = [load for _, load in measured]
    x, y = _axes(loads)
    title = "floating-point operations per byte of cache traffic"
    body = [
        *grid(x, y, title, "GFLOP/s"),
        *_roofs(loads, x, y),
        *_points(measured, x, y),
    ]
    return figure_svg("Roofline", body)


def _axes(loads: Sequence[MachineUse]) -> tuple[Axis, Axis]:
    """Axes that show every point and where the lowest roof of a cache meets that of arithmetic."""
    intensities = [load.intensity for load in loads]
    top = max(load.peak_gflops for load in loads)
    lowest_roof = min(load.peak_cache_gb_s for load in loads)
    ridge = top / lowest_roof
    x_low = min(intensities) / HEADROOM**2
    x_high = max(ridge, *intensities) * HEADROOM**2
    y_low = min(load.gflops for load in loads) / HEADROOM
    x = Axis(x_low, x_high, LEFT, WIDTH - RIGHT)
    y = Axis(y_low, top * HEADROOM, HEIGHT - BOTTOM, TOP)
    return x, y


def _roofs(loads: Sequence[MachineUse], x: Axis, y: Axis) -> list[str]:
    """Arithmetic, and the cache of the smallest and of the largest workspace."""
    top = loads[0].peak_gflops
    by_workspace = sorted(loads, key=lambda load: load.workspace_bytes)
    smallest = by_workspace[0]
    largest = by_workspace[-1]
    roofs = {load.workspace_bytes: load for load in (largest, smallest)}
    parts = []
    for load in roofs.values():
        parts += _cache_roof(load, top, x, y)
    ridge = top / max(load.peak_cache_gb_s for load in roofs.values())
    parts.append(svg_line("roof", x.at(ridge), y.at(top), x.end, y.at(top)))
    parts.append(
        svg_text(
            "muted", x.end, y.at(top) - 8, f"multiply-adds: {top:,.0f} GFLOP/s", "end"
        )
    )
    return parts


def _cache_roof(load: MachineUse, top: float, x: Axis, y: Axis) -> list[str]:
    """A line of constant bandwidth up to the roof of arithmetic, its label along it."""
    bandwidth = load.peak_cache_gb_s
    start = max(x.low, y.low / bandwidth)
    ridge = top / bandwidth
    line = svg_line(
        "roof", x.at(start), y.at(start * bandwidth), x.at(ridge), y.at(top)
    )
    # between both ends on the logarithmic axis
    middle = start * (ridge / start) ** LABEL_PLACE
    label = f"cache, {load.workspace_bytes / 1000:,.0f} kB: {bandwidth:,.0f} GB/s"
    label_y = y.at(middle * bandwidth) - LABEL_RAISE
    return [line, _text_along_roof(x, y, x.at(middle), label_y, label)]


def _text_along_roof(
    x: Axis, y: Axis, label_x: float, label_y: float, text: str
) -> str:
    """A text turned as lines of constant bandwidth run."""
    place = f"translate({label_x:.1f} {label_y:.1f}) rotate({-_degrees(x, y):.1f})"
    return f'<text class="muted" text-anchor="middle" transform="{place}">{text}</text>'


def _degrees(x: Axis, y: Axis) -> float:
    """Slope of a line of constant bandwidth on the screen, whose y points down."""
    return degrees(atan2(-y.pixels_per_decade, x.pixels_per_decade))


def _points(measured: Sequence[tuple[str, MachineUse]], x: Axis, y: Axis) -> list[str]:
    """Points, with labels in a column right of them that do not cover each other."""
    column = max(x.at(load.intensity) for _, load in measured) + LABEL_GAP
    from_top = sorted(measured, key=lambda item: -item[1].gflops)
    parts = []
    label_y = float("-inf")
    for name, load in from_top:
        point_x, point_y = x.at(load.intensity), y.at(load.gflops)
        label_y = max(point_y, label_y + LABEL_HEIGHT)
        parts.append(svg_line("leader", point_x, point_y, column - 4, label_y))
        parts.append(svg_point(point_x, point_y))
        label = f"{name}: {load.gflops:.0f} GFLOP/s"
        parts.append(svg_text("ink", column, label_y + 4, label))
    return parts
