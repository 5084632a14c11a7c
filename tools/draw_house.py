"""The picture of the house: folders as boxes on the floors that their imports give them, arrows to what they import from.

    python tools/draw_house.py [docs/architecture.svg]

A folder stands one floor below the lowest folder that imports from it. An arrow is an import that no other path implies, as wide
as the import statements are many, with their number at its end; what a folder imports besides stands in its box. The sentence of
a folder is the one of the folder map in README.md, its wings are its subfolders, each with the number of its modules. Modules at
the root of the package (errors, units, files, ...) serve all folders, therefore they are a bar at the bottom without arrows.
"""

from __future__ import annotations

import math
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from house_imports import ROOT, Folder, House, read_house

PICTURE = ROOT / "docs" / "architecture.svg"

WIDTH = 1180
MARGIN = 28
TOP = 100
"""Height of the heading."""
BOX_GAP, FLOOR_GAP = 56, 66
PADDING = 16
NARROWEST = 300
LETTER = 6.5
"""Mean width of a letter of the small text, which is 12 px high."""
CHIP_HEIGHT, CHIP_GAP = 24, 7
TITLE_HEIGHT, LINE_HEIGHT = 30, 17

INK, MUTED, PAPER, PALE = "#1f2933", "#52606d", "#ffffff", "#c3ccd5"
GROUPS = {
    "who asks": ("#7a5c13", ("cli", "service", "bench")),
    "the questions": ("#a0446f", ("studies", "reports")),
    "who decides": ("#b45309", ("opf", "envs", "agents")),
    "physics": ("#0b6e4f", ("powerflow", "linear")),
    "the feeder as data": (
        "#0b5c93",
        ("feeders", "profiles", "network", "devices", "settings"),
    ),
}
"""What a folder is there for, with the colour of its edge; a folder that is not named here is drawn in ink."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A folder with its place on the picture and its lines of text."""

    folder: Folder
    x: float
    y: float
    width: float
    height: float
    lines: list[str]
    chips: list[list[str]]
    footnote: list[str]

    @property
    def middle(self) -> float:
        """Of its upper and lower edge."""
        return self.x + self.width / 2

    @property
    def right(self) -> float:
        """Of its upper and lower edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Of its lower edge."""
        return self.y + self.height


@dataclass(frozen=True)
class Arrow:
    """One folder imports from another, by `count` statements; a line through `points`, down from floor to floor."""

    upper: str
    lower: str
    count: int
    points: list[Point]

    @property
    def width(self) -> float:
        """Of the line [px]."""
        return 1.0 + 0.8 * math.sqrt(self.count)


def sentences(readme: str) -> dict[str, str]:
    """What each folder is for, from the folder map of the README."""
    rows = re.findall(r"^\| `(\w+)/` \| (.*?) \|$", readme, re.M)
    return {name: sentence.replace("`", "") for name, sentence in rows}


def place_boxes(house: House, purpose: dict[str, str]) -> list[list[Box]]:
    """The boxes, floor by floor, each floor in the middle of the picture."""
    placed: list[list[Box]] = []
    y = float(TOP)
    for names in house.floors():
        boxes = _place_floor([house.folders[name] for name in names], house, purpose, y)
        placed.append(boxes)
        y = boxes[0].bottom + FLOOR_GAP
    return placed


def _place_floor(
    folders: list[Folder], house: House, purpose: dict[str, str], y: float
) -> list[Box]:
    widths = _widths(folders)
    boxes = []
    x = (WIDTH - sum(widths) - BOX_GAP * (len(folders) - 1)) / 2
    for folder, width in zip(folders, widths, strict=True):
        boxes.append(
            _fill_box(folder, house, purpose.get(folder.name, ""), (x, y), width)
        )
        x += width + BOX_GAP
    tallest = max(box.height for box in boxes)
    return [_with_height(box, tallest) for box in boxes]


def _with_height(box: Box, height: float) -> Box:
    return Box(
        box.folder, box.x, box.y, box.width, height, box.lines, box.chips, box.footnote
    )


def _widths(folders: list[Folder]) -> list[float]:
    """Boxes with many wings are wider, as far as the floor has room."""
    room = WIDTH - 2 * MARGIN - BOX_GAP * (len(folders) - 1)
    wishes = [max(NARROWEST, 60 + _chips_width(folder) / 1.5) for folder in folders]
    scale = min(1.0, room / sum(wishes))
    return [wish * scale for wish in wishes]


