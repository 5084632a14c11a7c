"""`Decoupled`: a network of each microgrid, and where its nodes and devices stand in the network of the whole feeder.

A region has its own elements, the coupling lines to the regions that it feeds, and at their far ends generators that stand for
these regions. Its source is that of the feeder or, behind a border, an ideal one at the border's far bus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import name_some
from tieline.feeders.grounding import grounded_buses
from tieline.feeders.parts import part_of
from tieline.network.network import Network
from tieline.network.partition import Partition
from tieline.network.partition.cuts import sum_behind
from tieline.powerflow.decoupled.ports import Port, port_of
from tieline.typing import IntArray


@dataclass(frozen=True, eq=False)
class Outlet:
    """A border to a region that is fed.

    Attributes:
        border: index into `Partition.borders`.
        nodes: nodes of the far bus in the network of the region before it, (phase,).
        ders: columns of its generators among the DERs of that network, (pair,).
    """

    border: int
    nodes: IntArray
    ders: IntArray


@dataclass(frozen=True, eq=False)
class RegionNetwork:
    """The network of one region.

    Attributes:
        network: of its elements, coupling lines and generators for the regions behind.
        inlet: the border that feeds it, an index into `Partition.borders`; None for the region of the source.
        outlets: the borders to the regions that it feeds.
        nodes: its nodes in the network of the whole feeder, (own node,).
        own_nodes: the same nodes in its network, (own node,).
        loads, ders, regulators, capacitors: columns of its elements among those of the whole feeder.
    """

    network: Network
    inlet: int | None
    outlets: tuple[Outlet, ...]
    nodes: IntArray
    own_nodes: IntArray
    loads: IntArray
    ders: IntArray
    regulators: IntArray
    capacitors: IntArray


@dataclass(frozen=True, eq=False)
class Decoupled:
    """A feeder cut at the borders of a partition.

    Attributes:
        network: the whole feeder.
        partition: its regions.
        ports: the far bus of each border, (border,).
        regions: the network of each region, (region,).
    """

    network: Network
    partition: Partition
    ports: tuple[Port, ...]
    regions: tuple[RegionNetwork, ...]


def decouple(network: Network, partition: Partition) -> Decoupled:
    """Cut a feeder at the borders of a partition; the networks of its regions are made once for many solves.

    Args:
        network: the whole feeder.
        partition: regions of this feeder.

    Raises:
        InputError: if the partition is of another feeder, or a border cannot be cut.
    """
    feeder = network.feeder
    if partition.feeder.buses != feeder.buses or partition.feeder.lines != feeder.lines:
        raise InputError(
            f"The partition is of feeder '{partition.feeder.name}' with other buses or lines than the network of feeder "
            f"'{feeder.name}'. Divide that feeder."
        )
    grounded = grounded_buses(feeder)
    _require_earthed_current_sources(feeder, grounded)
    ports = tuple(port_of(feeder, border, grounded) for border in partition.borders)
    kva_behind = _kva_behind(partition, feeder)
    cutting = _Cutting(network, partition, ports, kva_behind)
    count = len(partition.regions)
    regions = tuple(cutting.region_network(region) for region in range(count))
    return Decoupled(network, partition, ports, regions)


def _require_earthed_current_sources(feeder: Feeder, grounded: set[str]) -> None:
    """A port without ground takes the currents of its phases to add up to zero, which those from the ground need not do."""
    names = [one.name for one in feeder.current_sources if one.bus not in grounded]
    if names:
        raise InputError(
            f"Current sources {name_some(names)} of feeder '{feeder.name}' drive currents from the ground into a section that "
            "nothing grounds, and its regions would lose them. Solve the feeder as a whole, or ground the section."
        )


def _kva_behind(partition: Partition, feeder: Feeder) -> dict[str, float]:
    """Nominal apparent power of the loads behind each bus [kVA]."""
    kva = dict.fromkeys(partition.tree.order, 0.0)
    for load in feeder.loads:
        # what no closed path feeds takes nothing
        if load.bus in kva:
            kva[load.bus] += abs(complex(load.p_kw, load.q_kvar))
    return sum_behind(partition.tree, kva)


@dataclass(frozen=True, eq=False)
class _Cutting:
    """What is cut, and how much hangs behind each border."""

    network: Network
    partition: Partition
    ports: tuple[Port, ...]
    kva_behind: dict[str, float]

    def region_network(self, region: int) -> RegionNetwork:
        feeder = self.network.feeder
        borders = self.partition.borders
        borders_above = [k for k, b in enumerate(borders) if b.far == region]
        # at most one: a partition is a tree, and the region of the source has none
        inlet = borders_above[0] if borders_above else None
        borders_below = [k for k, b in enumerate(borders) if b.near == region]
        part = self._part(region, inlet, borders_below)
        with_stand_ins = self._with_stand_ins(part, borders_below)
        network = Network.from_feeder(with_stand_ins)
        nodes, own_nodes = _shared_nodes(self.network, network, self.partition, region)
        return RegionNetwork(
            network=network,
            inlet=inlet,
            outlets=self._outlets(network, len(part.ders), borders_below),
            nodes=nodes,
            own_nodes=own_nodes,
            loads=_columns(feeder.loads, part.loads),
            ders=_columns(feeder.ders, part.ders),
            regulators=_columns(feeder.regulators, part.regulators),
            capacitors=_columns(feeder.capacitors, part.capacitors),
        )

    def _part(self, region: int, inlet: int | None, borders_below: list[int]) -> Feeder:
        """The elements of a region and the coupling lines to those that it feeds."""
        feeder = self.network.feeder
        sources = feeder.sources
        if inlet is not None:
            port = self.ports[inlet]
            bus = feeder.bus(port.bus)
            sources = (port.source(bus.kv_ll),)
        lines = [self.ports[k].line for k in borders_below]
        buses = self.partition.regions[region].buses
        return part_of(feeder, buses, sources, lines)

    def _with_stand_ins(self, part: Feeder, borders_below: list[int]) -> Feeder:
        """The part with generators for the regions behind it; after its own, so that its DERs keep their columns."""
        generators = list(part.generators)
        for k in borders_below:
            port = self.ports[k]
            # of the size of what hangs there: a network's smallest impedance follows from the power it carries
            kva_behind = self.kva_behind[port.bus]
            bus = part.bus(port.bus)
            generators += port.generators(bus.kv_ll, kva_behind)
        return part.replace(generators=tuple(generators))

    def _outlets(
        self, network: Network, n_ders: int, borders_below: list[int]
    ) -> tuple[Outlet, ...]:
        outlets = []
        column = n_ders
        for k in borders_below:
            port = self.ports[k]
            names = [f"{port.bus}.{node}" for node in port.nodes]
            n_pairs = len(port.plus)
            ders = column + np.arange(n_pairs)
            column += n_pairs
            outlets.append(Outlet(k, network.nodes(*names), ders))
        return tuple(outlets)


def _shared_nodes(
    network: Network, part: Network, partition: Partition, region: int
) -> tuple[IntArray, IntArray]:
    """The nodes of a region, in the whole network and in its own."""
    buses = network.feeder.buses
    names = []
    for name, bus in zip(network.node_names, network.node_bus, strict=True):
        # nodes that no closed path feeds are in no region
        if partition.region_of.get(buses[bus].name) == region:
            names.append(name)
    return network.nodes(*names), part.nodes(*names)


def _columns(elements: Sequence[Any], part: Sequence[Any]) -> IntArray:
    """Where the elements of a part stand among all; names are unique within a kind, and DERs are of several kinds."""
    index = {(type(one), one.name): k for k, one in enumerate(elements)}
    places = [index[type(one), one.name] for one in part]
    return np.array(places, dtype=np.int64)
