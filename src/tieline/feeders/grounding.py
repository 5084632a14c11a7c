"""`grounded_buses`: where a voltage to ground means something.

A section is what closed lines join. It is grounded by the source, by a wye winding with a grounded neutral, or by a grounded
load, DER, capacitor or shunt; else it floats, and only the voltages between its phases are known.
"""

from __future__ import annotations

from itertools import chain

import networkx as nx

from tieline.feeders.elements import Nodes
from tieline.feeders.feeder import Feeder


def grounded_buses(feeder: Feeder) -> set[str]:
    """Buses of every section that has a connection to ground."""
    closed_lines = [line for line in feeder.lines if line.closed]
    graph = nx.Graph()
    graph.add_nodes_from(bus.name for bus in feeder.buses)
    graph.add_edges_from((line.from_bus, line.to_bus) for line in closed_lines)
    windings = chain.from_iterable(unit.windings for unit in feeder.transformers)
    shunts = (*feeder.loads, *feeder.ders, *feeder.capacitors, *feeder.shunts)
    earthed = {source.bus for source in feeder.sources}
    for part in (*windings, *shunts):
        if _is_grounded(part.nodes, part.connection):
            earthed.add(part.bus)
    grounded: set[str] = set()
    for section in nx.connected_components(graph):
        if section & earthed:
            grounded |= section
    return grounded


def _is_grounded(nodes: Nodes, connection: str) -> bool:
    return connection == "wye" and nodes[-1] == 0
