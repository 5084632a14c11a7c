"""Colour of each bus dot: by class, by value, or plain; with the legend, and the order in which dots lie on each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tieline.feeders.feeder import Feeder
from tieline.reports.colours import (
    INK,
    LIMIT,
    NO_VALUE,
    PAPER,
    ClassStyle,
    Worst,
    class_styles,
)
from tieline.reports.legend import Entry, class_entry, scale_entry
from tieline.reports.numbers import format_number
from tieline.reports.value_colours import value_colours

PLAIN = ClassStyle("#44546a", PAPER)
WITHOUT = ClassStyle(NO_VALUE, "#9aa5b1", 0.9)
BEYOND = ClassStyle(LIMIT, INK, 1.25)
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


def colours_by_class(
    feeder: Feeder, classes: Mapping[str, str], words: Mapping[str, str]
) -> BusColours:
    """Buses by class, called what `words` say; one without a class is grey."""
    style_of_class = class_styles(classes)
    counts = Counter(classes.values())
    style = {bus.name: WITHOUT for bus in feeder.buses}
    for bus in style.keys() & classes.keys():
        style[bus] = style_of_class[classes[bus]]
    worst = [bus for bus in style if style[bus].rank >= WORTH_NAMING]
    worst.sort(key=lambda bus: -style[bus].rank)
    legend = []
    for name, class_style in style_of_class.items():
        called = words.get(name, name)
        legend.append(class_entry(called, counts[name], class_style))
    legend += _without(feeder, len(classes), "no class")
    text = {bus: words.get(name, name) for bus, name in classes.items()}
    return BusColours(style, worst, legend, text)


def colours_by_value(
    feeder: Feeder,
    values: Mapping[str, float],
    label: str,
    unit: str,
    value_range: tuple[float, float] | None,
    worst: Worst,
    limit: float | None = None,
    log_scale: bool = False,
) -> BusColours:
    """Buses by value, dark at the end that is `worst` and red beyond a limit; one without a value is grey."""
    colours = value_colours(values, worst, value_range, limit, log_scale)
    style = {bus.name: WITHOUT for bus in feeder.buses}
    legend = _without(feeder, len(colours.of), "no value")
    if not colours.of:
        return BusColours(style, [], legend, {})
    # the rank is the order of drawing: the worst lies on top
    for rank, bus in enumerate(reversed(colours.worst_first), start=1):
        usual = BEYOND if bus in colours.beyond else PLAIN
        style[bus] = replace(usual, fill=colours.of[bus], stroke=INK, rank=rank)
    if limit is not None and colours.beyond:
        side = "above" if worst == "high" else "below"
        words = f"{side} {format_number(limit, unit)} {unit}".strip()
        legend.insert(0, class_entry(words, len(colours.beyond), BEYOND))
    scale_label = label
    if unit:
        scale_label = f"{label} [{unit}]"
    if log_scale:
        scale_label = f"{scale_label}, logarithmic"
    scale = scale_entry(scale_label, colours.low, colours.high, worst, unit)
    legend.insert(0, scale)
    text = {bus: _value_text(label, values[bus], unit) for bus in colours.of}
    return BusColours(style, colours.worst_first, legend, text)


def _value_text(label: str, value: float, unit: str) -> str:
    """For example "highest voltage 1.0487 pu"."""
    number = format_number(value, unit)
    return f"{label or 'value'} {number} {unit}".strip()


def _without(feeder: Feeder, coloured: int, name: str) -> list[Entry]:
    missing = len(feeder.buses) - coloured
    if missing:
        return [class_entry(name, missing, WITHOUT)]
    return []
