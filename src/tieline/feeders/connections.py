"""How wye and delta elements hang between the conductors of a bus: one (plus, minus) pair of node numbers per phase."""

from __future__ import annotations

from tieline.feeders.elements import Connection, Nodes

Pair = tuple[int, int]


def phase_pairs(nodes: Nodes, connection: Connection, direction: int = 1) -> list[Pair]:
    """Node numbers between which each phase of an element sits.

    Args:
        nodes: as in `feeders.elements`: wye lists phases and then the neutral, delta lists phases only.
        connection: wye or delta.
        direction: +1 closes a three-phase delta as 1-2, 2-3, 3-1, -1 as 1-3, 2-1, 3-2.

    Returns:
        One (plus, minus) pair per phase; 0 is ground. A two-node delta has one phase.
    """
    if connection == "wye":
        return [(node, nodes[-1]) for node in nodes[:-1]]
    if len(nodes) == 2:
        return [(nodes[0], nodes[1])]
    count = len(nodes)
    return [(nodes[k], nodes[(k + direction) % count]) for k in range(count)]
