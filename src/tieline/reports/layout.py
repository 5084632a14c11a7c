"""Where each bus stands in a drawing: its own coordinates where the feeder has them, else a tree (`tree_layout`).

Coordinates are used when at least `ENOUGH_KNOWN` of the buses have them. A bus without stands at the mean of its neighbours,
which spaces a chain between two known buses evenly (a harmonic embedding: W. T. Tutte, How to draw a graph, Proc. London Math.
Soc. 13 (1963), 743-767). Buses at one point, such as the two sides of a regulator, are pulled apart along the feeder so that
the element between them can be drawn.

Left out: map projections (x and y are taken as lengths) and crossings of lines that the coordinates themselves make.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import networkx as nx
import numpy as np

from tieline.feeders.feeder import Feeder
from tieline.network.branches import branches
from tieline.network.topology import bus_graph
from tieline.reports.tree_layout import tree_rows
from tieline.typing import BoolArray, FloatArray

Point = tuple[float, float]

ENOUGH_KNOWN = 0.6
"""Share of buses with coordinates from which the coordinates are used; below it most of the picture would be guessed."""

LOWEST_ASPECT = 0.3
HIGHEST_ASPECT = 0.8
"""Height over width of a drawing. A flatter feeder is stretched, a taller one shrunk and centred."""

COLUMN_ASPECT = 0.75
"""Row spacing over column spacing of a tree."""

LARGEST_GAP = 0.026
GAP_SHARE = 0.15
"""Least distance, over the width, of two buses with a device between: this share of the mean spacing, at most `LARGEST_GAP`."""

NOWHERE: Point = (0.0, 0.0)
"""The direction from a point to itself."""

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
    coordinates = _coordinates(feeder)
    if coordinates is None:
        return _schematic(feeder, parent, width)
    # y of a drawing points down
    scaled, height = _scale(coordinates * (1.0, -1.0), width)
    names = [bus.name for bus in feeder.buses]
    pairs = map(tuple, scaled.tolist())
    points = dict(zip(names, pairs, strict=True))
    gap = _least_gap(len(names), width)
    spread = _pull_apart(points, parent, _ends_of_devices(feeder), gap)
    return Layout(
        _fit_inside(spread, width, height), width, height, parent, is_schematic=False
    )


def drawing_tree(feeder: Feeder) -> dict[str, str | None]:
    """Parent of every bus, parents first: closed branches before open ones; a part cut off from the source has a root too."""
    graph = bus_graph(feeder, include_open=True)
    open_steps = len(graph)  # one open branch costs more than any closed path
    for *_, attributes in graph.edges(data=True):
        attributes["steps"] = 1 if attributes["closed"] else open_steps
    parent: dict[str, str | None] = {}
    sources = [source.bus for source in feeder.sources]
    for root in [*sources, *graph]:
        if root in parent:
            continue
        # in the order of their distance, so parents come first
        above, steps = nx.dijkstra_predecessor_and_distance(graph, root, weight="steps")
        for bus in steps:
            parent[bus] = above[bus][0] if above[bus] else None
    return parent


def _schematic(feeder: Feeder, parent: dict[str, str | None], width: float) -> Layout:
    """The tree in rows and columns, as wide as asked, rows no farther apart than columns allow."""
    cells = tree_rows(parent)
    columns = np.array([cells[bus.name][0] for bus in feeder.buses], dtype=float)
    rows = np.array([cells[bus.name][1] for bus in feeder.buses], dtype=float)
    # a feeder in one row or one column has a step too
    n_columns = max(float(np.ptp(columns)), 1.0)
    n_rows = max(float(np.ptp(rows)), 1.0)
    step_x = width / n_columns
    highest_step = width * HIGHEST_ASPECT / n_rows
    lowest_step = width * LOWEST_ASPECT / n_rows
    # flat feeders are spread, by no more than makes rows stand twice as far apart as columns
    step_y = min(step_x * COLUMN_ASPECT, highest_step)
    step_y = max(step_y, min(lowest_step, step_x * 2))
    first_column = float(columns.min())
    first_row = float(rows.min())
    points = {}
    for bus, (column, row) in cells.items():
        x = (column - first_column) * step_x
        y = (row - first_row) * step_y
        points[bus] = (x, y)
    height = float(np.ptp(rows) * step_y)
    return Layout(points, width, height, parent, is_schematic=True)


def _coordinates(feeder: Feeder) -> FloatArray | None:
    """Coordinates (bus, 2) with missing ones filled in; None if too few buses have them or all are at one point."""
    x = np.array([bus.x for bus in feeder.buses], dtype=float)  # None becomes NaN
    y = np.array([bus.y for bus in feeder.buses], dtype=float)
    is_located = np.isfinite(x) & np.isfinite(y)
    points = np.column_stack((x, y))
    if is_located.mean() < ENOUGH_KNOWN:
        return None
    # files without a map often give every bus the same coordinates
    spans = np.ptp(points[is_located], axis=0)
    if spans.max() == 0:
        return None
    if is_located.all():
        return points
    return _fill_missing(feeder, points, is_located)


def _fill_missing(
    feeder: Feeder, points: FloatArray, is_located: BoolArray
) -> FloatArray:
    """Set missing points to the mean of their neighbours; a part without any located bus stands in the middle."""
    from scipy import sparse
    from scipy.sparse.linalg import spsolve

    middle = points[is_located].mean(axis=0)
    points = np.where(is_located[:, None], points, middle)
    is_free = ~is_located & _is_joined_to_located(feeder, is_located)
    if is_free.any():
        # the Laplacian's rows of the free buses say: each is the mean of its neighbours
        graph = nx.Graph(bus_graph(feeder, include_open=True))
        laplacian = sparse.csr_array(
            nx.laplacian_matrix(graph, weight=None).astype(float)
        )
        free_rows = laplacian[is_free]
        pull = free_rows[:, is_located] @ points[is_located]
        solution = spsolve(sparse.csc_matrix(free_rows[:, is_free]), -pull)
        points[is_free] = np.asarray(solution).reshape(-1, 2)
    return points


def _is_joined_to_located(feeder: Feeder, is_located: BoolArray) -> BoolArray:
    """Buses in a connected part that holds a bus with coordinates."""
    index = {bus.name: k for k, bus in enumerate(feeder.buses)}
    graph = bus_graph(feeder, include_open=True)
    is_joined = np.zeros(len(index), dtype=bool)
    for part in nx.connected_components(graph):
        members = [index[bus] for bus in part]
        is_joined[members] = is_located[members].any()
    return is_joined


def _scale(points: FloatArray, width: float) -> tuple[FloatArray, float]:
    """Points into the drawing, with its height."""
    span_x, span_y = np.ptp(points, axis=0)
    aspect = _ratio(span_y, span_x)
    bounded_aspect = min(max(aspect, LOWEST_ASPECT), HIGHEST_ASPECT)
    height = width * bounded_aspect
    factor = min(_ratio(width, span_x), _ratio(height, span_y))
    # a map too flat to read is stretched upwards, but not out of recognition
    stretch = 1.0
    if 0 < aspect < LOWEST_ASPECT:
        stretch = min(LOWEST_ASPECT / aspect, 3.0)
    from_corner = points - points.min(axis=0)
    scaled = from_corner * (factor, factor * stretch)
    empty = np.array([width, height]) - np.ptp(scaled, axis=0)
    return scaled + empty / 2, height


def _ratio(length: float, span: float) -> float:
    """A quotient, infinite over a span of nothing."""
    if span > 0:
        return length / span
    return math.inf


def _least_gap(count: int, width: float) -> float:
    return width * min(LARGEST_GAP, GAP_SHARE / math.sqrt(count))


def _ends_of_devices(feeder: Feeder) -> set[frozenset[str]]:
    """Pairs of buses with a symbol between them."""
    pairs = set()
    for branch in branches(feeder):
        if branch.kind != "line":
            pairs.add(frozenset((branch.from_bus, branch.to_bus)))
    return pairs


def _pull_apart(
    points: dict[str, Point],
    parent: dict[str, str | None],
    with_device: set[frozenset[str]],
    gap: float,
) -> dict[str, Point]:
    """Move each bus that stands on its parent, or nearly and with a device between, by `gap`: onwards or to a free side."""
    ahead = _mean_of_what_follows(points, parent, gap)
    ends_at: Counter[str] = Counter()
    spread: dict[str, Point] = {}
    for bus, above in parent.items():
        spread[bus] = points[bus]
        if above is None:
            continue
        has_device = frozenset((bus, above)) in with_device
        least = 0.5 * gap if has_device else SAME_POINT * gap
        # from where the parent stands by now: it may have been moved itself
        if math.dist(spread[above], points[bus]) >= least:
            continue
        direction = _unit(spread[above], ahead[bus])
        if direction == NOWHERE:
            # nothing lies ahead: fan out at the parent, one bus after the other
            heading = _unit(_above_or_self(spread, parent, above), spread[above])
            direction = _fan(heading, ends_at[above])
            ends_at[above] += 1
        x, y = spread[above]
        spread[bus] = (x + gap * direction[0], y + gap * direction[1])
    return spread


def _mean_of_what_follows(
    points: dict[str, Point], parent: dict[str, str | None], gap: float
) -> dict[str, Point]:
    """For each bus, where its first buses farther off than `gap` stand, in the mean; its position if there are none."""
    children: dict[str, list[str]] = {bus: [] for bus in parent}
    for bus, above in parent.items():
        if above is not None:
            children[above].append(bus)
    ahead: dict[str, Point] = {}
    for bus in reversed(list(parent)):
        # from the ends: what follows a child is known when its parent asks
        place = points[bus]
        following = []
        for child in children[bus]:
            is_far = math.dist(points[child], place) >= gap
            following.append(points[child] if is_far else ahead[child])
        far = [point for point in following if math.dist(point, place) >= gap]
        ahead[bus] = _mean(far) if far else place
    return ahead


def _mean(points: list[Point]) -> Point:
    count = len(points)
    x_sum = sum(point[0] for point in points)
    y_sum = sum(point[1] for point in points)
    return x_sum / count, y_sum / count


def _unit(start: Point, end: Point) -> Point:
    """Direction from one point to another, of length 1."""
    length = math.dist(start, end)
    if length <= 1e-9:
        return NOWHERE
    along_x = end[0] - start[0]
    along_y = end[1] - start[1]
    return along_x / length, along_y / length


def _above_or_self(
    spread: dict[str, Point], parent: dict[str, str | None], bus: str
) -> Point:
    above = parent[bus]
    if above is None:
        return spread[bus]
    return spread[above]


def _fan(heading: Point, count: int) -> Point:
    """The k-th free direction of a bus that is fed from direction `heading`: onwards, then ever farther to both sides."""
    # 0, then one to each side, then two: the first that come stay nearest to where the line was going
    side = (-1) ** count
    steps = (count + 1) // 2
    angle = math.pi / 3 * steps * side
    if heading != NOWHERE:
        angle += math.atan2(heading[1], heading[0])
    return math.cos(angle), math.sin(angle)


def _fit_inside(
    points: dict[str, Point], width: float, height: float
) -> dict[str, Point]:
    """Shrink the drawing where buses pulled apart have left it; clamping them would set them back on each other."""
    xs = [0.0, width]
    ys = [0.0, height]
    for x, y in points.values():
        xs.append(x)
        ys.append(y)
    low_x = min(xs)
    low_y = min(ys)
    x_factor = width / (max(xs) - low_x)
    y_factor = height / (max(ys) - low_y)
    # one factor for both, so that a map keeps its angles
    factor = min(x_factor, y_factor)
    fitted = {}
    for bus, (x, y) in points.items():
        fitted[bus] = ((x - low_x) * factor, (y - low_y) * factor)
    return fitted
