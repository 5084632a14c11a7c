"""Which buses get their name written, and where: a greedy search for a free place around each bus.

Asked for first are all buses of a small feeder, of a larger one the source, the worst few and the farthest ends. Names are
placed in order of importance, each at the first of eight places that hides no other name, bus or symbol and crosses the fewest
lines. All others follow where there is room: at a place that crosses no line, unless buses are so dense that names would be a
carpet. A name without a place is not written (its bus still has its tooltip).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tieline.reports.layout import Point

ALL_UP_TO = 60
"""Number of buses up to which all names are wanted."""

MOST_WORST = 5
MOST_ENDS = 8
"""How many of the worst buses and of the farthest ends of a large feeder are named."""

CHARACTER_WIDTH = 0.62
"""Mean width of a character over the font size in the widest of the common sans-serif fonts."""

PADDING = 1.5
"""Room kept free around a name."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Label:
    """A name with its baseline point and SVG text-anchor."""

    bus: str
    x: float
    y: float
    anchor: str


def wanted_labels(
    sources: Sequence[str], worst: Sequence[str], parent: Mapping[str, str | None]
) -> list[str]:
    """Buses whose names are wanted, the most important first."""
    ends = _ends(parent)
    names = [*sources, *worst, *ends, *parent]
    if len(parent) > ALL_UP_TO:
        names = [*sources, *worst[:MOST_WORST], *ends[:MOST_ENDS]]
    return list(dict.fromkeys(names))


def _ends(parent: Mapping[str, str | None]) -> list[str]:
    """Buses that feed no other, those with most buses before them first."""
    # parents stand before their children, so the depth of a parent is there when it is asked for
    depth: dict[str, int] = {}
    for bus, above in parent.items():
        depth[bus] = 0 if above is None else depth[above] + 1
    inner = set(parent.values())
    ends = [bus for bus in parent if bus not in inner]
    return sorted(ends, key=lambda bus: -depth[bus])


def place_labels(
    names: Iterable[str],
    fillers: Iterable[str],
    points: Mapping[str, Point],
    radius: float,
    font_px: float,
    obstacles: Sequence[Box],
    segments: Sequence[tuple[Point, Point]],
    bounds: Box,
) -> list[Label]:
    """Places for as many names as fit.

    Args:
        names: of buses, the most important first.
        fillers: further names, written only where they cross no line.
        points: position of every bus.
        radius: of a bus dot.
        font_px: font size, in the units of the drawing like everything here.
        obstacles: boxes that may not be hidden, besides buses and names.
        segments: pieces of lines, better not crossed.
        bounds: what names must stay within.
    """
    dots = [_around(point, radius) for point in points.values()]
    occupied = _Grid([*obstacles, *dots], 4 * font_px)
    lines = _Grid(
        [_box_of(a, b) for a, b in segments],
        4 * font_px,
    )

    def crossings(box: Box) -> int:
        return sum(_crosses(segments[k], box) for k in lines.hits(box))

    def is_free(place: tuple[Label, Box]) -> bool:
        box = place[1]
        return _is_inside(box, bounds) and not occupied.hits(box)

    labels = []

    def put(bus: str, most_crossings: float) -> None:
        """Write a name at its best place, if there is one."""
        places = _places(bus, points[bus], radius, font_px)
        free_places = [place for place in places if is_free(place)]
        if not free_places:
            return
        # of equals the first, and the first places are the best to read
        label, box = min(free_places, key=lambda place: crossings(place[1]))
        if crossings(box) <= most_crossings:
            labels.append(label)
            occupied.add(box)

    # greedy, the most important first: the best of all choices is a hard problem, and nobody would see the difference
    for bus in names:
        put(bus, math.inf)
    for bus in fillers:
        put(bus, 0)
    return labels