def _fill_box(
    folder: Folder, house: House, sentence: str, corner: Point, width: float
) -> Box:
    lines = _wrapped(sentence, width)
    chips = _chip_rows(folder, width)
    implied = [
        f"{name}\u00a0{count}" for name, count in house.implied_imports(folder.name)
    ]
    footnote = _wrapped("also from " + ", ".join(implied), width) if implied else []
    height = TITLE_HEIGHT + LINE_HEIGHT * (len(lines) + len(footnote)) + PADDING
    height += (CHIP_HEIGHT + CHIP_GAP) * len(chips)
    return Box(folder, *corner, width, height, lines, chips, footnote)


def _wrapped(sentence: str, width: float) -> list[str]:
    return textwrap.wrap(sentence, int((width - 2 * PADDING) / LETTER))


def _labels(folder: Folder) -> list[str]:
    return [f"{name} {modules}" for name, modules in sorted(folder.wings.items())]


def _chips_width(folder: Folder) -> float:
    return sum(_chip_width(label) + CHIP_GAP for label in _labels(folder))


def _chip_width(label: str) -> float:
    return LETTER * len(label) + 20


def _chip_rows(folder: Folder, width: float) -> list[list[str]]:
    """Wings with their number of modules, row by row, as they fit into a box."""
    rows: list[list[str]] = []
    room = 0.0
    for label in _labels(folder):
        chip = _chip_width(label) + CHIP_GAP
        if not rows or chip > room:
            rows.append([])
            room = width - 2 * PADDING
        rows[-1].append(label)
        room -= chip
    return rows


def place_arrows(house: House, placed: list[list[Box]]) -> list[Arrow]:
    """An arrow for each import that no other path implies."""
    boxes = {box.folder.name: box for row in placed for box in row}
    floor = {
        box.folder.name: number for number, row in enumerate(placed) for box in row
    }
    pairs = sorted(house.direct_imports())
    starts = _ports(boxes, pairs, at_bottom=True)
    ends = _ports(boxes, pairs, at_bottom=False)
    arrows = []
    for upper, lower in pairs:
        start = (starts[upper, lower], boxes[upper].bottom)
        end = (ends[upper, lower], boxes[lower].y)
        between = placed[floor[upper] + 1 : floor[lower]]
        points = [start, *_way_past(between, start[0], end[0]), end]
        arrows.append(Arrow(upper, lower, house.folders[upper].imports[lower], points))
    return arrows


def _ports(
    boxes: dict[str, Box], pairs: list[tuple[str, str]], at_bottom: bool
) -> dict[tuple[str, str], float]:
    """Where on an edge each arrow begins or ends: side by side, in the order of the boxes at their other ends."""
    ports = {}
    for name, box in boxes.items():
        pairs_here = [pair for pair in pairs if pair[0 if at_bottom else 1] == name]
        pairs_here.sort(key=lambda pair: boxes[pair[1 if at_bottom else 0]].middle)
        for number, pair in enumerate(pairs_here, start=1):
            ports[pair] = box.x + box.width * number / (len(pairs_here) + 1)
    return ports


def _way_past(floors: list[list[Box]], x_start: float, x_end: float) -> Iterator[Point]:
    """Upper and lower end of the gap that an arrow takes through each floor between its ends."""
    for number, boxes in enumerate(floors, start=1):
        wish = x_start + (x_end - x_start) * number / (len(floors) + 1)
        x = min(_gaps(boxes), key=lambda gap: abs(gap - wish))
        yield x, boxes[0].y - 8
        yield x, boxes[0].bottom + 8


def _gaps(boxes: list[Box]) -> list[float]:
    between = [right.x - BOX_GAP / 2 for right in boxes[1:]]
    return [boxes[0].x - BOX_GAP / 2, *between, boxes[-1].right + BOX_GAP / 2]


def draw(house: House, purpose: dict[str, str]) -> str:
    """The whole picture, as SVG."""
    placed = place_boxes(house, purpose)
    ground = placed[-1][0].bottom + 34
    height = ground + 44 + MARGIN
    boxes = [box for row in placed for box in row]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" role="img" aria-labelledby="title description" '
        "font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\">",
        '<title id="title">The folders of tieline and what they import from</title>',
        f'<desc id="description">{escape(_description(placed))}</desc>',
        f'<rect width="{WIDTH}" height="{height:.0f}" rx="10" fill="{PAPER}"/>',
        *_heading(),
        *(_draw_arrow(arrow) for arrow in place_arrows(house, placed)),
        *(_draw_box(box) for box in boxes),
        *_draw_ground(house.root_modules, ground),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _description(placed: list[list[Box]]) -> str:
    rows = [", ".join(box.folder.name for box in row) for row in placed]
    return (
        "From top to bottom: "
        + "; ".join(rows)
        + ". Each imports only from those below it."
    )


