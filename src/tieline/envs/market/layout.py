"""Where a region lies on its feeder: its DERs, their distance from the root, and the conductors over its borders."""

from __future__ import annotations

from collections.abc import Collection

import networkx as nx
import numpy as np

from tieline.envs.market.conductors import Conductors
from tieline.errors import InputError
from tieline.feeders.elements import Generator
from tieline.network.network import Network
from tieline.network.topology import bus_graph
from tieline.typing import FloatArray, IntArray


def ders_inside(network: Network, buses: Collection[str]) -> IntArray:
    """The DERs at some buses, as indices of the network's, (der,); raises `InputError` if there is none."""
    places = [der.bus in buses for der in network.feeder.ders]
    ders = np.flatnonzero(places)
    if not len(ders):
        raise InputError(
            f"No DER stands at the {len(buses)} buses of the region: there is nothing to choose. Attach DERs there, or merge "
            "the region with another."
        )
    return ders


def rated_kw(network: Network, ders: IntArray) -> FloatArray:
    """Largest power of each DER, (der,) [kW]."""
    rated = []
    # asked once: the feeder puts its kinds of DERs together anew every time
    all_ders = network.feeder.ders
    for k in ders:
        der = all_ders[k]
        is_generator = isinstance(der, Generator)
        rated.append(der.rated_kva if is_generator else der.inverter_kva)
    return np.array(rated)


def distance_pu(network: Network, root: str, ders: IntArray) -> FloatArray:
    """|Z| of the path of least impedance from the root to each DER, (der,) [pu on 1 MVA]."""
    feeder = network.feeder
    graph = bus_graph(feeder)
    start = feeder.bus(root).name
    to_bus = nx.single_source_dijkstra_path_length(graph, start, weight="z_pu")
    all_ders = feeder.ders
    der_buses = [all_ders[k].bus for k in ders]
    return np.array([to_bus[bus] for bus in der_buses])


def border_conductors(network: Network, buses: Collection[str]) -> Conductors:
    """Conductors inside the region of the branches that lead out of it."""
    is_of_region = [bus.name in buses for bus in network.feeder.buses]
    bus_of_terminal = network.node_bus[network.terminals.node]
    is_inside = np.array(is_of_region)[bus_of_terminal]
    element = network.terminals.element
    n_elements = len(network.elements)
    n_inside = np.bincount(element[is_inside], minlength=n_elements)
    n_outside = np.bincount(element[~is_inside], minlength=n_elements)
    crosses = (n_inside > 0) & (n_outside > 0)
    terminals = np.flatnonzero(is_inside & crosses[element])
    return Conductors.of(network, terminals)
