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

from tieline.network.branches import Branch
from tieline.reports.layout import Layout, Point
from tieline.typing import FloatArray

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
        if self.is_bow:
            start, control, end = text
            return f"M{start}Q{control} {end}"
        return "M" + "L".join(text)

    @property
    def straight_points(self) -> tuple[Point, ...]:
        """The route as a polyline, for finding what is in the way."""
        if not self.is_bow:
            return self.points
        start, control, end = self.points
        return start, _middle_of_bow(start, control, end), end

    def symbol_place(self) -> tuple[Point, float, float]:
        """Where a symbol on the route stands: point, direction [degrees], length of the straight piece it has."""
        if self.is_bow:
            start, control, end = self.points
            place = _middle_of_bow(start, control, end)
        else:
            start, end = self.points[-2:]
            place = _middle(start, end)
        return place, _degrees(start, end), math.dist(start, end)


def find_routes(all_branches: Iterable[Branch], layout: Layout) -> list[Route]:
    """One route per pair of buses, kind and position (open, closed)."""
    groups: dict[tuple[frozenset[str], str, bool], list[Branch]] = {}
    for branch in all_branches:
        ends = frozenset((branch.from_bus, branch.to_bus))
        if len(ends) == 2:
            groups.setdefault((ends, branch.kind, branch.closed), []).append(branch)
    joined: set[frozenset[str]] = set()
    routes = []
    for (ends, _, _), group in groups.items():
        # a second route between the same buses would hide behind the first
        routes.append(_route(group, layout, is_beside_another=ends in joined))
        joined.add(ends)
    return routes


def free_directions(
    bus_point: Point, neighbours: Iterable[Point], count: int
) -> list[float]:
    """The `count` freest directions at a bus [degrees clockwise from +x], given the next points of its routes."""
    used = [_degrees(bus_point, point) for point in neighbours]
    directions = []
    for _ in range(count):
        freest = max(SLOTS_DEG, key=lambda slot: _room(slot, used))
        directions.append(freest)
        used.append(freest)
    return directions


def _room(slot: float, used: Iterable[float]) -> float:
    """Angle from a direction to the nearest that is used [degrees]."""
    return min((_turn_between(slot, direction) for direction in used), default=180)


def next_points(routes: Iterable[Route]) -> dict[str, list[Point]]:
    """For each bus, where its routes go first."""
    points: dict[str, list[Point]] = {}
    for route in routes:
        branch = route.branches[0]
        from_start = route.straight_points[1]
        from_end = route.straight_points[-2]
        points.setdefault(branch.from_bus, []).append(from_start)
        points.setdefault(branch.to_bus, []).append(from_end)
    return points


def _route(group: list[Branch], layout: Layout, is_beside_another: bool) -> Route:
    branches = tuple(group)
    start = group[0].from_bus
    end = group[0].to_bus
    a = layout.points[start]
    b = layout.points[end]
    runs_down = layout.parent[end] == start
    is_in_tree = runs_down or layout.parent[start] == end
    # in rows and columns a straight line outside the tree would run through other buses
    leaves_tree = layout.is_schematic and not is_in_tree
    if is_beside_another or leaves_tree:
        control = _free_bow(a, b, layout)
        return Route(branches, (a, control, b), is_bow=True)
    if layout.is_schematic and a[1] != b[1]:
        # down the parent's column, then across
        corner = (a[0], b[1]) if runs_down else (b[0], a[1])
        return Route(branches, (a, corner, b))
    return Route(branches, (a, b))


def _free_bow(a: Point, b: Point, layout: Layout) -> Point:
    """Control point of the bow from `a` to `b` that passes the fewest buses."""
    buses = [point for point in layout.points.values() if point not in (a, b)]
    in_the_way = np.array(buses).reshape(-1, 2)
    clearance = CLEARANCE * layout.width
    controls = [_control_point(a, b, height) for height in BOWS]

    def n_near(control: Point) -> int:
        return _buses_near(_bow(a, control, b), in_the_way, clearance)

    # of equals the first: `BOWS` stand in the order of preference
    return min(controls, key=n_near)


def _control_point(a: Point, b: Point, height: float) -> Point:
    """Beside the middle of a straight line, `2 height` of its length away: a bow reaches half as far as its control point."""
    x, y = _middle(a, b)
    along_x = b[0] - a[0]
    along_y = b[1] - a[1]
    # across is along, turned by a right angle
    across_x = 2 * height * along_y
    across_y = 2 * height * along_x
    return x + across_x, y - across_y


def _bow(a: Point, control: Point, b: Point) -> FloatArray:
    """Points (point, 2) of a quadratic Bezier curve, its ends left out."""
    t = np.linspace(0.05, 0.95, 37)[:, None]
    s = 1 - t
    from_a = s**2 * np.array(a)
    from_control = 2 * t * s * np.array(control)
    from_b = t**2 * np.array(b)
    return from_a + from_control + from_b


def _buses_near(bow: FloatArray, buses: FloatArray, clearance: float) -> int:
    """How many buses (bus, 2) a curve passes nearer than the clearance."""
    if not len(buses):
        return 0
    apart = buses[:, None, :] - bow[None]
    distances = np.hypot(apart[..., 0], apart[..., 1])
    is_near = distances.min(axis=1) < clearance
    return int(is_near.sum())


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _middle_of_bow(a: Point, control: Point, b: Point) -> Point:
    """Halfway along a quadratic Bezier curve."""
    return (a[0] + 2 * control[0] + b[0]) / 4, (a[1] + 2 * control[1] + b[1]) / 4


def _degrees(a: Point, b: Point) -> float:
    return math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])) % 360


def _turn_between(a: float, b: float) -> float:
    """Angle between two directions, rounded so that near equals tie [degrees]."""
    return round(abs((a - b + 180) % 360 - 180), -1)
