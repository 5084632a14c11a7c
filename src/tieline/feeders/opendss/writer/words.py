"""Words of an OpenDSS script: commands with properties, places, matrices."""

from __future__ import annotations

from collections.abc import Iterable

from tieline.feeders.elements import Matrix

Properties = dict[str, str | int | float | Iterable[int] | Iterable[float]]


def command(head: str, properties: Properties) -> str:
    """A command with its properties in the order given."""
    return " ".join(
        [head, *(f"{name}={_text(value)}" for name, value in properties.items())]
    )


def _text(value: str | int | float | Iterable[int] | Iterable[float]) -> str:
    """Numbers so that they read back the same, lists in brackets."""
    if isinstance(value, str | int | float):
        return value if isinstance(value, str) else repr(value)
    return f"({' '.join(map(repr, value))})"


def at(bus: str, nodes: Iterable[int]) -> str:
    """A bus with nodes, as OpenDSS names a place."""
    return ".".join([bus, *map(str, nodes)])


def triangle(matrix: Matrix) -> str:
    """A matrix by rows."""
    return f"({' | '.join(' '.join(map(repr, row)) for row in matrix)})"
