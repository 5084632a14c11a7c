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
from tieline.reports.labels import Box, place_labels, wanted_labels
from tieline.reports.layout import Layout, Point, lay_out
from tieline.reports.legend import Entry, draw_legend, line_entry, symbol_entry
from tieline.reports.numbers import format_number
from tieline.reports.routes import Route, find_routes, free_directions, next_points

WIDTH, MARGIN, TITLE_PX = 1000.0, 44.0, 30.0
FONT_PX = 11.0
FONT_FAMILY = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
LINE_PX = {1: 1.0, 2: 1.7, 3: 2.6}

BUS_RADIUS, FULL_SIZE_UP_TO, SMALLEST_SIZE = 5.0, 50, 0.2
"""Radius of a bus dot up to `FULL_SIZE_UP_TO` buses; it then shrinks with their mean spacing, to `SMALLEST_SIZE` at the least."""
RARE_SIZE, RARE_COUNT = 0.6, 12
"""In a large feeder, symbols of a kind with up to `RARE_COUNT` elements keep this size, so that they are found."""
LENGTH_SHARE, SMALLEST_MARK_PX = 0.19, 2.2
"""Size of a symbol on a short branch over the length of the branch, and what it need not fall below."""
SMALLEST_RAISED_PX = 1.8
"""Least radius of buses that their class raises above the others."""
MOST_OF_A_KIND = 250
DEVICE_KEY_PX = 36.0
NAMES_IN_TOOLTIP = 6

STYLE = (
    f".tl-bus:hover{{stroke:{INK};stroke-width:4px}}.tl-branch:hover{{stroke:#0072b2;stroke-width:6px}}"
    f".tl-name{{fill:{INK};paint-order:stroke;stroke:{PAPER};stroke-width:2.5px;stroke-linejoin:round;pointer-events:none}}"
)

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
    _check_names(feeder, [*(bus_values or {}), *(bus_classes or {}), *(tooltips or {})])
    colours = plain_colours(feeder)
    if bus_values is not None:
        colours = colours_by_value(
            feeder, _by_stored_name(bus_values), value_label, value_unit, value_range, worst
        )
    elif bus_classes is not None:
        colours = colours_by_class(feeder, _by_stored_name(bus_classes))
    return _Drawing(feeder, colours, _by_stored_name(tooltips or {})).svg(title)


def _check_names(feeder: Feeder, names: list[str]) -> None:
    known = [bus.name for bus in feeder.buses]
    unknown = sorted({name for name in names if name.lower() not in set(known)}) if names else []
    if unknown:
        first = unknown_name_message(f"bus of feeder '{feeder.name}'", unknown[0], known)
        rest = (
            f" {len(unknown) - 1} more unknown: {', '.join(unknown[1:6])}."
            if len(unknown) > 1
            else ""
        )
        raise InputError(first + rest)


def _by_stored_name(given: Mapping[str, T]) -> dict[str, T]:
    return {name.lower(): value for name, value in given.items()}


@dataclass(frozen=True)
class _Drawing:
    """The parts of a drawing, in the coordinates of its layout; each part returns SVG."""

    feeder: Feeder
    colours: BusColours
    tooltips: Mapping[str, str]

    def svg(self, title: str) -> str:
        """Put the parts together: heading, drawing, legend."""
        parts = [_lines(self), _names(self), _branch_symbols(self), _devices(self), _buses(self)]
        top = MARGIN + (TITLE_PX if title else 0.0)
        bottom = top + self.layout.height + MARGIN
        legend, legend_height = draw_legend(
            [*self.colours.legend, *_symbol_entries(self)], bottom, WIDTH - MARGIN
        )
        heading = f'<text x="{MARGIN / 2:g}" y="26" font-size="17" font-weight="600" fill="{INK}">{escape(title)}</text>'
        label = escape(title or f"One-line diagram of feeder {self.feeder.name}")
        height = bottom + legend_height + 8
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="tl-diagram" viewBox="0 0 {WIDTH:g} {height:.0f}" '
            f'role="img" aria-label="{label}" font-family="{FONT_FAMILY}"><style>{STYLE}</style>{heading if title else ""}'
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
        return max(min(1.0, math.sqrt(FULL_SIZE_UP_TO / len(self.feeder.buses))), SMALLEST_SIZE)

    @cached_property
    def conductors(self) -> dict[tuple[bool, str], set[int]]:
        """Phases of each line (False, name) and, on its first winding, of each transformer (True, name)."""
        lines = {(False, line.name): set(line.from_nodes) for line in self.feeder.lines}
        return lines | {
            (True, unit.name): set(unit.windings[0].nodes) for unit in self.feeder.transformers
        }

    @cached_property
    def devices(self) -> list[_Placed]:
        """What hangs off the buses, the source first."""
        shown = {"sources": ("source", symbols.source), **symbols.DEVICES}
        counts = {
            kind: len({element.bus for element in getattr(self.feeder, kind)}) for kind in shown
        }
        at_bus: dict[str, dict[str, list[Any]]] = {}
        for kind in (kind for kind in shown if counts[kind] <= MOST_OF_A_KIND):
            for element in getattr(self.feeder, kind):
                at_bus.setdefault(element.bus, {}).setdefault(kind, []).append(element)
        ahead = next_points(self.routes)
        placed = []
        for bus, kinds in at_bus.items():
            point = self.layout.points[bus]
            for (kind, elements), turn in zip(
                kinds.items(), free_directions(point, ahead.get(bus, []), len(kinds)), strict=True
            ):
                name, symbol = shown[kind]
                placed.append(
                    _Placed(
                        name,
                        symbol(),
                        point,
                        turn,
                        self.symbol_px(counts[kind]),
                        _device_text(name, elements),
                    )
                )
        return placed

    def symbol_px(self, count: int) -> float:
        """Size of a symbol that occurs `count` times."""
        return BUS_RADIUS * max(
            self.size, min(RARE_SIZE, math.sqrt(RARE_COUNT / max(count, 1)) * RARE_SIZE)
        )

    def phases(self, route: Route) -> set[int]:
        """Phases of a route; units side by side count together."""
        is_transformer = route.branches[0].kind in ("transformer", "regulator")
        nodes = set().union(
            *(self.conductors[is_transformer, branch.name] for branch in route.branches)
        )
        return {1, 2, 3} if self.feeder.single_phase_equivalent else nodes & {1, 2, 3}


