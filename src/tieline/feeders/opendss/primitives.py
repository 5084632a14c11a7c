"""`engine_yprim`: primitive admittance matrices as OpenDSS computed them, to judge what was read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.feeders.elements import Nodes
from tieline.feeders.opendss.circuit import Record
from tieline.typing import ComplexArray

PASSIVE_KINDS = (
    "line",
    "transformer",
    "autotrans",
    "capacitor",
    "reactor",
    "fault",
    "vsource",
)

LINE_GUARD_S = 4.2e-8
"""OpenDSS adds about this susceptance to the diagonal of lines, so that no node is left without a path to ground."""


@dataclass(frozen=True, eq=False)
class EnginePrimitive:
    """Matrix [S] over the conductors of an element, terminal by terminal; `buses` and `nodes` have one entry per terminal, and
    one more for the end of a series winding.
    """

    buses: tuple[str, ...]
    nodes: tuple[Nodes, ...]
    matrix_s: ComplexArray


def engine_yprim(
    engine: Any, names: Iterable[str] | None = None
) -> dict[str, EnginePrimitive]:
    """Primitive admittance of elements.

    Args:
        engine: an OpenDSS context whose admittances are built (a solved or `calcv`-ed circuit).
        names: full names like "line.l1"; None takes all enabled lines, transformers, capacitors, reactors and sources.

    Returns:
        By lower-case full name; row i, column j is the current into conductor i per volt at conductor j.
    """
    if names is None:
        names = [
            name
            for name in engine.Circuit.AllElementNames()
            if name.split(".")[0].lower() in PASSIVE_KINDS
        ]
    return {
        name.lower(): _primitive(engine, name)
        for name in names
        if _activate(engine, name)
    }


def admittance_of(engine: Any, record: Record) -> ComplexArray:
    """Primitive admittance of one element, as `engine_yprim` has it, (conductor, conductor) [S]."""
    _activate(engine, f"{record.kind}.{record.name}")
    return _matrix_s(engine.CktElement)


def _activate(engine: Any, name: str) -> bool:
    return engine.Circuit.SetActiveElement(name) >= 0 and bool(
        engine.CktElement.Enabled()
    )


def _primitive(engine: Any, name: str) -> EnginePrimitive:
    element = engine.CktElement
    buses = tuple(bus.split(".")[0].lower() for bus in element.BusNames())
    nodes = _nodes(element)
    if name.lower().startswith("autotrans."):
        # the series winding ends at the bus of the second terminal
        half = len(nodes[0]) // 2
        buses = (buses[0], buses[1], *buses[1:])
        nodes = (nodes[0][:half], nodes[0][half:], *nodes[1:])
    return EnginePrimitive(buses, nodes, _matrix_s(element))


def _nodes(element: Any) -> tuple[Nodes, ...]:
    """Nodes of the conductors of each terminal."""
    order = [int(node) for node in element.NodeOrder()]
    count = element.NumConductors()
    starts = range(0, len(order), count)
    return tuple(tuple(order[start : start + count]) for start in starts)


def _matrix_s(element: Any) -> ComplexArray:
    """The square matrix of numbers that the engine gives as one list, real and imaginary parts in turn."""
    flat = np.asarray(element.YPrim(), dtype=float)
    real = flat[0::2]
    imaginary = flat[1::2]
    size = math.isqrt(len(real))
    # the engine stores columns first
    return (real + 1j * imaginary).reshape(size, size).T
