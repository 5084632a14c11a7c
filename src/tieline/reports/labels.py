"""Which buses get their name written, and where: a greedy search for a free place around each bus.

All buses of a small feeder are asked for; of a large one only the source, the worst few and the farthest ends. Names are placed
in order of importance, each at the first of eight places that hides no other name, bus or symbol and crosses the fewest lines;
a name without such a place is not written (its bus still has its tooltip).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tieline.reports.layout import Point

ALL_UP_TO = 60
"""Number of buses up to which all names are wanted."""

MOST_WORST, MOST_ENDS = 5, 8
"""How many of the worst buses and of the farthest ends of a large feeder are named."""

CHARACTER_WIDTH = 0.62
"""Mean width of a character over the font size in the widest of the common sans-serif fonts."""

PADDING = 1.5
"""Room kept free to the left and right of a name."""

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
    depth: dict[str, int] = {}
    for bus, above in parent.items():
        depth[bus] = 0 if above is None else depth[above] + 1
    inner = set(parent.values())
    ends = sorted((bus for bus in parent if bus not in inner), key=lambda bus: -depth[bus])
    if len(parent) <= ALL_UP_TO:
        return list(dict.fromkeys([*sources, *worst, *ends, *parent]))
    return list(dict.fromkeys([*sources, *worst[:MOST_WORST], *ends[:MOST_ENDS]]))


def place_labels(
    wanted: Iterable[str],
    points: Mapping[str, Point],
    radius: float,
    font_px: float,
    obstacles: Sequence[Box],
    segments: Sequence[tuple[Point, Point]],
    bounds: Box,
) -> list[Label]:
    """Places for as many of the wanted names as fit.

    Args:
        wanted: bus names, the most important first.
        points: position of every bus.
        radius: of a bus dot.
        font_px: font size, in the units of the drawing like everything here.
        obstacles: boxes that may not be hidden, besides buses and names.
        segments: pieces of lines, better not crossed.
        bounds: what names must stay within.
    """
    taken = _Grid([*obstacles, *(_around(point, radius) for point in points.values())], 4 * font_px)
    lines = _Grid([_box_of(a, b) for a, b in segments], 4 * font_px)
    labels = []
    for bus in wanted:
        choices = []
        for rank, (label, box) in enumerate(_places(bus, points[bus], radius, font_px)):
            if _is_inside(box, bounds) and not taken.hits(box):
                crossed = sum(_crosses(segments[k], box) for k in lines.hits(box))
                choices.append((crossed, rank, label, box))
        if choices:
            *_, label, box = min(choices, key=lambda choice: choice[:2])
            labels.append(label)
            taken.add(box)
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
        for cell in self._cells(box):
            self._members.setdefault(cell, []).append(len(self._boxes))
        self._boxes.append(box)

    def hits(self, box: Box) -> list[int]:
        near = {k for cell in self._cells(box) for k in self._members.get(cell, ())}
        return [k for k in near if _overlap(self._boxes[k], box)]

    def _cells(self, box: Box) -> Iterable[tuple[int, int]]:
        left, top, right, bottom = (math.floor(side / self._cell) for side in box)
        return ((i, j) for i in range(left, right + 1) for j in range(top, bottom + 1))


def _places(bus: str, point: Point, radius: float, font_px: float) -> Iterable[tuple[Label, Box]]:
    """The eight places around a bus: right above, above, right, below, left and so on."""
    width, rise = len(bus) * font_px * CHARACTER_WIDTH, font_px * 0.75
    near, far = radius * 0.7 + 1.5, radius + 3.0
    x, y = point
    yield _label(bus, x, y - far, "middle", width, rise)
    yield _label(bus, x, y + far + rise, "middle", width, rise)
    yield _label(bus, x + near, y - near, "start", width, rise)
    yield _label(bus, x - near, y - near, "end", width, rise)
    yield _label(bus, x + near, y + near + rise, "start", width, rise)
    yield _label(bus, x - near, y + near + rise, "end", width, rise)
    yield _label(bus, x + far, y + rise / 2, "start", width, rise)
    yield _label(bus, x - far, y + rise / 2, "end", width, rise)


def _label(
    bus: str, x: float, y: float, anchor: str, width: float, rise: float
) -> tuple[Label, Box]:
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return Label(bus, x, y, anchor), (left - PADDING, y - rise, left + width + PADDING, y)


def _around(point: Point, radius: float) -> Box:
    return (point[0] - radius, point[1] - radius, point[0] + radius, point[1] + radius)


def _box_of(a: Point, b: Point) -> Box:
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _is_inside(box: Box, bounds: Box) -> bool:
    return (
        bounds[0] <= box[0] and bounds[1] <= box[1] and box[2] <= bounds[2] and box[3] <= bounds[3]
    )


def _crosses(segment: tuple[Point, Point], box: Box) -> bool:
    """Whether a straight piece passes through a box: clip it side by side (Liang and Barsky, 1984)."""
    (x0, y0), (x1, y1) = segment
    enter, leave = 0.0, 1.0
    for step, room in (
        (x0 - x1, x0 - box[0]),
        (x1 - x0, box[2] - x0),
        (y0 - y1, y0 - box[1]),
        (y1 - y0, box[3] - y0),
    ):
        if step == 0:
            if room < 0:
                return False
        elif step < 0:
            enter = max(enter, room / step)
        else:
            leave = min(leave, room / step)
    return enter <= leave