@dataclass(frozen=True)
class _Placed:
    """A symbol on the paper: its name in the legend, SVG, origin, direction, size and tooltip."""

    name: str
    symbol: str
    point: Point
    turn_deg: float
    px: float
    text: str

    @property
    def svg(self) -> str:
        return symbols.placed(self.symbol, *self.point, self.turn_deg, self.px, escape(self.text))

    def box(self, start: float, end: float, half: float) -> Box:
        """What the symbol covers if it runs from `start` to `end` along its direction, `half` to both sides."""
        angle = math.radians(self.turn_deg)
        xs = [self.point[0] + self.px * reach * math.cos(angle) for reach in (start, end)]
        ys = [self.point[1] + self.px * reach * math.sin(angle) for reach in (start, end)]
        side = self.px * half
        return (min(xs) - side, min(ys) - side, max(xs) + side, max(ys) + side)


def _lines(drawing: _Drawing) -> str:
    """All branches as lines, open ones below."""
    scale = max(drawing.size, 0.5)
    dash = f' stroke="{MUTED}" stroke-dasharray="{7 * scale:.1f} {5 * scale:.1f}"'
    parts = [
        f'<path class="tl-branch" d="{route.path_data}" stroke-width="{LINE_PX[len(drawing.phases(route)) or 1] * scale:.2f}"'
        f"{'' if route.is_closed else dash}><title>{escape(_branch_text(drawing, route))}</title></path>"
        for route in sorted(drawing.routes, key=lambda route: route.is_closed)
    ]
    return f'<g fill="none" stroke="{INK}" stroke-linecap="round" stroke-linejoin="round">{"".join(parts)}</g>'


def _branch_symbols(drawing: _Drawing) -> str:
    return "".join(mark.svg for mark in _branch_marks(drawing))


def _branch_marks(drawing: _Drawing) -> list[_Placed]:
    """Symbols of transformers, regulators and switches on their lines."""
    named = [
        (route, *_branch_symbol(drawing.feeder, route))
        for route in drawing.routes
        if route.branches[0].kind != "line"
    ]
    counts = Counter(name for _, name, _ in named)
    marks = []
    for route, name, symbol in (one for one in named if counts[one[1]] <= MOST_OF_A_KIND):
        point, turn, length = route.symbol_place()
        px = min(drawing.symbol_px(counts[name]), max(LENGTH_SHARE * length, SMALLEST_MARK_PX))
        marks.append(_Placed(name, symbol, point, turn, px, _branch_text(drawing, route)))
    return marks


def _branch_symbol(feeder: Feeder, route: Route) -> tuple[str, str]:
    """Name and symbol; a regulator that also changes the voltage level is a transformer with an arrow."""
    branch = route.branches[0]
    if branch.kind == "switch":
        return (
            ("switch", symbols.switch(True))
            if branch.closed
            else ("open switch", symbols.switch(False))
        )
    changes_level = not math.isclose(
        feeder.bus(branch.from_bus).kv_ll, feeder.bus(branch.to_bus).kv_ll, rel_tol=0.05
    )
    if branch.kind == "transformer":
        return "transformer", symbols.transformer()
    return (
        ("regulated transformer", symbols.transformer(True))
        if changes_level
        else ("regulator", symbols.regulator())
    )


def _devices(drawing: _Drawing) -> str:
    return "".join(device.svg for device in drawing.devices)


