"""Figures with two logarithmic axes as SVG: the axes, their grid, and curves with a name at the end of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH = 720
HEIGHT = 420
LEFT = 84
RIGHT = 24
TOP = 24
BOTTOM = 56
LABEL_HEIGHT = 18
LETTER_WIDTH = 7.5
"""Of the names right of the curves, on the safe side."""

LEAST_GAP = 36
"""Between two numbers at an axis [px]; where they would stand closer, those between the powers of ten are left out."""

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Of curves, told apart by people who see fewer colours too (Okabe and Ito, 2008); further ones have them once more, dashed."""

HEADROOM = 1.5
"""Space beyond the outermost point, as a factor."""

STYLE = """
  .paper { fill: #ffffff } .ink { fill: #1f2933 } .muted { fill: #5b6771 } .grid { stroke: #dfe4e8 } .leader { stroke: #8a96a0 }
  .roof { stroke: #5b6771; stroke-width: 2; fill: none } .point { fill: #0072b2 }
  .curve { stroke-width: 2; fill: none } .dashed { stroke-dasharray: 6 4 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #14191f } .ink { fill: #e6ebef } .muted { fill: #a3afb9 } .grid { stroke: #2c353d } .leader { stroke: #6b7781 }
    .roof { stroke: #a3afb9 } .point { fill: #56b4e9 }
  }
  text { font: 13px system-ui, sans-serif }
"""

Curve = Mapping[float, float]
"""Values by what they grow with."""


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
        """1, 2, 5 of every decade that lie on the axis, as far as there is room."""
        first = floor(log10(self.low))
        last = ceil(log10(self.high))
        from_one_to_two = abs(self.pixels_per_decade) * log10(2.0)
        digits = (1, 2, 5) if from_one_to_two >= LEAST_GAP else (1,)
        exponents = range(first, last + 1)
        ticks = [10.0**exponent * digit for exponent in exponents for digit in digits]
        return [tick for tick in ticks if self.low <= tick <= self.high]


def curves_svg(
    curves: Mapping[str, Curve], title: str, x_title: str, y_title: str
) -> str:
    """A figure of curves by name; at least one point, all values above zero."""
    points = [point for curve in curves.values() for point in curve.items()]
    x_values, y_values = zip(*points, strict=True)
    names_width = LABEL_HEIGHT + LETTER_WIDTH * max(map(len, curves))
    x = _axis(x_values, LEFT, WIDTH - names_width)
    y = _axis(y_values, HEIGHT - BOTTOM, TOP)
    body = [*grid(x, y, x_title, y_title), *_lines(curves, x, y)]
    return figure_svg(title, body)


def figure_svg(title: str, body: Sequence[str]) -> str:
    """A whole SVG."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def grid(x: Axis, y: Axis, x_title: str, y_title: str) -> list[str]:
    """Lines and numbers at the ticks, and what the axes show."""
    lines = []
    for value in x.ticks():
        pixel = x.at(value)
        lines.append(svg_line("grid", pixel, y.begin, pixel, y.end))
        number = tick_text(value)
        lines.append(svg_text("muted", pixel, y.begin + 18, number, "middle"))
    for value in y.ticks():
        pixel = y.at(value)
        lines.append(svg_line("grid", x.begin, pixel, x.end, pixel))
        number = tick_text(value)
        lines.append(svg_text("muted", x.begin - 8, pixel + 4, number, "end"))
    middle = (x.begin + x.end) / 2
    lines.append(svg_text("ink", middle, HEIGHT - 12, x_title, "middle"))
    lines.append(svg_text("ink", x.begin, y.end - 8, y_title))
    return lines


def tick_text(value: float) -> str:
    """A number at an axis."""
    return f"{value:,.12g}"


def svg_line(style: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A straight line."""
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def svg_text(style: str, x: float, y: float, text: str, anchor: str = "start") -> str:
    """A level text."""
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def svg_point(x: float, y: float, colour: str = "") -> str:
    """A point, in the colour of points if no other is given."""
    style = f' style="fill:{colour}"' if colour else ""
    return f'<circle class="point"{style} cx="{x:.1f}" cy="{y:.1f}" r="5"/>'


def _axis(values: Sequence[float], begin: float, end: float) -> Axis:
    return Axis(min(values) / HEADROOM, max(values) * HEADROOM, begin, end)


def _lines(curves: Mapping[str, Curve], x: Axis, y: Axis) -> list[str]:
    """Curves with their points, and names right of them that do not cover each other."""
    column = x.end + LABEL_HEIGHT
    parts = []
    ends = {}
    for number, (name, curve) in enumerate(curves.items()):
        pixels = [(x.at(value), y.at(curve[value])) for value in sorted(curve)]
        parts += _line(number, pixels)
        ends[name] = pixels[-1]
    label_y = float("-inf")
    for name, (end_x, end_y) in sorted(ends.items(), key=lambda item: item[1][1]):
        label_y = max(end_y, label_y + LABEL_HEIGHT)
        parts.append(svg_line("leader", end_x, end_y, column - 4, label_y))
        parts.append(svg_text("ink", column, label_y + 4, name))
    return parts


def _line(number: int, pixels: Sequence[tuple[float, float]]) -> list[str]:
    """One curve and its points."""
    colour = COLOURS[number % len(COLOURS)]
    style = "curve" if number < len(COLOURS) else "curve dashed"
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in pixels)
    line = f'<polyline class="{style}" stroke="{colour}" points="{path}"/>'
    return [line, *(svg_point(x, y, colour) for x, y in pixels)]
