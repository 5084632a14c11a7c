"""`engine_yprim`: primitive admittance matrices as OpenDSS computed them, to judge what was read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.feeders.elements import Nodes
from tieline.typing import ComplexArray

PASSIVE_KINDS = ("line", "transformer", "capacitor", "reactor", "vsource")

LINE_GUARD_S = 4.2e-8
"""OpenDSS adds about this susceptance to the diagonal of lines, so that no node is left without a path to ground."""


@dataclass(frozen=True, eq=False)
class EnginePrimitive:
    """Matrix [S] over the conductors of an element, terminal by terminal; `buses` and `nodes` have one entry per terminal."""

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


def _activate(engine: Any, name: str) -> bool:
    return engine.Circuit.SetActiveElement(name) >= 0 and bool(
        engine.CktElement.Enabled()
    )


def _primitive(engine: Any, name: str) -> EnginePrimitive:
    element = engine.CktElement
    flat = np.asarray(element.YPrim(), dtype=float)
    values = flat[0::2] + 1j * flat[1::2]
    size = math.isqrt(len(values))
    matrix_s = values.reshape(size, size).T  # the engine stores columns first
    order = [int(node) for node in element.NodeOrder()]
    count = element.NumConductors()
    nodes = tuple(tuple(order[k : k + count]) for k in range(0, len(order), count))
    buses = tuple(bus.split(".")[0].lower() for bus in element.BusNames())
    return EnginePrimitive(buses, nodes, matrix_s)
