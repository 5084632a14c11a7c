"""The parts of a one-line diagram as SVG: lines, symbols, bus dots, names, and the legend of what occurs.

Lines are as wide as they have phases (a split-phase service counts its two hot legs) and dashed where open.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import pairwise

from tieline.feeders.elements import Bus
from tieline.reports import symbols
from tieline.reports.colours import INK, MUTED
from tieline.reports.dots import (
    BUS_RADIUS,
    dot_attributes,
    edge_px,
    is_dense,
    written,
)
from tieline.reports.drawing import Drawing
from tieline.reports.drawing_and_legend import MARGIN
from tieline.reports.element_texts import bus_text
from tieline.reports.labels import place_labels, wanted_labels
from tieline.reports.layout import Point
from tieline.reports.legend import Entry, line_entry, symbol_entry
from tieline.reports.routes import Route

FONT_PX = 11.0
LINE_PX = {1: 1.0, 2: 1.7, 3: 2.6}
SMALLEST_LINE = 0.5
"""What share of its width a line keeps in the largest feeders."""

PAINTED_PX = 1.6
"""Least width of a line whose colour says something."""

DEVICE_KEY_PX = 36.0


def draw_lines(drawing: Drawing) -> str:
    """All branches as lines, open ones below, the worst of coloured ones on top."""
    routes = sorted(
        drawing.routes, key=lambda route: (route.is_closed, _rank(drawing, route))
    )
    paths = "".join(_line(drawing, route) for route in routes)
    return f'<g fill="none" stroke="{INK}" stroke-linecap="round" stroke-linejoin="round">{paths}</g>'


def _rank(drawing: Drawing, route: Route) -> int:
    """Place of a line in the order of drawing."""
    if drawing.lines is not None:
        return drawing.lines.rank(route.branches)
    if drawing.paints_lines:
        return drawing.colours.style[drawing.fed_bus(route)].rank
    return 0


def _line(drawing: Drawing, route: Route) -> str:
    width_px, colour = _pen(drawing, route)
    look = f'stroke-width="{width_px:.2f}"'
    if colour != INK:
        look += f' stroke="{colour}"'
    if not route.is_closed:
        scale = max(drawing.size, SMALLEST_LINE)
        dash_px = 7 * scale
        gap_px = 5 * scale
        look += f' stroke-dasharray="{dash_px:.1f} {gap_px:.1f}"'
    title = escape(drawing.text(route))
    return f'<path class="tl-branch" d="{route.path_data}" {look}><title>{title}</title></path>'


def _pen(drawing: Drawing, route: Route) -> tuple[float, str]:
    """Width [px] and colour of a line."""
    scale = max(drawing.size, SMALLEST_LINE)
    # a neutral alone is no phase: it is drawn as the thinnest line
    n_phases = len(drawing.phases(route)) or 1
    width_px = LINE_PX[n_phases] * scale
    if not route.is_closed:
        return width_px, MUTED
    if drawing.lines is not None:
        return max(width_px, PAINTED_PX), drawing.lines.colour(route.branches)
    if drawing.paints_lines:
        style = drawing.colours.style[drawing.fed_bus(route)]
        return max(width_px, PAINTED_PX), style.fill
    return width_px, INK


def draw_branch_symbols(drawing: Drawing) -> str:
    """Switches, regulators and transformers, on their lines."""
    return "".join(mark.svg for mark in drawing.branch_marks)


def draw_devices(drawing: Drawing) -> str:
    """Symbols of the devices, beside their buses."""
    return "".join(device.svg for device in drawing.devices)


def draw_buses(drawing: Drawing) -> str:
    """Dots, the worst on top."""
    style = drawing.colours.style
    load_kw: dict[str, float] = {}
    for load in drawing.feeder.loads:
        load_kw[load.bus] = load_kw.get(load.bus, 0.0) + load.p_kw
    buses = sorted(drawing.feeder.buses, key=lambda bus: style[bus.name].rank)
    dots = ""
    for bus in buses:
        dots += _dot(drawing, bus, load_kw.get(bus.name))
    stroke_px = edge_px(len(buses))
    return f'<g stroke-width="{stroke_px:.2f}">{dots}</g>'


def _dot(drawing: Drawing, bus: Bus, load_kw: float | None) -> str:
    colours = drawing.colours
    style = colours.style[bus.name]
    x, y = drawing.layout.points[bus.name]
    attributes = dot_attributes(len(drawing.feeder.buses), style)
    if drawing.paints_lines:
        # an edge would take more room than the colour within
        attributes["stroke"] = "none"
    look = written(attributes)
    more = [
        colours.text.get(bus.name, ""),
        drawing.tooltips.get(bus.name, ""),
    ]
    text = escape(bus_text(bus, load_kw, more, drawing.has_phases))
    name = ""
    if drawing.with_names:
        name = f' data-bus="{escape(bus.name)}"'
    return (
        f'<circle class="tl-bus"{name} cx="{x:.1f}" cy="{y:.1f}" {look}>'
        f"<title>{text}</title></circle>"
    )


def draw_names(drawing: Drawing) -> str:
    """The names that fit."""
    layout = drawing.layout
    sources = [source.bus for source in drawing.feeder.sources]
    names = wanted_labels(sources, drawing.colours.worst, layout.parent)
    obstacles = [
        device.box(1.0, symbols.DEVICE_REACH, 1.1) for device in drawing.devices
    ]
    obstacles += [mark.box(-1.5, 1.5, 1.5) for mark in drawing.branch_marks]
    # bows count as two straight pieces: a name that touches one in between does no harm
    segments: list[tuple[Point, Point]] = []
    for route in drawing.routes:
        segments += pairwise(route.straight_points)
    edge = MARGIN - 2
    bounds = (-edge, -edge, layout.width + edge, layout.height + edge)
    radius = BUS_RADIUS * drawing.size
    fillers: list[str] = []
    if not is_dense(len(layout.points)):
        fillers = [bus for bus in layout.parent if bus not in names]
    labels = place_labels(
        names, fillers, layout.points, radius, FONT_PX, obstacles, segments, bounds
    )
    texts = ""
    for label in labels:
        name = escape(label.bus)
        texts += f'<text x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}">{name}</text>'
    return f'<g class="tl-name" font-size="{FONT_PX:g}">{texts}</g>'


def symbol_entries(drawing: Drawing) -> Iterable[Entry]:
    """Legend of the symbols and lines that occur."""
    device_symbols = {device.name: device.symbol for device in drawing.devices}
    for name, symbol in device_symbols.items():
        yield symbol_entry(symbol, name, origin_px=0.0, key_px=DEVICE_KEY_PX)
    mark_symbols = {mark.name: mark.symbol for mark in drawing.branch_marks}
    for name, symbol in mark_symbols.items():
        yield symbol_entry(symbol, name)
    if drawing.has_phases:
        for count in sorted(_phase_counts(drawing), reverse=True):
            yield line_entry(f"{count}-phase line", LINE_PX[count])
    if any(not route.is_closed for route in drawing.routes):
        yield line_entry("open line", 1.7, dashed=True, colour=MUTED)


def _phase_counts(drawing: Drawing) -> set[int]:
    """How many phases closed lines have, 0 left out."""
    counts = set()
    for route in drawing.routes:
        if route.is_closed and route.branches[0].kind == "line":
            counts.add(len(drawing.phases(route)))
    return counts - {0}
