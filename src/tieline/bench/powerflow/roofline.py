"""The roofline figure as SVG: GFLOP/s over operations per byte of cache traffic, both axes logarithmic.

A case cannot lie above the roof of arithmetic (level) nor, if all traffic came from the cache that its workspace fits, above the
roof of that cache (slanted). Source: S. Williams, A. Waterman, D. Patterson, Roofline, Commun. ACM 52(4), 2009,
DOI 10.1145/1498765.1498785.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import atan2, ceil, degrees, floor, log10

from tieline.bench.powerflow.measurement import Case, MachineUse

WIDTH = 720
HEIGHT = 420
LEFT = 64
RIGHT = 24
TOP = 24
BOTTOM = 56
LABEL_GAP = 44
LABEL_HEIGHT = 18
LABEL_RAISE = 7
LABEL_PLACE = 0.7
"""How far up a slanted roof its label stands: above the points."""

HEADROOM = 2.0
"""Space beyond the outermost point or roof, as a factor."""

STYLE = """
  .paper { fill: #ffffff } .ink { fill: #1f2933 } .muted { fill: #5b6771 } .grid { stroke: #dfe4e8 } .leader { stroke: #8a96a0 }
  .roof { stroke: #5b6771; stroke-width: 2; fill: none } .point { fill: #0072b2 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #14191f } .ink { fill: #e6ebef } .muted { fill: #a3afb9 } .grid { stroke: #2c353d } .leader { stroke: #6b7781 }
    .roof { stroke: #a3afb9 } .point { fill: #56b4e9 }
  }
  text { font: 13px system-ui, sans-serif }
"""


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis between two values, from one pixel to another."""

    low: float
    high: float
    begin: float
    end: float

    @property
    def pixels_per_decade(self) -> float:
        """Negative where the axis points up."""
        return (self.end - self.begin) / log10(self.high / self.low)

    def at(self, value: float) -> float:
        """Pixel of a value."""
        return self.begin + self.pixels_per_decade * log10(value / self.low)

    def ticks(self) -> list[float]:
        """1, 2, 5 of every decade that lie on the axis."""
        first = floor(log10(self.low))
        last = ceil(log10(self.high))
        ticks: list[float] = []
        for exponent in range(first, last + 1):
            decade = 10.0**exponent
            ticks += [decade, 2 * decade, 5 * decade]
        return [tick for tick in ticks if self.low <= tick <= self.high]


def roofline_svg(cases: Sequence[Case]) -> str:
    """The figure of all cases whose use of the machine is known; at least one."""
    measured = [(case.name, case.load) for case in cases if case.load is not None]
    loads = [load for _, load in measured]
    x, y = _axes(loads)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Roofline">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        *_grid(x, y),
        *_roofs(loads, x, y),
        *_points(measured, x, y),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


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


def _grid(x: Axis, y: Axis) -> list[str]:
    lines = []
    for value in x.ticks():
        pixel = x.at(value)
        lines.append(_line("grid", pixel, y.begin, pixel, y.end))
        lines.append(_text("muted", pixel, y.begin + 18, f"{value:g}", "middle"))
    for value in y.ticks():
        pixel = y.at(value)
        lines.append(_line("grid", x.begin, pixel, x.end, pixel))
        lines.append(_text("muted", x.begin - 8, pixel + 4, f"{value:g}", "end"))
    middle = (x.begin + x.end) / 2
    title = "floating-point operations per byte of cache traffic"
    lines.append(_text("ink", middle, HEIGHT - 12, title, "middle"))
    lines.append(_text("ink", x.begin, y.end - 8, "GFLOP/s"))
    return lines


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
    parts.append(_line("roof", x.at(ridge), y.at(top), x.end, y.at(top)))
    parts.append(
        _text(
            "muted", x.end, y.at(top) - 8, f"multiply-adds: {top:,.0f} GFLOP/s", "end"
        )
    )
    return parts


def _cache_roof(load: MachineUse, top: float, x: Axis, y: Axis) -> list[str]:
    """A line of constant bandwidth up to the roof of arithmetic, its label along it."""
    bandwidth = load.peak_cache_gb_s
    start = max(x.low, y.low / bandwidth)
    ridge = top / bandwidth
    line = _line("roof", x.at(start), y.at(start * bandwidth), x.at(ridge), y.at(top))
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
        parts.append(_line("leader", point_x, point_y, column - 4, label_y))
        parts.append(
            f'<circle class="point" cx="{point_x:.1f}" cy="{point_y:.1f}" r="5"/>'
        )
        label = f"{name}: {load.gflops:.0f} GFLOP/s"
        parts.append(_text("ink", column, label_y + 4, label))
    return parts


def _line(style: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(style: str, x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
