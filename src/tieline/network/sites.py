"""Sites: buses that closed switches, or branches of no impedance, join to one place. A device costs the same at each of them.

A branch counts as without impedance below what a power flow can carry (`feeders.smallest`). Regulators have a ratio and join
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx

from tieline.feeders.feeder import Feeder
from tieline.feeders.smallest import smallest_impedance_pu
from tieline.network.branches import branches


def sites(feeder: Feeder, buses: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of `buses` that are one place, in the order of their first bus.

    Two buses that a bus outside of `buses` joins are one place too.
    """
    graph = nx.Graph()
    graph.add_nodes_from(buses)
    smallest_pu = smallest_impedance_pu(feeder)
    for branch in branches(feeder):
        is_joint = branch.kind == "switch" or branch.z_pu <= smallest_pu
        if branch.closed and is_joint:
            graph.add_edge(branch.from_bus, branch.to_bus)
    number = {}
    for k, component in enumerate(nx.connected_components(graph)):
        number |= dict.fromkeys(component, k)
    groups: dict[int, list[str]] = {}
    for bus in buses:
        groups.setdefault(number[bus], []).append(bus)
    return tuple(tuple(group) for group in groups.values())