class _Grid:
    """Boxes in square cells, so that a search looks only at what is near."""

    def __init__(self, boxes: Iterable[Box], cell: float):
        self._cell = cell
        self._boxes: list[Box] = []
        self._members: dict[tuple[int, int], list[int]] = {}
        for box in boxes:
            self.add(box)

    def add(self, box: Box) -> None:
        number = len(self._boxes)
        for cell in self._cells(box):
            self._members.setdefault(cell, []).append(number)
        self._boxes.append(box)

    def hits(self, box: Box) -> list[int]:
        near: set[int] = set()
        for cell in self._cells(box):
            near.update(self._members.get(cell, ()))
        return [k for k in near if _overlap(self._boxes[k], box)]

    def _cells(self, box: Box) -> Iterable[tuple[int, int]]:
        x_low, y_low, x_high, y_high = (math.floor(side / self._cell) for side in box)
        columns = range(x_low, x_high + 1)
        rows = range(y_low, y_high + 1)
        return itertools.product(columns, rows)


def _places(
    bus: str, point: Point, radius: float, font_px: float
) -> Iterable[tuple[Label, Box]]:
    """The eight places around a bus: right above, above, right, below, left and so on."""
    width = len(bus) * font_px * CHARACTER_WIDTH
    rise = font_px * 0.75
    near = radius * 0.7 + 1.5
    far = radius + 3.0
    x, y = point
    places = (
        (x, y - far, "middle"),
        (x, y + far + rise, "middle"),
        (x + near, y - near, "start"),
        (x - near, y - near, "end"),
        (x + near, y + near + rise, "start"),
        (x - near, y + near + rise, "end"),
        (x + far, y + rise / 2, "start"),
        (x - far, y + rise / 2, "end"),
    )
    for place_x, place_y, anchor in places:
        yield _label(bus, place_x, place_y, anchor, width, rise)


def _label(
    bus: str, x: float, y: float, anchor: str, width: float, rise: float
) -> tuple[Label, Box]:
    begin_at = {"start": x, "middle": x - width / 2, "end": x - width}
    begin = begin_at[anchor]
    end = begin + width
    box = (begin - PADDING, y - rise - PADDING, end + PADDING, y + PADDING)
    return Label(bus, x, y, anchor), box


def _around(point: Point, radius: float) -> Box:
    x, y = point
    return (x - radius, y - radius, x + radius, y + radius)


def _box_of(a: Point, b: Point) -> Box:
    x_low, x_high = sorted((a[0], b[0]))
    y_low, y_high = sorted((a[1], b[1]))
    return (x_low, y_low, x_high, y_high)


def _overlap(a: Box, b: Box) -> bool:
    a_left, a_top, a_right, a_bottom = a
    b_left, b_top, b_right, b_bottom = b
    is_beside = a_right <= b_left or b_right <= a_left
    is_above = a_bottom <= b_top or b_bottom <= a_top
    return not is_beside and not is_above


def _is_inside(box: Box, bounds: Box) -> bool:
    least_x, least_y, most_x, most_y = bounds
    x_low, y_low, x_high, y_high = box
    is_within_width = least_x <= x_low and x_high <= most_x
    is_within_height = least_y <= y_low and y_high <= most_y
    return is_within_width and is_within_height


def _crosses(segment: tuple[Point, Point], box: Box) -> bool:
    """Whether a straight piece passes through a box: clip it side by side (Liang and Barsky, 1984)."""
    (x0, y0), (x1, y1) = segment
    x_low, y_low, x_high, y_high = box
    sides = (
        (x0 - x1, x0 - x_low),
        (x1 - x0, x_high - x0),
        (y0 - y1, y0 - y_low),
        (y1 - y0, y_high - y0),
    )
    enters = 0.0
    leaves = 1.0
    for step, room in sides:
        if step == 0 and room < 0:  # beside the box all the way
            return False
        if step < 0:
            enters = max(enters, room / step)
        if step > 0:
            leaves = min(leaves, room / step)
    return enters <= leaves
