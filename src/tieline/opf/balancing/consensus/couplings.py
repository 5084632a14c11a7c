"""`Couplings`: what regions must agree on, rows over the variables of each: flows and trade over borders, shared DERs.

    flow       per border and phase: what the nearer region delivers at the far bus is what the farther one draws there [kW]
    trade      per border: what the nearer region sends is what the farther one gets, net [kW]
    shared     per DER that several regions may call: the shares are together within its limit [kW]

A partition is a tree from the source, hence every border has a nearer and a farther region.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.network.network import Network
from tieline.network.partition import Border, Partition
from tieline.opf.balancing.minute import Minute
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Couplings:
    """What clusters of merged regions must agree on; a coupling is a border's phase, a border's trade or a shared DER.

    Attributes:
        cluster_of: cluster of each region, (region,).
        border: which borders of the partition lie between clusters, (border,).
        near, far: their regions, (border,).
        border_of: border of each phase that crosses one, (crossing,).
        terminal: conductor at the far end of the border's branch, (crossing,); its node is where the flow arrives.
        shared: DERs that several clusters call, (shared,).
    """

    cluster_of: IntArray
    border: IntArray
    near: IntArray
    far: IntArray
    border_of: IntArray
    terminal: IntArray
    shared: IntArray

    @classmethod
    def of(cls, minute: Minute, partition: Partition, has_flows: bool) -> Couplings:
        """The couplings of a minute; without flows where no limit of one region needs another's DERs.

        Raises:
            InputError: if the partition has another number of regions than the minute.
        """
        if len(partition.regions) != minute.n_regions:
            raise InputError(
                f"{minute.label}: {minute.n_regions} regions, but the partition has {len(partition.regions)}. Consensus needs "
                "the partition of the whole feeder, with what lies outside as a region."
            )
        _, cluster_of = np.unique(minute.group, return_inverse=True)
        between = [
            k
            for k, border in enumerate(partition.borders)
            if cluster_of[border.near] != cluster_of[border.far]
        ]
        borders = [partition.borders[k] for k in between]
        crossings = [np.empty(0, dtype=np.int64) for _ in borders]
        if has_flows:
            crossings = [_far_conductors(minute.network, border) for border in borders]
        counts = [len(conductors) for conductors in crossings]
        calls = np.zeros((cluster_of.max() + 1, minute.n_ders), dtype=int)
        np.add.at(calls, cluster_of, minute.chosen.astype(int))
        return cls(
            cluster_of=cluster_of,
            border=np.array(between, dtype=np.int64),
            near=np.array([border.near for border in borders], dtype=np.int64),
            far=np.array([border.far for border in borders], dtype=np.int64),
            border_of=np.repeat(np.arange(len(borders)), counts),
            terminal=np.concatenate([np.empty(0, dtype=np.int64), *crossings]),
            shared=np.flatnonzero((calls > 0).sum(axis=0) > 1),
        )

    @property
    def n_clusters(self) -> int:
        """Clusters of merged regions."""
        return int(self.cluster_of.max()) + 1

    @property
    def flows(self) -> slice:
        """Flows among the couplings."""
        return slice(0, len(self.terminal))

    @property
    def trades(self) -> slice:
        """Trades among the couplings."""
        return slice(self.flows.stop, self.flows.stop + len(self.near))

    @property
    def shares(self) -> slice:
        """Shared DERs among the couplings."""
        return slice(self.trades.stop, self.trades.stop + len(self.shared))

    @property
    def count(self) -> int:
        """All couplings."""
        return self.shares.stop

    def limits(self, minute: Minute) -> FloatArray:
        """What each coupling may come to, (coupling,): nothing, and the limit of a shared DER [kW]."""
        limits = np.zeros(self.count)
        limits[self.shares] = minute.p_max_kw[self.shared]
        return limits

    def borders_of(self, couplings: IntArray) -> IntArray:
        """Borders of some couplings, each once; shared DERs have none."""
        of_flow = couplings[couplings < self.flows.stop]
        of_trade = couplings[couplings >= self.trades.start]
        of_trade = of_trade[of_trade < self.trades.stop]
        borders = [
            self.border_of[of_flow],
            of_trade - self.trades.start,
        ]
        return np.unique(np.concatenate(borders))


def _far_conductors(network: Network, border: Border) -> IntArray:
    """Conductors of a border's branch at its far bus, indices into `terminals`."""
    branch = border.branch
    kind = "line" if branch.kind in ("line", "switch") else "transformer"
    element = network.element_index[kind, branch.name]
    terminals = network.terminals
    names = [bus.name for bus in network.feeder.buses]
    far_bus = names.index(border.far_bus)
    is_far = network.node_bus[terminals.node] == far_bus
    return np.flatnonzero((terminals.element == element) & is_far)
