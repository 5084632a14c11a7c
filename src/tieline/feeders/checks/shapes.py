"""Load shapes: as many values for each point of time, and elements that name one that there is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tieline.errors import unknown_name_message
from tieline.feeders.checks.common import KINDS, error
from tieline.feeders.elements import Shape
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

SHAPED_FIELDS = ("loads", "pvs", "storages", "generators")
"""Fields of `Feeder` whose elements may follow a shape."""

SHAPE_FIELDS = ("daily_shape", "yearly_shape", "duty_shape")


def check_shape_points(feeder: Feeder) -> Iterator[Finding]:
    """A shape has points, as many of P as of Q and of hours, and either a step or hours that rise."""
    for shape in feeder.shapes:
        message = _fault(shape)
        if message:
            yield error(
                "shape",
                shape.name,
                "POINTS",
                f"shape '{shape.name}' {message}.",
                "Correct its points.",
            )


def _fault(shape: Shape) -> str:
    count = len(shape.p)
    if count == 0:
        return "has no points"
    if len(shape.q) not in (0, count):
        return f"has {count} points of P and {len(shape.q)} of Q"
    if len(shape.hour) not in (0, count):
        return f"has {count} points and {len(shape.hour)} hours"
    if not shape.hour and shape.step_h == 0:
        return "has neither a step nor hours"
    if any(second <= first for first, second in pairwise(shape.hour)):
        return "has hours that do not rise"
    return ""


def check_shapes_exist(feeder: Feeder) -> Iterator[Finding]:
    """The shapes that elements follow are there."""
    names = {shape.name for shape in feeder.shapes}
    for field in SHAPED_FIELDS:
        for element in getattr(feeder, field):
            for shape_field in SHAPE_FIELDS:
                name = getattr(element, shape_field)
                if name is not None and name not in names:
                    yield _unknown(KINDS[field], element.name, name, names)


def _unknown(kind: str, element: str, name: str, names: set[str]) -> Finding:
    message = f"{kind} '{element}': Unknown shape '{name}'; the feeder has none."
    if names:
        says = unknown_name_message("shape", name, names)
        message = f"{kind} '{element}': {says}"
    return error(kind, element, "SHAPE_UNKNOWN", message, "Correct the name.")
