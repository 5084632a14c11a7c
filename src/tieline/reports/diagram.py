"""One-line diagram of a feeder as a self-contained SVG: no script, no font, no image, nothing fetched.

Lines are as wide as they have phases (a split-phase service counts its two hot legs) and dashed where open; symbols are those
of `symbols`, places those of `layout`. Bus dots are coloured by class or by value. What is known of an element appears under
the mouse; only names that fit are written. Large feeders are drawn finer, and without the symbols of a kind that occurs more
than `MOST_OF_A_KIND` times.

Left out: which phase a lateral uses (its tooltip says it), and flows.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import pairwise
from typing import Any, TypeVar

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.elements import Bus
from tieline.feeders.feeder import Feeder
from tieline.network.topology import branches
from tieline.reports import symbols
from tieline.reports.bus_colours import (
    BusColours,
    colours_by_class,
    colours_by_value,
    plain_colours,
)
from tieline.reports.colours import INK, MUTED, PAPER, Worst
from tieline.reports.dots import (
    BUS_RADIUS,
    dot_attributes,
    edge_px,
    symbol_size,
    written,
)
from tieline.reports.element_texts import branch_text, bus_text, device_text
from tieline.reports.labels import place_labels, wanted_labels
from tieline.reports.layout import Layout, Point, lay_out
from tieline.reports.legend import Entry, draw_legend, line_entry, symbol_entry
from tieline.reports.placed_symbol import PlacedSymbol
from tieline.reports.routes import Route, find_routes, free_directions, next_points

WIDTH = 1000.0
MARGIN = 44.0
TITLE_PX = 30.0
FONT_PX = 11.0
FONT_FAMILY = (
    "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
)
LINE_PX = {1: 1.0, 2: 1.7, 3: 2.6}

RARE_SIZE = 0.6
RARE_COUNT = 12
"""In a large feeder, symbols of a kind with up to `RARE_COUNT` elements keep this size, so that they are found."""

LENGTH_SHARE = 0.19
SMALLEST_MARK_PX = 2.2
"""Size of a symbol on a short branch over the length of the branch, and what it need not fall below."""

MOST_OF_A_KIND = 250
DEVICE_KEY_PX = 36.0

STYLE = (
    f".tl-bus:hover{{stroke:{INK};stroke-width:4px}}.tl-branch:hover{{stroke:#0072b2;stroke-width:6px}}"
    f".tl-name{{fill:{INK};paint-order:stroke;stroke:{PAPER};stroke-width:2.5px;stroke-linejoin:round;pointer-events:none}}"
)

KINDS = {"sources": ("source", symbols.source), **symbols.DEVICES}
"""Field of `Feeder`, name in the legend and symbol of what hangs off a bus."""

T = TypeVar("T")


def one_line_svg(
    feeder: Feeder,
    *,
    bus_values: Mapping[str, float] | None = None,
    bus_classes: Mapping[str, str] | None = None,
    tooltips: Mapping[str, str] | None = None,
    title: str = "",
    value_label: str = "",
    value_unit: str = "pu",
    value_range: tuple[float, float] | None = None,
    worst: Worst = "high",
) -> str:
    """Draw a feeder.

    Args:
        feeder: a feeder that passed its checks.
        bus_values: number to colour each bus by; a bus without one, or with NaN, is grey.
        bus_classes: class to colour each bus by, in place of values; "ok", "impacted", "critical" and "dead" have their own
            colours.
        tooltips: text to show under the mouse for a bus, below its name and voltage.
        title: heading of the drawing.
        value_label: what the values are, for the legend, for example "highest voltage".
        value_unit: unit of the values.
        value_range: values at the ends of the colour scale; None takes the lowest and the highest.
        worst: which end of the scale is dark, lies on top and is named.

    Returns:
        An <svg> element as text.

    Raises:
        InputError: if both values and classes are given, or if a mapping names buses that the feeder does not have.
    """
    if bus_values is not None and bus_classes is not None:
        raise InputError(
            "A diagram colours buses by value or by class, not both. Give either bus_values or bus_classes."
        )
    check_bus_names(
        feeder, [*(bus_values or {}), *(bus_classes or {}), *(tooltips or {})]
    )
    colours = plain_colours(feeder)
    if bus_values is not None:
        colours = colours_by_value(
            feeder,
            _by_stored_name(bus_values),
            value_label,
            value_unit,
            value_range,
            worst,
        )
    elif bus_classes is not None:
        colours = colours_by_class(feeder, _by_stored_name(bus_classes))
    return draw_feeder(feeder, colours, tooltips or {}, title)


def draw_feeder(
    feeder: Feeder,
    colours: BusColours,
    tooltips: Mapping[str, str],
    title: str = "",
    *,
    with_names: bool = False,
) -> str:
    """Draw a feeder whose buses have their colours already.

    Args:
        feeder: a feeder that passed its checks.
        colours: style of each bus, and the legend.
        tooltips: text to show under the mouse for a bus, below its name and voltage.
        title: heading of the drawing.
        with_names: whether the dots carry the names of their buses as `data-bus`, for a page that changes them.

    Returns:
        An <svg> element as text.
    """
    drawing = _Drawing(feeder, colours, _by_stored_name(tooltips), with_names)
    return drawing.svg(title)


def check_bus_names(feeder: Feeder, names: list[str]) -> None:
    """Raise `InputError` if a name is no bus of the feeder: the first with its nearest names, then the others."""
    bus_names = [bus.name for bus in feeder.buses]
    present = set(bus_names)
    unknown = sorted({name for name in names if name.lower() not in present})
    if not unknown:
        return
    kind = f"bus of feeder '{feeder.name}'"
    message = unknown_name_message(kind, unknown[0], bus_names)
    n_more = len(unknown) - 1
    if n_more:
        message += f" {n_more} more unknown: {', '.join(unknown[1:6])}."
    raise InputError(message)


def _by_stored_name(by_name: Mapping[str, T]) -> dict[str, T]:
    return {name.lower(): value for name, value in by_name.items()}


@dataclass(frozen=True)
class _Drawing:
    """The parts of a drawing, in the coordinates of its layout; each part returns SVG."""

    feeder: Feeder
    colours: BusColours
    tooltips: Mapping[str, str]
    with_names: bool = False

    def svg(self, title: str) -> str:
        """Put the parts together: heading, drawing, legend."""
        # later parts lie on earlier ones: dots cover the ends of lines, and no name covers a dot
        parts = [
            _lines(self),
            _names(self),
            _branch_symbols(self),
            _devices(self),
            _buses(self),
        ]
        top = MARGIN + (TITLE_PX if title else 0.0)
        bottom = top + self.layout.height + MARGIN
        entries = [*self.colours.legend, *_symbol_entries(self)]
        legend, legend_height = draw_legend(entries, bottom, WIDTH - MARGIN)
        heading = ""
        if title:
            heading = f'<text x="{MARGIN / 2:g}" y="26" font-size="17" font-weight="600" fill="{INK}">{escape(title)}</text>'
        label = escape(title or f"One-line diagram of feeder {self.feeder.name}")
        height = bottom + legend_height + 8
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="tl-diagram" viewBox="0 0 {WIDTH:g} {height:.0f}" '
            f'role="img" aria-label="{label}" font-family="{FONT_FAMILY}"><style>{STYLE}</style>{heading}'
            f'<g transform="translate({MARGIN:g} {top:g})">{"".join(parts)}</g>'
            f'<g transform="translate({MARGIN / 2:g} 0)">{legend}</g></svg>'
        )

    @cached_property
    def layout(self) -> Layout:
        return lay_out(self.feeder, WIDTH - 2 * MARGIN)

    @cached_property
    def routes(self) -> list[Route]:
        return find_routes(branches(self.feeder), self.layout)

    @cached_property
    def size(self) -> float:
        """Size of ordinary symbols, 1 in a small feeder."""
        return symbol_size(len(self.feeder.buses))

    @cached_property
    def conductors(self) -> dict[tuple[bool, str], set[int]]:
        """Phases of each line (False, name) and, on its first winding, of each transformer (True, name)."""
        nodes = {}
        for line in self.feeder.lines:
            nodes[False, line.name] = set(line.from_nodes)
        for transformer in self.feeder.transformers:
            primary = transformer.windings[0]
            nodes[True, transformer.name] = set(primary.nodes)
        return nodes

    @cached_property
    def devices(self) -> list[PlacedSymbol]:
        """What hangs off the buses, the source first."""
        ahead = next_points(self.routes)
        placed = []
        for bus, kinds in self.elements_at_bus.items():
            point = self.layout.points[bus]
            turns = free_directions(point, ahead.get(bus, []), len(kinds))
            for (kind, elements), turn in zip(kinds.items(), turns, strict=True):
                name, symbol = KINDS[kind]
                px = self.symbol_px(self.bus_counts[kind])
                placed.append(
                    PlacedSymbol(
                        name, symbol(), point, turn, px, device_text(name, elements)
                    )
                )
        return placed

    @cached_property
    def bus_counts(self) -> dict[str, int]:
        """Number of buses with each kind of device."""
        counts = {}
        for kind in KINDS:
            elements = getattr(self.feeder, kind)
            buses = {element.bus for element in elements}
            counts[kind] = len(buses)
        return counts

    @cached_property
    def elements_at_bus(self) -> dict[str, dict[str, list[Any]]]:
        """By bus and kind; kinds that occur too often to be drawn are left out."""
        at_bus: dict[str, dict[str, list[Any]]] = {}
        for kind in KINDS:
            if self.bus_counts[kind] > MOST_OF_A_KIND:
                continue
            for element in getattr(self.feeder, kind):
                by_kind = at_bus.setdefault(element.bus, {})
                by_kind.setdefault(kind, []).append(element)
        return at_bus

    def symbol_px(self, count: int) -> float:
        """Size of a symbol that occurs `count` times."""
        # by the root: all symbols of a kind together then cover the same area, however many they are
        rare_size = math.sqrt(RARE_COUNT / max(count, 1)) * RARE_SIZE
        size = max(self.size, min(RARE_SIZE, rare_size))
        return BUS_RADIUS * size

    @property
    def has_phases(self) -> bool:
        """Whether phases are told apart."""
        return not self.feeder.single_phase_equivalent

    def text(self, route: Route) -> str:
        """What appears under the mouse at a line and at its symbol."""
        return branch_text(route.branches, self.phases(route), self.has_phases)

    def phases(self, route: Route) -> set[int]:
        """Phases of a route; units side by side count together."""
        if not self.has_phases:
            return {1, 2, 3}
        is_transformer = route.branches[0].kind in ("transformer", "regulator")
        nodes: set[int] = set()
        for branch in route.branches:
            nodes |= self.conductors[is_transformer, branch.name]
        return nodes & {1, 2, 3}


def _lines(drawing: _Drawing) -> str:
    """All branches as lines, open ones below."""
    routes = sorted(drawing.routes, key=lambda route: route.is_closed)
    paths = "".join(_line(drawing, route) for route in routes)
    return f'<g fill="none" stroke="{INK}" stroke-linecap="round" stroke-linejoin="round">{paths}</g>'


def _line(drawing: _Drawing, route: Route) -> str:
    scale = max(drawing.size, 0.5)
    # a neutral alone is no phase: it is drawn as the thinnest line
    n_phases = len(drawing.phases(route)) or 1
    width = LINE_PX[n_phases] * scale
    dash = ""
    if not route.is_closed:
        dash_px = 7 * scale
        gap_px = 5 * scale
        dash = f' stroke="{MUTED}" stroke-dasharray="{dash_px:.1f} {gap_px:.1f}"'
    title = escape(drawing.text(route))
    return f'<path class="tl-branch" d="{route.path_data}" stroke-width="{width:.2f}"{dash}><title>{title}</title></path>'


def _branch_symbols(drawing: _Drawing) -> str:
    return "".join(mark.svg for mark in _branch_marks(drawing))


def _branch_marks(drawing: _Drawing) -> list[PlacedSymbol]:
    """Symbols of transformers, regulators and switches on their lines."""
    routes = [route for route in drawing.routes if route.branches[0].kind != "line"]
    symbol_of = [_branch_symbol(drawing.feeder, route) for route in routes]
    counts = Counter(name for name, _ in symbol_of)
    marks = []
    for route, (name, symbol) in zip(routes, symbol_of, strict=True):
        if counts[name] > MOST_OF_A_KIND:
            continue
        point, turn, length = route.symbol_place()
        # a short line is not hidden behind its symbol, unless the symbol would be too small to see
        room = max(LENGTH_SHARE * length, SMALLEST_MARK_PX)
        px = min(drawing.symbol_px(counts[name]), room)
        text = drawing.text(route)
        marks.append(PlacedSymbol(name, symbol, point, turn, px, text))
    return marks


def _branch_symbol(feeder: Feeder, route: Route) -> tuple[str, str]:
    """Name and symbol; a regulator that also changes the voltage level is a transformer with an arrow."""
    branch = route.branches[0]
    if branch.kind == "switch":
        name = "switch" if branch.closed else "open switch"
        return name, symbols.switch(branch.closed)
    if branch.kind == "transformer":
        return "transformer", symbols.transformer()
    from_kv, to_kv = feeder.bus(branch.from_bus).kv_ll, feeder.bus(branch.to_bus).kv_ll
    if math.isclose(from_kv, to_kv, rel_tol=0.05):
        return "regulator", symbols.regulator()
    return "regulated transformer", symbols.transformer(True)


def _devices(drawing: _Drawing) -> str:
    return "".join(device.svg for device in drawing.devices)


def _buses(drawing: _Drawing) -> str:
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


def _dot(drawing: _Drawing, bus: Bus, load_kw: float | None) -> str:
    style = drawing.colours.style[bus.name]
    x, y = drawing.layout.points[bus.name]
    attributes = dot_attributes(len(drawing.feeder.buses), style)
    look = written(attributes)
    more = [
        drawing.colours.text.get(bus.name, ""),
        drawing.tooltips.get(bus.name, ""),
    ]
    text = escape(bus_text(bus, load_kw, more, drawing.has_phases))
    name = f' data-bus="{escape(bus.name)}"' if drawing.with_names else ""
    return (
        f'<circle class="tl-bus"{name} cx="{x:.1f}" cy="{y:.1f}" {look}>'
        f"<title>{text}</title></circle>"
    )


def _names(drawing: _Drawing) -> str:
    """The names that fit."""
    layout = drawing.layout
    sources = [source.bus for source in drawing.feeder.sources]
    names = wanted_labels(sources, drawing.colours.worst, layout.parent)
    obstacles = [
        device.box(1.0, symbols.DEVICE_REACH, 1.1) for device in drawing.devices
    ]
    obstacles += [mark.box(-1.5, 1.5, 1.5) for mark in _branch_marks(drawing)]
    # bows count as two straight pieces: a name that touches one in between does no harm
    segments: list[tuple[Point, Point]] = []
    for route in drawing.routes:
        segments += pairwise(route.straight_points)
    edge = MARGIN - 2
    bounds = (-edge, -edge, layout.width + edge, layout.height + edge)
    radius = BUS_RADIUS * drawing.size
    labels = place_labels(
        names, layout.points, radius, FONT_PX, obstacles, segments, bounds
    )
    texts = ""
    for label in labels:
        name = escape(label.bus)
        texts += f'<text x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}">{name}</text>'
    return f'<g class="tl-name" font-size="{FONT_PX:g}">{texts}</g>'


def _symbol_entries(drawing: _Drawing) -> Iterable[Entry]:
    """Legend of the symbols and lines that occur."""
    device_symbols = {device.name: device.symbol for device in drawing.devices}
    for name, symbol in device_symbols.items():
        yield symbol_entry(symbol, name, origin_px=0.0, key_px=DEVICE_KEY_PX)
    mark_symbols = {mark.name: mark.symbol for mark in _branch_marks(drawing)}
    for name, symbol in mark_symbols.items():
        yield symbol_entry(symbol, name)
    if drawing.has_phases:
        for count in sorted(_phase_counts(drawing), reverse=True):
            yield line_entry(f"{count}-phase line", LINE_PX[count])
    if any(not route.is_closed for route in drawing.routes):
        yield line_entry("open", 1.7, dashed=True, colour=MUTED)


def _phase_counts(drawing: _Drawing) -> set[int]:
    """How many phases closed lines have, 0 left out."""
    counts = set()
    for route in drawing.routes:
        if route.is_closed and route.branches[0].kind == "line":
            counts.add(len(drawing.phases(route)))
    return counts - {0}
