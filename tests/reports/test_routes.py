"""Branches on the paper: straight, down and across, or in a bow; and the free sides of a bus."""

from __future__ import annotations

import math

import pytest

from tieline.network.branches import Branch, BranchKind
from tieline.reports.layout import Layout
from tieline.reports.routes import find_routes, free_directions, next_points


def branch(
    name: str, a: str, b: str, kind: BranchKind = "line", closed: bool = True
) -> Branch:
    return Branch(kind, name, a, b, closed, 1.0, 0.01)


def layout(is_schematic: bool, **points: tuple[float, float]) -> Layout:
    """The buses in a row of parents."""
    names = list(points)
    parent = {name: (names[k - 1] if k else None) for k, name in enumerate(names)}
    return Layout(points, 1000.0, 500.0, parent, is_schematic)


def test_schematic_branch_runs_down_the_column_of_the_parent_then_across():
    paper = layout(True, a=(0, 0), b=(100, 80))
    assert [route.points for route in find_routes([branch("ab", "a", "b")], paper)] == [
        ((0, 0), (0, 80), (100, 80))
    ]
    assert [route.points for route in find_routes([branch("ba", "b", "a")], paper)] == [
        ((100, 80), (0, 80), (0, 0))
    ]
    (point, turn, length) = find_routes([branch("ab", "a", "b")], paper)[
        0
    ].symbol_place()
    assert (point, turn, length) == ((50, 80), 0, 100)


def test_branch_by_coordinates_is_straight():
    (route,) = find_routes(
        [branch("ab", "a", "b")], layout(False, a=(0, 0), b=(100, 80))
    )
    assert route.path_data == "M0.0 0.0L100.0 80.0"


def test_tie_of_a_schematic_bows_around_the_buses_in_its_way():
    paper = layout(True, a=(0, 0), b=(200, 0), c=(400, 0), d=(200, -56))
    (route,) = find_routes([branch("ac", "a", "c", closed=False)], paper)
    assert route.is_bow
    (_, (cx, cy), _) = route.points
    at_middle = cy / 2
    assert math.dist((cx, at_middle), (200, 0)) > 11
    assert math.dist((cx, at_middle), (200, -56)) > 11


def test_units_side_by_side_are_one_route_and_another_kind_bows():
    paper = layout(False, a=(0, 0), b=(100, 0))
    units = [branch(f"r{k}", "a", "b", "regulator") for k in range(3)]
    bank, bypass = find_routes(
        [*units, branch("bypass", "b", "a", "switch", closed=False)], paper
    )
    assert len(bank.branches) == 3
    assert not bank.is_bow
    assert bypass.is_bow


def test_branch_from_a_bus_to_itself_is_not_drawn():
    assert (
        find_routes([branch("aa", "a", "a")], layout(False, a=(0, 0), b=(1, 0))) == []
    )


def test_free_directions_avoid_the_routes():
    east, south = (10.0, 0.0), (0.0, 10.0)
    assert free_directions((0.0, 0.0), [east], 1) == [180.0]
    assert free_directions((0.0, 0.0), [], 1) == [90.0]
    assert free_directions((0.0, 0.0), [east, (-10.0, 0.0)], 2) == [90.0, 270.0]
    assert free_directions((0.0, 0.0), [east, south], 1)[0] in (180.0, 225.0, 270.0)
    assert free_directions((0.0, 0.0), [east], 0) == []


def test_next_points_are_where_routes_leave_a_bus():
    paper = layout(True, a=(0, 0), b=(100, 80))
    assert next_points(find_routes([branch("ab", "a", "b")], paper)) == {
        "a": [(0, 80)],
        "b": [(0, 80)],
    }
    assert pytest.approx(180.0) == free_directions((100, 80), [(200, 80)], 1)[0]
