"""A region around one bus: all that a path impedance reaches.

The region of a chosen root holds the buses to which the path impedance |Z_root,j|, the sum of |z| over closed branches, is within
a reach. Buses that shall not be walked over stop it too, such as the trunk that the region hangs on. Regions around several roots
may have buses in common: they make no partition, but a DER that both may call on.
"""

from __future__ import annotations

from collections.abc import Collection

import networkx as nx

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.network.partition.power_centroids import load_kw_by_bus
from tieline.network.partition.regions import Partition, Region, make_partition
from tieline.network.topology import bus_graph, tree_from_source


def region_around(
    feeder: Feeder, root: str, reach_pu: float, barriers: Collection[str] = ()
) -> Region:
    """The buses that a path impedance from a root reaches.

    Args:
        feeder: a feeder that passed its checks.
        root: its buyer bus.
        reach_pu: largest path impedance, |z| summed from the root [pu on 1 MVA].
        barriers: buses that the region neither holds nor walks over.

    Returns:
        The region, its buses walking from the source's side.

    Raises:
        InputError: if a bus is unknown, the root is a barrier or without supply, or the reach is not above 0.
    """
    if isinstance(barriers, str):
        # its letters may be names of buses
        raise InputError(f"barriers is the text '{barriers}'; give a list of buses.")
    root = feeder.bus(root).name
    barrier_buses = {feeder.bus(bus).name for bus in barriers}
    order = tree_from_source(feeder).order
    if root in barrier_buses or root not in order:
        raise InputError(
            f"No region can grow from bus '{root}': it is among the barriers, or has no closed path to the source."
        )
    if not reach_pu > 0:
        raise InputError(
            f"The reach of a region is {reach_pu:g}; give a path impedance above 0 [pu on 1 MVA]."
        )
    graph = bus_graph(feeder)
    # gone from the graph, no path leads over them either
    graph.remove_nodes_from(barrier_buses)
    reached = nx.single_source_dijkstra_path_length(
        graph, root, cutoff=reach_pu, weight="z_pu"
    )
    buses = tuple(bus for bus in order if bus in reached)
    load_kw = load_kw_by_bus(feeder)
    return Region(root, buses, sum(load_kw[bus] for bus in buses))


def partition_around(feeder: Feeder, region: Region) -> Partition:
    """A region and what it leaves of a radial feeder: the part with the source, and each part that it feeds.

    Raises:
        InputError: if the feeder is meshed.
    """
    tree = tree_from_source(feeder, must_be_radial=True)
    inside = set(region.buses)
    cuts = []
    for bus in tree.order[1:]:
        crosses = (bus in inside) != (tree.parent[bus] in inside)
        if crosses:
            cuts.append(bus)
    divided = make_partition(feeder, tree, cuts)
    # the region keeps the root that was chosen for it
    with_root = tuple(
        region if part.buses == region.buses else part for part in divided.regions
    )
    return Partition(feeder, tree, with_root, divided.borders)
