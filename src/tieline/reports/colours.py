"""Colours of diagrams and figures. All pairs that must be told apart differ for readers with any common colour blindness.

Categories: M. Okabe and K. Ito, Color Universal Design (2008). Values: the viridis scale of N. Smith and S. van der Walt
(2015), even in lightness, without its lightest end, which is too faint on white paper. The end that matters is the dark one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

INK = "#1f2933"
MUTED = "#66737f"
PAPER = "#ffffff"
NO_VALUE = "#d5dbe0"

CATEGORIES = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#8c6d1f",
    "#4d4d4d",
)
LIMIT = "#c8352b"

VIRIDIS = (
    "#b5de2b",
    "#6ece58",
    "#35b779",
    "#1f9e89",
    "#26828e",
    "#31688e",
    "#3e4989",
    "#482878",
    "#440154",
)
"""From light to dark."""

Worst = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class ClassStyle:
    """How buses of a class are drawn: colours, size and width of the edge relative to an ordinary bus; classes of higher rank
    lie on top.
    """

    fill: str
    stroke: str = PAPER
    size: float = 1.0
    rank: int = 0
    edge: float = 1.0


CLASS_STYLES: Mapping[str, ClassStyle] = {
    "ok": ClassStyle("#86a8bf", rank=1),
    "impacted": ClassStyle("#e69f00", INK, 1.15, rank=2),
    "critical": ClassStyle("#c8352b", INK, 1.35, rank=3),
    "dead": ClassStyle(PAPER, INK, rank=4),
}
"""Classes with a meaning of their own; any other class takes the next colour of `CATEGORIES`."""


def class_styles(classes: Mapping[str, str]) -> dict[str, ClassStyle]:
    """Style of each class that occurs in `classes` (bus to class): those with a meaning first, then all others by name."""
    present = set(classes.values())
    styles = {name: style for name, style in CLASS_STYLES.items() if name in present}
    # by name and not by occurrence: a class then keeps its colour from one page to the next
    for k, name in enumerate(sorted(present - set(styles))):
        colour = CATEGORIES[k % len(CATEGORIES)]
        styles[name] = ClassStyle(colour, INK)
    return styles


def category_colour(k: int) -> str:
    """The k-th of the categories; where they are used up they come again, lighter each time."""
    again = k // len(CATEGORIES)
    # beyond two thirds of white nothing is told from the paper
    lightness = min(again / 2, 2 / 3)
    return _between(CATEGORIES[k % len(CATEGORIES)], PAPER, lightness)


def colour_at(share: float, worst: Worst = "high") -> str:
    """Colour of a value at `share` (0 to 1, clipped) of the range; dark at the end that is `worst`."""
    darkness = share
    if worst != "high":
        darkness = 1 - share
    last = len(VIRIDIS) - 1
    clipped = min(max(darkness, 0.0), 1.0)
    position = clipped * last
    # the last colour is the end of the last piece, there is none after it
    step = min(int(position), last - 1)
    within = position - step
    return _between(VIRIDIS[step], VIRIDIS[step + 1], within)


def _between(a: str, b: str, share: float) -> str:
    """The mixture of two colours."""
    mixed = "#"
    for x, y in zip(_rgb(a), _rgb(b), strict=True):
        part = round(x + (y - x) * share)
        mixed += f"{part:02x}"
    return mixed


def _rgb(colour: str) -> bytes:
    """Red, green and blue of "#rrggbb", 0 to 255 each."""
    return bytes.fromhex(colour.removeprefix("#"))
