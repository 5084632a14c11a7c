"""Where each bus stands in a drawing: its own coordinates where the feeder has them, else a tree (`tree_layout`).

Coordinates are used when at least `ENOUGH_KNOWN` of the buses have them. A bus without stands at the mean of its neighbours,
which spaces a chain between two known buses evenly (a harmonic embedding: W. T. Tutte, How to draw a graph, Proc. London Math.
Soc. 13 (1963), 743-767). Buses at one point, such as the two sides of a regulator, are pulled apart along the feeder so that
the element between them can be drawn.

Left out: map projections (x and y are taken as lengths) and crossings of lines that the coordinates themselves make.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import networkx as nx
import numpy as np

from tieline.feeders.feeder import Feeder
from tieline.network.topology import branches, bus_graph
from tieline.reports.tree_layout import tree_rows
from tieline.typing import BoolArray, FloatArray

Point = tuple[float, float]

ENOUGH_KNOWN = 0.6
"""Share of buses with coordinates from which the coordinates are used; below it most of the picture would be guessed."""

LOWEST_ASPECT, HIGHEST_ASPECT = 0.3, 0.8
"""Height over width of a drawing. A flatter feeder is stretched, a taller one shrunk and centred."""

COLUMN_ASPECT = 0.75
"""Row spacing over column spacing of a tree."""

LARGEST_GAP, GAP_SHARE = 0.026, 0.15
"""Least distance, over the width, of two buses with a device between: this share of the mean spacing, at most `LARGEST_GAP`."""

SAME_POINT = 1e-3
"""Share of that distance below which any two joined buses count as standing on each other."""


@dataclass(frozen=True)
class Layout:
    """Positions of all buses within (0, 0) to (width, height), y downwards.

    `parent` is the tree that was laid out. `is_schematic`: not from coordinates; branches then run down and across instead of
    straight.
    """

    points: dict[str, Point]
    width: float
    height: float
    parent: dict[str, str | None]
    is_schematic: bool


def lay_out(feeder: Feeder, width: float = 1000.0) -> Layout:
    """Positions of all buses of a feeder.

    Args:
        feeder: a feeder that passed its checks.
        width: width of the drawing; the height follows from the feeder's shape.

    Returns:
        A position for every bus, also for those without a path to the source.
    """
    parent = drawing_tree(feeder)
    points = _coordinates(feeder)
    if points is None:
        return _schematic(feeder, parent, width)
    scaled, height = _scale(points * (1.0, -1.0), width)
    names = [bus.name for bus in feeder.buses]
    at_coordinates = dict(zip(names, map(tuple, scaled.tolist()), strict=True))
    placed = _pull_apart(
        at_coordinates, parent, _ends_of_devices(feeder), _least_gap(len(names), width)
    )
    return Layout(_fit_inside(placed, width, height), width, height, parent, is_schematic=False)


def drawing_tree(feeder: Feeder) -> dict[str, str | None]:
    """Parent of every bus, parents first: closed branches before open ones; a part cut off from the source has a root too."""
    graph = bus_graph(feeder, include_open=True)
    cost = len(graph)  # so that one open branch costs more than any closed path
    for *_, attributes in graph.edges(data=True):
        attributes["steps"] = 1 if attributes["closed"] else cost
    parent: dict[str, str | None] = {}
    for root in [*(source.bus for source in feeder.sources), *graph]:
        if root not in parent:
            above, steps = nx.dijkstra_predecessor_and_distance(graph, root, weight="steps")
            parent |= {bus: above[bus][0] if above[bus] else None for bus in steps}
    return parent


def _schematic(feeder: Feeder, parent: dict[str, str | None], width: float) -> Layout:
    """The tree in rows and columns, as wide as asked, rows no farther apart than columns allow."""
    cells = tree_rows(parent)
    cells_array = np.array([cells[bus.name] for bus in feeder.buses], dtype=float)
    columns, rows = np.maximum(np.ptp(cells_array, axis=0), 1).tolist()
    step_x = width / columns
    step_y = min(step_x * COLUMN_ASPECT, width * HIGHEST_ASPECT / rows)
    step_y = max(step_y, min(width * LOWEST_ASPECT / rows, step_x * 2))
    low = cells_array.min(axis=0).tolist()
    points = {
        bus: ((column - low[0]) * step_x, (row - low[1]) * step_y)
        for bus, (column, row) in cells.items()
    }
    return Layout(
        points, width, float(np.ptp(cells_array[:, 1]) * step_y), parent, is_schematic=True
    )


def _coordinates(feeder: Feeder) -> FloatArray | None:
    """Coordinates (bus, 2) with unknown ones filled in; None if too few buses have them or all are at one point."""
    known = np.array([bus.x is not None and bus.y is not None for bus in feeder.buses])
    points = np.array(
        [
            (bus.x, bus.y) if has else (0.0, 0.0)
            for bus, has in zip(feeder.buses, known, strict=True)
        ],
        dtype=float,
    )
    if known.mean() < ENOUGH_KNOWN or np.ptp(points[known], axis=0).max() == 0:
        return None
    return points if known.all() else _fill_unknown(feeder, points, known)


def _fill_unknown(feeder: Feeder, points: FloatArray, known: BoolArray) -> FloatArray:
    """Set unknown points to the mean of their neighbours; a part without any known bus stands in the middle."""
    from scipy import sparse
    from scipy.sparse.linalg import spsolve

    points = np.where(known[:, None], points, points[known].mean(axis=0))
    free = ~known & _touches_known(feeder, known)
    if free.any():
        graph = nx.Graph(bus_graph(feeder, include_open=True))
        laplacian = sparse.csr_array(nx.laplacian_matrix(graph, weight=None).astype(float))
        pull = laplacian[free][:, known] @ points[known]
        points[free] = np.asarray(
            spsolve(sparse.csc_matrix(laplacian[free][:, free]), -pull)
        ).reshape(-1, 2)
    return points


def _touches_known(feeder: Feeder, known: BoolArray) -> BoolArray:
    """Buses in a connected part that holds a bus with coordinates."""
    index = {bus.name: k for k, bus in enumerate(feeder.buses)}
    touches = np.zeros(len(index), dtype=bool)
    for part in nx.connected_components(bus_graph(feeder, include_open=True)):
        members = [index[bus] for bus in part]
        touches[members] = known[members].any()
    return touches


def _scale(points: FloatArray, width: float) -> tuple[FloatArray, float]:
    """Points into the drawing, with its height."""
    low, span = points.min(axis=0), np.ptp(points, axis=0)
    aspect = span[1] / span[0] if span[0] > 0 else math.inf
    height = width * min(max(aspect, LOWEST_ASPECT), HIGHEST_ASPECT)
    factor = min(
        width / span[0] if span[0] > 0 else math.inf, height / span[1] if span[1] > 0 else math.inf
    )
    stretch = min(LOWEST_ASPECT / aspect, 3.0) if 0 < aspect < LOWEST_ASPECT else 1.0
    scaled = (points - low) * (factor, factor * stretch)
    return scaled + (np.array([width, height]) - np.ptp(scaled, axis=0)) / 2, height


def _least_gap(count: int, width: float) -> float:
    return width * min(LARGEST_GAP, GAP_SHARE / math.sqrt(count))


def _ends_of_devices(feeder: Feeder) -> set[frozenset[str]]:
    """Pairs of buses with a symbol between them."""
    return {
        frozenset((branch.from_bus, branch.to_bus))
        for branch in branches(feeder)
        if branch.kind != "line"
    }


def _pull_apart(
    points: dict[str, Point],
    parent: dict[str, str | None],
    with_device: set[frozenset[str]],
    gap: float,
) -> dict[str, Point]:
    """Move each bus that stands on its parent, or nearly and with a device between, by `gap`: onwards or to a free side."""
    ahead = _mean_of_what_follows(points, parent, gap)
    ends_at: dict[str, int] = {}
    placed: dict[str, Point] = {}
    for bus, above in parent.items():
        placed[bus] = points[bus]
        too_near = 0.5 * gap if frozenset((bus, above or bus)) in with_device else SAME_POINT * gap
        if above is None or math.dist(placed[above], points[bus]) >= too_near:
            continue
        direction = _unit(placed[above], ahead[bus])
        if direction == (0.0, 0.0):
            direction = _fan(
                _unit(_above_or_self(placed, parent, above), placed[above]), ends_at.get(above, 0)
            )
            ends_at[above] = ends_at.get(above, 0) + 1
        placed[bus] = (placed[above][0] + gap * direction[0], placed[above][1] + gap * direction[1])
    return placed


def _mean_of_what_follows(
    points: dict[str, Point], parent: dict[str, str | None], gap: float
) -> dict[str, Point]:
    """For each bus, where its first buses farther off than `gap` stand, in the mean; its own position if there are none."""
    below: dict[str, list[str]] = {bus: [] for bus in parent}
    for bus, above in parent.items():
        if above is not None:
            below[above].append(bus)
    ahead: dict[str, Point] = {}
    for bus in reversed(list(parent)):
        seen = [
            points[b] if math.dist(points[b], points[bus]) >= gap else ahead[b] for b in below[bus]
        ]
        far = [point for point in seen if math.dist(point, points[bus]) >= gap]
        ahead[bus] = (
            (sum(p[0] for p in far) / len(far), sum(p[1] for p in far) / len(far))
            if far
            else points[bus]
        )
    return ahead


def _unit(start: Point, end: Point) -> Point:
    length = math.dist(start, end)
    return (
        ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
        if length > 1e-9
        else (0.0, 0.0)
    )


def _above_or_self(placed: dict[str, Point], parent: dict[str, str | None], bus: str) -> Point:
    above = parent[bus]
    return placed[bus] if above is None else placed[above]


def _fan(heading: Point, count: int) -> Point:
    """The k-th free direction of a bus that is fed from direction `heading`: onwards, then ever farther to both sides."""
    turn = math.pi / 3 * ((count + 1) // 2) * (-1) ** count
    angle = math.atan2(heading[1], heading[0]) + turn if heading != (0.0, 0.0) else turn
    return (math.cos(angle), math.sin(angle))


def _fit_inside(points: dict[str, Point], width: float, height: float) -> dict[str, Point]:
    """Shrink the drawing where buses pulled apart have left it; clamping them would set them back on each other."""
    low_x, low_y = (min(0.0, *(point[k] for point in points.values())) for k in (0, 1))
    high_x, high_y = (
        max(side, *(point[k] for point in points.values())) for k, side in ((0, width), (1, height))
    )
    factor = min(width / (high_x - low_x), height / (high_y - low_y))
    return {bus: ((x - low_x) * factor, (y - low_y) * factor) for bus, (x, y) in points.items()}
