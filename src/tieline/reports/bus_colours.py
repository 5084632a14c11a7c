"""Colour of each bus dot: by class, by value, or plain; with the legend, and the order in which dots lie on each other."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tieline.feeders.feeder import Feeder
from tieline.reports.colours import (
    INK,
    NO_VALUE,
    PAPER,
    ClassStyle,
    Worst,
    class_styles,
    colour_at,
)
from tieline.reports.legend import Entry, class_entry, scale_entry
from tieline.reports.numbers import format_number

PLAIN = ClassStyle("#44546a", PAPER)
WITHOUT = ClassStyle(NO_VALUE, "#9aa5b1", 0.9)
WORTH_NAMING = 2
"""Rank of a class from which its buses are named first in a large feeder."""


@dataclass(frozen=True)
class BusColours:
    """Style of each bus; `worst` lists the buses to name first; `text` says in words what the colour of a bus means."""

    style: dict[str, ClassStyle]
    worst: list[str]
    legend: list[Entry]
    text: dict[str, str]


def plain_colours(feeder: Feeder) -> BusColours:
    """All buses alike."""
    return BusColours({bus.name: PLAIN for bus in feeder.buses}, [], [], {})


def colours_by_class(feeder: Feeder, classes: Mapping[str, str]) -> BusColours:
    """Buses by class; one without a class is grey."""
    style_of_class = class_styles(classes)
    counts = Counter(classes.values())
    style = {bus.name: WITHOUT for bus in feeder.buses}
    for bus in style.keys() & classes.keys():
        style[bus] = style_of_class[classes[bus]]
    worst = [bus for bus in style if style[bus].rank >= WORTH_NAMING]
    worst.sort(key=lambda bus: -style[bus].rank)
    legend = []
    for name, class_style in style_of_class.items():
        legend.append(class_entry(name, counts[name], class_style))
    legend += _without(feeder, len(classes), "no class")
    return BusColours(style, worst, legend, dict(classes))


def colours_by_value(
    feeder: Feeder,
    values: Mapping[str, float],
    label: str,
    unit: str,
    value_range: tuple[float, float] | None,
    worst: Worst,
) -> BusColours:
    """Buses by value, dark at the end that is `worst`; one without a value is grey."""
    finite = {
        bus: float(value) for bus, value in values.items() if math.isfinite(value)
    }
    style = {bus.name: WITHOUT for bus in feeder.buses}
    legend = _without(feeder, len(finite), "no value")
    if not finite:
        return BusColours(style, [], legend, {})
    low, high = value_range or (min(finite.values()), max(finite.values()))
    worst_first = sorted(finite, key=finite.__getitem__, reverse=worst == "high")
    best_first = reversed(worst_first)
    # the rank is the order of drawing: the worst lies on top
    for rank, bus in enumerate(best_first, start=1):
        share = 0.5  # of a range without width no end is the worse
        if high > low:
            share = (finite[bus] - low) / (high - low)
        colour = colour_at(share, worst)
        style[bus] = replace(PLAIN, fill=colour, stroke=INK, rank=rank)
    scale_label = label
    if unit:
        scale_label = f"{label} [{unit}]"
    scale = scale_entry(scale_label, low, high, worst, unit)
    legend.insert(0, scale)
    text = {bus: _value_text(label, value, unit) for bus, value in finite.items()}
    return BusColours(style, worst_first, legend, text)


def _value_text(label: str, value: float, unit: str) -> str:
    """For example "highest voltage 1.0487 pu"."""
    number = format_number(value, unit)
    return f"{label or 'value'} {number} {unit}".strip()


def _without(feeder: Feeder, coloured: int, name: str) -> list[Entry]:
    missing = len(feeder.buses) - coloured
    if missing:
        return [class_entry(name, missing, WITHOUT)]
    return []