def _heading() -> Iterator[str]:
    yield _text(MARGIN, 42, "tieline: folders and imports", size=20, weight=600)
    x = float(MARGIN)
    for label, (colour, _) in GROUPS.items():
        yield f'<rect x="{x:.0f}" y="59" width="12" height="12" rx="3" fill="{colour}"/>'
        yield _text(x + 18, 70, label, size=12.5, colour=MUTED)
        x += LETTER * len(label) + 44
    legend = "arrow: imports from, with the number of import statements"
    yield _text(WIDTH - MARGIN, 70, legend, size=12.5, colour=MUTED, anchor="end")


def _draw_ground(modules: int, y: float) -> Iterator[str]:
    yield (
        f'<rect x="{MARGIN}" y="{y:.0f}" width="{WIDTH - 2 * MARGIN}" height="44" rx="8" '
        f'fill="#f1f4f7" stroke="{PALE}"/>'
    )
    words = f"{modules} modules at the root of the package serve every folder: errors, types, units, files, wording"
    yield _text(WIDTH / 2, y + 27, words, size=12.5, colour=MUTED, anchor="middle")


def _draw_arrow(arrow: Arrow) -> str:
    x_tip, y_tip = arrow.points[-1]
    head = 2.0 * arrow.width + 4
    points = [*arrow.points[:-1], (x_tip, y_tip - head)]
    half = 1.3 * arrow.width + 2.5
    return "\n".join(
        [
            f'<g data-arrow="{arrow.upper} {arrow.lower}">',
            f"<title>{arrow.upper} imports from {arrow.lower}: {arrow.count} statements</title>",
            f'<path d="{_curve(points)}" fill="none" stroke="{MUTED}" stroke-width="{arrow.width:.1f}"/>',
            f'<path d="M{x_tip:.1f} {y_tip - 1:.1f} l{-half:.1f} {-head:.1f} h{2 * half:.1f} z" fill="{MUTED}"/>',
            _text(
                x_tip + half + 3, y_tip - 6, str(arrow.count), size=11.5, colour=MUTED
            ),
            "</g>",
        ]
    )


def _curve(points: list[Point]) -> str:
    """A path that leaves and reaches every point vertically."""
    x, y = points[0]
    path = f"M{x:.1f} {y:.1f}"
    for x_next, y_next in points[1:]:
        half = (y + y_next) / 2
        path += (
            f" C{x:.1f} {half:.1f} {x_next:.1f} {half:.1f} {x_next:.1f} {y_next:.1f}"
        )
        x, y = x_next, y_next
    return path


def _draw_box(box: Box) -> str:
    folder = box.folder
    colour = next(
        (colour for colour, names in GROUPS.values() if folder.name in names), INK
    )
    modules = f"{folder.modules} modules"
    x = box.x + PADDING
    y = box.y + 24
    parts = [
        f'<g data-folder="{folder.name}">',
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
        f'rx="8" fill="{PAPER}" stroke="{colour}" stroke-width="2"/>',
        _text(x, y, folder.name, size=15.5, colour=colour, weight=650),
        _text(box.right - PADDING, y, modules, size=12, colour=MUTED, anchor="end"),
    ]
    for line in box.lines:
        y += LINE_HEIGHT
        parts.append(_text(x, y, line, size=12))
    y += PADDING - 5
    for row in box.chips:
        parts += _draw_chips(row, (x, y), colour)
        y += CHIP_HEIGHT + CHIP_GAP
    for line in box.footnote:
        parts.append(_text(x, y + 7, line, size=11.5, colour=MUTED))
        y += LINE_HEIGHT
    return "\n".join([*parts, "</g>"])


def _draw_chips(labels: list[str], corner: Point, colour: str) -> Iterator[str]:
    x, y = corner
    for label in labels:
        name, _, modules = label.partition(" ")
        width = _chip_width(label)
        yield (
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{CHIP_HEIGHT}" rx="6" '
            f'fill="{colour}" fill-opacity="0.09"/>'
        )
        yield (
            f'<text x="{x + width / 2:.1f}" y="{y + 16:.1f}" font-size="12" text-anchor="middle" '
            f'fill="{INK}" data-wing="{name}">{name}<tspan fill="{MUTED}" dx="5">{modules}</tspan></text>'
        )
        x += width + CHIP_GAP


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: float,
    colour: str = INK,
    weight: int = 400,
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


def main() -> None:
    """Write the picture."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    path.write_text(draw(read_house(), sentences(readme)), encoding="utf-8")
    print(f"written: {path}")


if __name__ == "__main__":
    main()
