"""`earthed_nodes`: where shunts and lines tie conductors to ground, so that a current can return.

The charging of lines and the kvar of capacitors are no earth: they carry next to nothing, at next to any voltage.
"""

from __future__ import annotations

from collections.abc import Iterable

from tieline.feeders.elements import Line
from tieline.feeders.feeder import Feeder

GROUND = 0

Node = tuple[str, int]


def earthed_nodes(feeder: Feeder, is_closed: Iterable[bool]) -> set[Node]:
    """Nodes (bus, number) that a shunt or a closed line ties to ground; `is_closed` says so of each line."""
    nodes: set[Node] = set()
    for shunt in feeder.shunts:
        # one of no size conducts nothing
        has_size = shunt.p_kw != 0 or shunt.q_kvar != 0
        if GROUND in shunt.nodes and has_size:
            nodes.update((shunt.bus, node) for node in shunt.nodes if node != GROUND)
    for line, closed in zip(feeder.lines, is_closed, strict=True):
        reaches_ground = GROUND in line.from_nodes or GROUND in line.to_nodes
        if closed and reaches_ground:
            nodes |= _ends_to_ground(line)
    return nodes


def _ends_to_ground(line: Line) -> set[Node]:
    """Nodes whose conductor in a line ends at ground."""
    nodes: set[Node] = set()
    for start, end in zip(line.from_nodes, line.to_nodes, strict=True):
        if start == GROUND and end != GROUND:
            nodes.add((line.to_bus, end))
        if end == GROUND and start != GROUND:
            nodes.add((line.from_bus, start))
    return nodes
