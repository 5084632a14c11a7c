"""Colour of each line and transformer of a one-line diagram by a value, for example its loading; with the legend."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tieline.network.branches import Branch
from tieline.reports.colours import LIMIT
from tieline.reports.legend import Entry, line_entry, scale_entry
from tieline.reports.numbers import format_number
from tieline.reports.value_colours import value_colours

LineKey = tuple[str, str]
"""Kind, "line" or "transformer", and name: what results call an element."""

WITHOUT = "#aab4be"
LEGEND_PX = 3.0


@dataclass(frozen=True)
class LineColours:
    """Colours by value, what is said of each element, and the legend.

    Attributes:
        colour_of: of each element that has a value.
        rank_of: its place in the order of drawing, the worst last.
        text_of: what is said of it.
        legend: what the colours mean.
    """

    colour_of: Mapping[LineKey, str]
    rank_of: Mapping[LineKey, int]
    text_of: Mapping[LineKey, str]
    legend: tuple[Entry, ...]

    def colour(self, branches: Iterable[Branch]) -> str:
        """Colour of a line of the drawing: of elements side by side that of the worst."""
        keys = self._keys(branches)
        if not keys:
            return WITHOUT
        return self.colour_of[max(keys, key=self.rank_of.__getitem__)]

    def rank(self, branches: Iterable[Branch]) -> int:
        """Lines of higher rank lie on top; 0 without a value."""
        return max((self.rank_of[key] for key in self._keys(branches)), default=0)

    def told(self, branches: Iterable[Branch]) -> list[str]:
        """What is said of the elements that a line of the drawing stands for."""
        return [self.text_of[key] for key in self._keys(branches)]

    def _keys(self, branches: Iterable[Branch]) -> list[LineKey]:
        """Those of the elements that have a value."""
        keys = map(key_of, branches)
        return [key for key in keys if key in self.rank_of]


def key_of(branch: Branch) -> LineKey:
    """What results call a branch: a switch is a line, a regulator a transformer."""
    if branch.kind in ("line", "switch"):
        return "line", branch.name
    return "transformer", branch.name


def line_colours(
    values: Mapping[LineKey, float],
    label: str,
    unit: str,
    limit: float | None = None,
) -> LineColours:
    """Lines by value, dark where it is high, red beyond the limit.

    Args:
        values: of lines and transformers; one without, or with NaN, is grey.
        label: what the values are.
        unit: of the values.
        limit: beyond which they are red; None for none.
    """
    value_range = 0.0, _top(values, limit)
    colours = value_colours(values, "high", value_range, limit)
    rank_of = {key: k for k, key in enumerate(reversed(colours.worst_first), start=1)}
    text_of = {
        key: f"{label} {format_number(values[key], unit)} {unit}" for key in rank_of
    }
    scale = scale_entry(f"{label} [{unit}]", *value_range, "high", unit)
    legend = [scale]
    if limit is not None and colours.beyond:
        words = f"above {format_number(limit, unit)} {unit}"
        count = len(colours.beyond)
        legend.append(line_entry(f"{words} ({count})", LEGEND_PX, colour=LIMIT))
    if len(rank_of) < len(values):
        legend.append(line_entry("no value", LEGEND_PX, colour=WITHOUT))
    return LineColours(colours.of, rank_of, text_of, tuple(legend))


def _top(values: Mapping[LineKey, float], limit: float | None) -> float:
    """The end of the scale: the limit, or the highest value where there is none."""
    if limit is not None:
        return limit
    finite = filter(math.isfinite, values.values())
    return max(finite, default=1.0)
