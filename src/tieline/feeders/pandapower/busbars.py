"""Busbars of a pandapower net: buses that closed switches without impedance join, so that they have one voltage."""

from __future__ import annotations

import networkx as nx

from tieline.feeders.pandapower.net import Net, number


def busbars(net: Net) -> dict[int, int]:
    """A number for each bus, the same for those of one busbar."""
    graph = nx.Graph()
    graph.add_nodes_from(net.bus_names)
    closed = [
        row
        for row in net.all_rows("switch")
        # behind an impedance the voltage may be another
        if row["et"] == "b" and row["closed"] and number(row, "z_ohm") <= 0
    ]
    graph.add_edges_from(
        (row["bus"], row["element"])
        for row in closed
        if row["bus"] in graph and row["element"] in graph
    )
    return {
        bus: k
        for k, buses in enumerate(nx.connected_components(graph))
        for bus in buses
    }
