"""How branches run on the paper between their buses, and which directions are free for what hangs off a bus.

In a layout by coordinates a branch is straight. In a schematic one a tree branch runs down its parent's column and then across,
any other (a tie, a loop) in a shallow bow, so that it does not hide behind a row of buses. Elements side by side become one
route per kind.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tieline.network.topology import Branch
from tieline.reports.layout import Layout, Point

BOWS = (0.14, -0.14, 0.2, -0.2, 0.28, -0.28, 0.07, -0.07)
"""Heights of the bow of a branch outside the tree, over its length; the first of those that pass the fewest buses is taken."""

CLEARANCE = 0.011
"""How near a bow may pass a bus, over the width of the drawing."""

SLOTS_DEG = (90.0, 270.0, 0.0, 180.0, 45.0, 135.0, 315.0, 225.0)
"""Directions in which a device may hang off its bus, clockwise from +x; the first of equals is taken."""


@dataclass(frozen=True)
class Route:
    """Branches of one kind between two buses. `points` runs from bus to bus; a bow has its control point in the middle."""

    branches: tuple[Branch, ...]
    points: tuple[Point, ...]
    is_bow: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether it conducts."""
        return self.branches[0].closed

    @property
    def path_data(self) -> str:
        """The d attribute of an SVG path."""
        text = [f"{x:.1f} {y:.1f}" for x, y in self.points]
        return f"M{text[0]}Q{text[1]} {text[2]}" if self.is_bow else "M" + "L".join(text)

    @property
    def straight_points(self) -> tuple[Point, ...]:
        """The route as a polyline, for finding what is in the way."""
        if not self.is_bow:
            return self.points
        (ax, ay), (cx, cy), (bx, by) = self.points
        return (self.points[0], ((ax + 2 * cx + bx) / 4, (ay + 2 * cy + by) / 4), self.points[2])

    def symbol_place(self) -> tuple[Point, float, float]:
        """Where a symbol on the route stands: point, direction [degrees], length of the straight piece it has."""
        if self.is_bow:
            (ax, ay), _, (bx, by) = self.points
            return (
                self.straight_points[1],
                _degrees((ax, ay), (bx, by)),
                math.dist((ax, ay), (bx, by)),
            )
        a, b = self.points[-2:]
        return ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), _degrees(a, b), math.dist(a, b)


def find_routes(all_branches: Iterable[Branch], layout: Layout) -> list[Route]:
    """One route per pair of buses, kind and position (open, closed)."""
    groups: dict[tuple[frozenset[str], str, bool], list[Branch]] = {}
    for branch in all_branches:
        if branch.from_bus != branch.to_bus:
            groups.setdefault(
                (frozenset((branch.from_bus, branch.to_bus)), branch.kind, branch.closed), []
            ).append(branch)
    drawn: set[frozenset[str]] = set()
    routes = []
    for (ends, _, _), group in groups.items():
        routes.append(_route(group, layout, is_beside_another=ends in drawn))
        drawn.add(ends)
    return routes


def free_directions(bus_point: Point, neighbours: Iterable[Point], count: int) -> list[float]:
    """The `count` freest directions at a bus [degrees clockwise from +x], given the next points of its routes."""
    used = [_degrees(bus_point, point) for point in neighbours]
    for _ in range(count):
        room = {
            slot: min([_turn_between(slot, other) for other in used], default=180)
            for slot in SLOTS_DEG
        }
        used.append(max(SLOTS_DEG, key=lambda slot: room[slot]))
    return used[len(used) - count :]


def next_points(routes: Iterable[Route]) -> dict[str, list[Point]]:
    """For each bus, where its routes go first."""
    found: dict[str, list[Point]] = {}
    for route in routes:
        start, end = route.branches[0].from_bus, route.branches[0].to_bus
        found.setdefault(start, []).append(route.straight_points[1])
        found.setdefault(end, []).append(route.straight_points[-2])
    return found


def _route(group: list[Branch], layout: Layout, is_beside_another: bool) -> Route:
    start, end = group[0].from_bus, group[0].to_bus
    a, b = layout.points[start], layout.points[end]
    in_tree = layout.parent[start] == end or layout.parent[end] == start
    if is_beside_another or (layout.is_schematic and not in_tree):
        return Route(tuple(group), (a, _free_bow(a, b, layout), b), is_bow=True)
    if layout.is_schematic and a[1] != b[1]:
        corner = (a[0], b[1]) if layout.parent[end] == start else (b[0], a[1])
        points = (a, corner, b)
        return Route(tuple(group), points)
    return Route(tuple(group), (a, b))


def _free_bow(a: Point, b: Point, layout: Layout) -> Point:
    """Control point of the bow from `a` to `b` that passes the fewest buses."""
    others = np.array([point for point in layout.points.values() if point not in (a, b)]).reshape(
        -1, 2
    )
    t = np.linspace(0.05, 0.95, 37)[:, None]

    def buses_passed(control: Point) -> int:
        bow = (1 - t) ** 2 * np.array(a) + 2 * t * (1 - t) * np.array(control) + t**2 * np.array(b)
        away = np.hypot(*(others[:, None, :] - bow[None]).transpose(2, 0, 1))
        return int((away.min(axis=1) < CLEARANCE * layout.width).sum()) if len(others) else 0

    controls = [
        ((a[0] + b[0]) / 2 + 2 * bow * (b[1] - a[1]), (a[1] + b[1]) / 2 - 2 * bow * (b[0] - a[0]))
        for bow in BOWS
    ]
    return min(controls, key=buses_passed)


def _degrees(a: Point, b: Point) -> float:
    return math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])) % 360


def _turn_between(a: float, b: float) -> float:
    """Angle between two directions, rounded so that near equals tie [degrees]."""
    return round(abs((a - b + 180) % 360 - 180), -1)
