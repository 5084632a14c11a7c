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

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 24, 56
LABEL_GAP, LABEL_HEIGHT = 44, 18
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

    def at(self, value: float) -> float:
        """Pixel of a value."""
        return self.begin + (self.end - self.begin) * log10(value / self.low) / log10(
            self.high / self.low
        )

    def ticks(self) -> list[float]:
        """1, 2, 5 of every decade that lie on the axis."""
        decades = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        return [
            x
            for d in decades
            for x in (10.0**d, 2 * 10.0**d, 5 * 10.0**d)
            if self.low <= x <= self.high
        ]


def roofline_svg(cases: Sequence[Case]) -> str:
    """The figure of all cases whose use of the machine is known; at least one."""
    loads = [(case.name, case.load) for case in cases if case.load is not None]
    x, y = _axes([load for _, load in loads])
    parts = [*_grid(x, y), *_roofs([load for _, load in loads], x, y), *_points(loads, x, y)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Roofline">'
    paper = f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>'
    return "\n".join([head, f"<style>{STYLE}</style>", paper, *parts, "</svg>"]) + "\n"


def _axes(loads: Sequence[MachineUse]) -> tuple[Axis, Axis]:
    """Axes that show every point and where the lowest roof of a cache meets that of arithmetic."""
    top = max(load.peak_gflops for load in loads)
    ridge = top / min(load.peak_cache_gb_s for load in loads)
    x_low = min(load.intensity for load in loads) / HEADROOM**2
    x_high = max(ridge, *(load.intensity for load in loads)) * HEADROOM**2
    y_low = min(load.gflops for load in loads) / HEADROOM
    return Axis(x_low, x_high, LEFT, WIDTH - RIGHT), Axis(
        y_low, top * HEADROOM, HEIGHT - BOTTOM, TOP
    )


def _grid(x: Axis, y: Axis) -> list[str]:
    lines = []
    for value in x.ticks():
        lines.append(_line("grid", x.at(value), y.begin, x.at(value), y.end))
        lines.append(_text("muted", x.at(value), y.begin + 18, f"{value:g}", "middle"))
    for value in y.ticks():
        lines.append(_line("grid", x.begin, y.at(value), x.end, y.at(value)))
        lines.append(_text("muted", x.begin - 8, y.at(value) + 4, f"{value:g}", "end"))
    lines.append(
        _text(
            "ink",
            (x.begin + x.end) / 2,
            HEIGHT - 12,
            "floating-point operations per byte of cache traffic",
            "middle",
        )
    )
    lines.append(_text("ink", x.begin, y.end - 8, "GFLOP/s"))
    return lines


def _roofs(loads: Sequence[MachineUse], x: Axis, y: Axis) -> list[str]:
    """Arithmetic, and the cache of the smallest and of the largest workspace."""
    top = loads[0].peak_gflops
    parts = []
    ends = {
        load.workspace_bytes: load
        for load in (max(loads, key=_workspace), min(loads, key=_workspace))
    }
    for load in ends.values():
        bandwidth = load.peak_cache_gb_s
        start = max(x.low, y.low / bandwidth)
        ridge = top / bandwidth
        parts.append(_line("roof", x.at(start), y.at(start * bandwidth), x.at(ridge), y.at(top)))
        angle = -_degrees(x, y)
        middle = start * (ridge / start) ** LABEL_PLACE
        where = (
            f"translate({x.at(middle):.1f} {y.at(middle * bandwidth) - 7:.1f}) rotate({angle:.1f})"
        )
        label = f"cache, {load.workspace_bytes / 1000:,.0f} kB: {bandwidth:,.0f} GB/s"
        parts.append(f'<text class="muted" text-anchor="middle" transform="{where}">{label}</text>')
    ridge = top / max(load.peak_cache_gb_s for load in ends.values())
    parts.append(_line("roof", x.at(ridge), y.at(top), x.end, y.at(top)))
    parts.append(_text("muted", x.end, y.at(top) - 8, f"multiply-adds: {top:,.0f} GFLOP/s", "end"))
    return parts


def _workspace(load: MachineUse) -> int:
    return load.workspace_bytes


def _degrees(x: Axis, y: Axis) -> float:
    """Slope of a line of constant bandwidth on the screen."""
    run = (x.end - x.begin) / log10(x.high / x.low)
    rise = (y.begin - y.end) / log10(y.high / y.low)
    return degrees(atan2(rise, run))


def _points(loads: Sequence[tuple[str, MachineUse]], x: Axis, y: Axis) -> list[str]:
    """Points, with labels in a column right of them that do not cover each other."""
    column = max(x.at(load.intensity) for _, load in loads) + LABEL_GAP
    parts, lowest = [], float("-inf")
    for name, load in sorted(loads, key=lambda item: -item[1].gflops):
        px, py = x.at(load.intensity), y.at(load.gflops)
        lowest = max(py, lowest + LABEL_HEIGHT)
        parts.append(_line("leader", px, py, column - 4, lowest))
        parts.append(f'<circle class="point" cx="{px:.1f}" cy="{py:.1f}" r="5"/>')
        parts.append(_text("ink", column, lowest + 4, f"{name}: {load.gflops:.0f} GFLOP/s"))
    return parts


def _line(style: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(style: str, x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
