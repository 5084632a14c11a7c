"""What a one-line diagram shows and where: routes of branches, symbols of devices, sizes, phases.

`drawing_parts` writes it as SVG; `diagram` puts the parts together. Places are those of `layout`, lines those of `routes`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tieline.feeders.feeder import Feeder
from tieline.network.branches import branches
from tieline.reports import symbols
from tieline.reports.bus_colours import BusColours
from tieline.reports.coloured_lines import LineColours
from tieline.reports.dots import BUS_RADIUS, is_dense, symbol_size
from tieline.reports.drawing_and_legend import MARGIN, WIDTH
from tieline.reports.element_texts import branch_text, device_text
from tieline.reports.layout import Layout, lay_out
from tieline.reports.placed_symbol import PlacedSymbol
from tieline.reports.routes import Route, find_routes, free_directions, next_points

RARE_SIZE = 0.6
RARE_COUNT = 12
"""In a large feeder, symbols of a kind with up to `RARE_COUNT` elements keep this size, so that they are found."""

LENGTH_SHARE = 0.19
SMALLEST_MARK_PX = 2.2
"""Size of a symbol on a short branch over the length of the branch, and what it need not fall below."""

MOST_OF_A_KIND = 250

KINDS = {"sources": ("source", symbols.source), **symbols.DEVICES}
"""Field of `Feeder`, name in the legend and symbol of what hangs off a bus."""


@dataclass(frozen=True)
class Drawing:
    """What is drawn, in the coordinates of its layout; each thing is worked out when it is first asked for."""

    feeder: Feeder
    colours: BusColours
    tooltips: Mapping[str, str]
    with_names: bool = False
    lines: LineColours | None = None

    @cached_property
    def layout(self) -> Layout:
        """Where each bus stands [px]."""
        return lay_out(self.feeder, WIDTH - 2 * MARGIN)

    @cached_property
    def routes(self) -> list[Route]:
        """The way of each branch."""
        return find_routes(branches(self.feeder), self.layout)

    @cached_property
    def size(self) -> float:
        """Size of ordinary symbols, 1 in a small feeder."""
        return symbol_size(len(self.feeder.buses))

    @property
    def paints_lines(self) -> bool:
        """Whether lines take the colour of the bus they feed: where buses are dense, their dots are too small to be read."""
        n_buses = len(self.feeder.buses)
        has_meaning = bool(self.colours.text) and self.lines is None
        # a page that changes its dots would leave the lines behind
        return is_dense(n_buses) and has_meaning and not self.with_names

    def fed_bus(self, route: Route) -> str:
        """The end of a route that is farther from the source."""
        branch = route.branches[0]
        if self.layout.parent[branch.from_bus] == branch.to_bus:
            return branch.from_bus
        return branch.to_bus

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
    def branch_marks(self) -> list[PlacedSymbol]:
        """Symbols of transformers, regulators and switches on their lines."""
        routes = [route for route in self.routes if route.branches[0].kind != "line"]
        symbol_of = [_branch_symbol(self.feeder, route) for route in routes]
        counts = Counter(name for name, _ in symbol_of)
        marks = []
        for route, (name, symbol) in zip(routes, symbol_of, strict=True):
            if counts[name] > MOST_OF_A_KIND:
                continue
            point, turn, length = route.symbol_place()
            # a short line is not hidden behind its symbol, unless the symbol would be too small to see
            room = max(LENGTH_SHARE * length, SMALLEST_MARK_PX)
            px = min(self.symbol_px(counts[name]), room)
            text = self.text(route)
            marks.append(PlacedSymbol(name, symbol, point, turn, px, text))
        return marks

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
        facts = branch_text(route.branches, self.phases(route), self.has_phases)
        if self.lines is None:
            return facts
        return "\n".join([facts, *self.lines.told(route.branches)])

    def phases(self, route: Route) -> set[int]:
        """Phases of a route; units side by side count together."""
        if not self.has_phases:
            return {1, 2, 3}
        is_transformer = route.branches[0].kind in ("transformer", "regulator")
        nodes: set[int] = set()
        for branch in route.branches:
            nodes |= self.conductors[is_transformer, branch.name]
        return nodes & {1, 2, 3}


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
