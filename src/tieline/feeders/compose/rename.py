"""A part's names, with the name of the part before each: two of a kind, or a bus 1 here and a bus 1 there, do not meet.

`mg1_650` is bus 650 of part mg1. Every field of an element that holds the name of another one is renamed with it, so that
regulators and capacitor controls go on acting on what they acted on.
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from tieline.feeders.checks.common import KINDS
from tieline.feeders.checks.shapes import SHAPE_FIELDS
from tieline.feeders.elements import LineCode
from tieline.feeders.feeder import Feeder

NAMING_FIELDS = (
    "name",
    "bus",
    "from_bus",
    "to_bus",
    "remote_bus",
    "override_bus",
    "transformer",
    "capacitor",
    "element",
    "der",
    "watched_bus",
    *SHAPE_FIELDS,
)
"""Fields of elements that hold a name."""

Element = TypeVar("Element")


def joined_name(part_name: str, name: str) -> str:
    """Name of a part's element in the composed feeder."""
    return f"{part_name}_{name}"


def with_prefix(feeder: Feeder, part_name: str) -> Feeder:
    """The same feeder with the part's name before all names; coordinates are left out.

    Every map has its own origin and unit: on the host's, a part would stand anywhere.
    """
    parts: dict[str, Any] = {}
    for field in KINDS:
        elements = getattr(feeder, field)
        parts[field] = tuple(_renamed(element, part_name) for element in elements)
    buses = [dataclasses.replace(bus, x=None, y=None) for bus in parts["buses"]]
    return feeder.replace(**parts | {"buses": tuple(buses)})


def _renamed(element: Element, part_name: str) -> Element:
    """An element, line code or winding and what it holds, with all names in it changed."""
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(element):  # type: ignore[arg-type]
        value: Any = getattr(element, field.name)
        if field.name in NAMING_FIELDS and value is not None:
            changes[field.name] = joined_name(part_name, value)
        # two parts may have different codes of one name
        elif isinstance(value, LineCode):
            changes[field.name] = _renamed(value, part_name)
        elif field.name == "windings":
            changes[field.name] = tuple(
                _renamed(winding, part_name) for winding in value or ()
            )
    return dataclasses.replace(element, **changes)  # type: ignore[type-var]