def _buses(drawing: _Drawing) -> str:
    """Dots, the worst on top."""
    ordered = sorted(drawing.feeder.buses, key=lambda bus: drawing.colours.style[bus.name].rank)
    load_kw: dict[str, float] = {}
    for load in drawing.feeder.loads:
        load_kw[load.bus] = load_kw.get(load.bus, 0.0) + load.p_kw
    dots = [_dot(drawing, bus, load_kw.get(bus.name)) for bus in ordered]
    return f'<g stroke-width="{0.9 * max(drawing.size, 0.3):.2f}">{"".join(dots)}</g>'


def _dot(drawing: _Drawing, bus: Bus, load_kw: float | None) -> str:
    style, (x, y) = drawing.colours.style[bus.name], drawing.layout.points[bus.name]
    facts = f"{format_number(bus.kv_ll)} kV" + (
        "" if drawing.feeder.single_phase_equivalent else f", {_phases_text(bus.phases)}"
    )
    load = f"load {format_number(load_kw)} kW" if load_kw is not None else ""
    given = (drawing.colours.text.get(bus.name, ""), drawing.tooltips.get(bus.name, ""))
    text = "\n".join(part for part in (f"bus {bus.name}", facts, load, *given) if part)
    radius = (
        max(BUS_RADIUS * drawing.size, SMALLEST_RAISED_PX if style.size > 1 else 0.0) * style.size
    )
    return (
        f'<circle class="tl-bus" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{style.fill}" stroke="{style.stroke}">'
        f"<title>{escape(text)}</title></circle>"
    )


def _names(drawing: _Drawing) -> str:
    """The names that fit."""
    layout = drawing.layout
    wanted = wanted_labels(
        [source.bus for source in drawing.feeder.sources], drawing.colours.worst, layout.parent
    )
    obstacles = [device.box(1.0, symbols.DEVICE_REACH, 1.1) for device in drawing.devices]
    obstacles += [mark.box(-1.5, 1.5, 1.5) for mark in _branch_marks(drawing)]
    segments = [pair for route in drawing.routes for pair in pairwise(route.straight_points)]
    bounds = (-MARGIN + 2, -MARGIN + 2, layout.width + MARGIN - 2, layout.height + MARGIN - 2)
    radius = BUS_RADIUS * drawing.size
    labels = place_labels(wanted, layout.points, radius, FONT_PX, obstacles, segments, bounds)
    texts = [
        f'<text x="{lab.x:.1f}" y="{lab.y:.1f}" text-anchor="{lab.anchor}">{escape(lab.bus)}</text>'
        for lab in labels
    ]
    return f'<g class="tl-name" font-size="{FONT_PX:g}">{"".join(texts)}</g>'


def _symbol_entries(drawing: _Drawing) -> Iterable[Entry]:
    """Legend of the symbols and lines that occur."""
    seen = {device.name: device.symbol for device in drawing.devices}
    yield from (
        symbol_entry(symbol, name, origin_px=0.0, key_px=DEVICE_KEY_PX)
        for name, symbol in seen.items()
    )
    marks = {mark.name: mark.symbol for mark in _branch_marks(drawing)}
    yield from (symbol_entry(symbol, name) for name, symbol in marks.items())
    closed = {
        len(drawing.phases(route))
        for route in drawing.routes
        if route.is_closed and route.branches[0].kind == "line"
    }
    if not drawing.feeder.single_phase_equivalent:
        yield from (
            line_entry(f"{count}-phase line", LINE_PX[count])
            for count in sorted(closed - {0}, reverse=True)
        )
    if any(not route.is_closed for route in drawing.routes):
        yield line_entry("open", 1.7, dashed=True, colour=MUTED)


def _branch_text(drawing: _Drawing, route: Route) -> str:
    """For example: line l115, 149 to 1, 0.122 km, phases 1 2 3."""
    first = route.branches[0]
    facts = [
        f"{first.kind} {_listed(branch.name for branch in route.branches)}",
        f"{first.from_bus} to {first.to_bus}",
    ]
    if first.length_km > 0:
        facts.append(f"{format_number(first.length_km)} km")
    if not drawing.feeder.single_phase_equivalent:
        facts.append(_phases_text(sorted(drawing.phases(route))))
    return ", ".join(fact for fact in [*facts, "" if first.closed else "open"] if fact)


def _device_text(name: str, elements: list[Any]) -> str:
    """For example: load s1a, s1b."""
    return f"{name} {_listed(element.name for element in elements)}"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - NAMES_IN_TOOLTIP} more" if len(every) > NAMES_IN_TOOLTIP else ""
    return ", ".join(every[:NAMES_IN_TOOLTIP]) + more


def _phases_text(nodes: Iterable[int]) -> str:
    phases = [str(node) for node in nodes if node in (1, 2, 3)]
    return f"phase{'s' if len(phases) != 1 else ''} {' '.join(phases)}" if phases else ""
