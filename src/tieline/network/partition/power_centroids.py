"""Power centroids, and the bus from which a region is seen as its buyer.

A bus with much load nearby is where power is bought. Seen from bus i, bus j weighs (eq. 13 of the source)

    Pc_j = P_j / |Z_ij|

with P_j the nominal load of bus j and |Z_ij| the electrical distance between the two: the sum of |z| along the path, as in
`topology`. The root of a region is the bus that sees most: the largest sum of Pc_j over the other buses of the region.

Buses that closed switches or regulators join are one place. Their impedances stand for none (a file gives a switch a thousandth
of an ohm because zero cannot be inverted), and divided by them every load beside a switch would outweigh a whole region.

Source: eq. 13 of the article that `growth` cites; what is one place is tieline's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from tieline.feeders.feeder import Feeder
from tieline.network.branches import Branch
from tieline.network.topology import Tree
from tieline.typing import FloatArray, IntArray

JOINING = ("switch", "regulator")
"""Kinds of branch whose impedance stands for none."""


def load_kw_by_bus(feeder: Feeder) -> dict[str, float]:
    """Nominal load of each bus [kW], 0 where there is none."""
    load_kw = {bus.name: 0.0 for bus in feeder.buses}
    for load in feeder.loads:
        load_kw[load.bus] += load.p_kw
    return load_kw


def power_centroids(
    tree: Tree, buses: Sequence[str], load_kw: Mapping[str, float]
) -> FloatArray:
    """Pc_j of each bus as the root of a tree sees it; 0 for the buses at the place of the root.

    Args:
        tree: closed branches of the feeder from the root.
        buses: connected buses of it, the root among them.
        load_kw: load of each bus [kW].

    Returns:
        (bus,) in the order of `buses` [kW/pu].
    """
    region = _places(tree, buses)
    root_place = region.place[list(buses).index(tree.order[0])]
    distance = region.distance_pu(np.array([root_place]))[0]
    load = np.array([load_kw[bus] for bus in buses])
    return load / _elsewhere(distance)[region.place]


def power_centroid_sums(
    tree: Tree, buses: Sequence[str], load_kw: Mapping[str, float]
) -> FloatArray:
    """What each bus of a region sees: the sum of Pc_j over the buses at other places.

    Args:
        tree: closed branches of the feeder from any bus.
        buses: connected buses of it.
        load_kw: load of each bus [kW].

    Returns:
        (bus,) in the order of `buses` [kW/pu].
    """
    region = _places(tree, buses)
    load_at_place = np.bincount(region.place, [load_kw[bus] for bus in buses])
    loaded = np.flatnonzero(load_at_place)
    distance = _elsewhere(region.distance_pu(loaded))
    centroid = load_at_place[loaded, None] / distance
    return centroid.sum(axis=0)[region.place]


def root_of(tree: Tree, buses: Sequence[str], load_kw: Mapping[str, float]) -> str:
    """The bus of a region with the largest sum of power centroids; of equal ones the first."""
    sums = power_centroid_sums(tree, buses, load_kw)
    return buses[int(np.argmax(sums))]


@dataclass(frozen=True, eq=False)
class _Places:
    """The places of a region: number of each bus's place, (bus,), and |z| of the branches between places, (place, place)."""

    place: IntArray
    z_pu: sparse.csr_array

    def distance_pu(self, origins: IntArray) -> FloatArray:
        """Electrical distance from some places to every place, (origin, place) [pu]."""
        return np.atleast_2d(dijkstra(self.z_pu, directed=False, indices=origins))


def _places(tree: Tree, buses: Sequence[str]) -> _Places:
    branches = list(_branches_among(tree, buses))
    graph = nx.Graph()
    graph.add_nodes_from(buses)
    for branch in branches:
        if branch.kind in JOINING or branch.z_pu == 0:
            graph.add_edge(branch.from_bus, branch.to_bus)
    number: dict[str, int] = {}
    for k, joined in enumerate(nx.connected_components(graph)):
        number |= dict.fromkeys(joined, k)
    place = np.array([number[bus] for bus in buses], dtype=np.int64)
    return _Places(place, _impedance_between(branches, number))


def _branches_among(tree: Tree, buses: Sequence[str]) -> Iterator[Branch]:
    """The branches between buses of a region, those side by side once: the one of least impedance."""
    inside = set(buses)
    for bus in buses:
        if tree.parent[bus] in inside:
            yield min(tree.branches[bus], key=lambda branch: branch.z_pu)


def _impedance_between(
    branches: Sequence[Branch], number: Mapping[str, int]
) -> sparse.csr_array:
    count = max(number.values()) + 1
    ends_a = [number[branch.from_bus] for branch in branches]
    ends_b = [number[branch.to_bus] for branch in branches]
    # branches within a place lie on the diagonal, which no path takes
    z_pu = [branch.z_pu for branch in branches]
    return sparse.csr_array((z_pu, (ends_a, ends_b)), shape=(count, count))


def _elsewhere(distance_pu: FloatArray) -> FloatArray:
    """Distances, infinite to the place itself: a place does not see its own load."""
    return np.where(distance_pu == 0, np.inf, distance_pu)
