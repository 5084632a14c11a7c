"""`Couplings`: what regions must agree on, rows over the variables of each: limits, trade over borders, shared DERs.

    limit      per limit that was found past: what all regions' DERs do to it is within its room
    trade      per border: what the nearer region sends is what the farther one gets, net [kW]
    shared     per DER that several regions may call: the shares are together within its limit [kW]

A limit is told to all by how much each DER moves it, relative to the DER that moves it most: its room is then in kW of that DER.
Whose DERs relieve it, and at which offer, stays with their region. A partition is a tree from the source, hence every border has
a nearer and a farther region.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.network.partition import Partition
from tieline.opf.balancing.linear_limits import LinearLimit
from tieline.opf.balancing.minute import Minute
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Couplings:
    """What clusters of merged regions must agree on; a coupling is a limit, a border's trade or a shared DER.

    Attributes:
        cluster_of: cluster of each region, (region,).
        limits: those that all keep together.
        steepest: what one kW of the DER that moves it most moves each limit by, (limit,).
        border: which borders of the partition lie between clusters, (border,).
        near, far: their regions, (border,).
        shared: DERs that several clusters call, (shared,).
    """

    cluster_of: IntArray
    limits: tuple[LinearLimit, ...]
    steepest: FloatArray
    border: IntArray
    near: IntArray
    far: IntArray
    shared: IntArray

    @classmethod
    def of(
        cls, minute: Minute, partition: Partition, limits: Sequence[LinearLimit]
    ) -> Couplings:
        """The couplings of a minute.

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
        calls = np.zeros((cluster_of.max() + 1, minute.n_ders), dtype=int)
        np.add.at(calls, cluster_of, minute.chosen.astype(int))
        is_called = np.asarray(calls.any(axis=0), dtype=bool)
        return cls(
            cluster_of=cluster_of,
            limits=tuple(limits),
            steepest=np.array([_steepest(limit, is_called) for limit in limits]),
            border=np.array(between, dtype=np.int64),
            near=np.array([border.near for border in borders], dtype=np.int64),
            far=np.array([border.far for border in borders], dtype=np.int64),
            shared=np.flatnonzero((calls > 0).sum(axis=0) > 1),
        )

    @property
    def n_clusters(self) -> int:
        """Clusters of merged regions."""
        return int(self.cluster_of.max()) + 1

    @property
    def kept(self) -> slice:
        """Limits among the couplings."""
        return slice(0, len(self.limits))

    @property
    def trades(self) -> slice:
        """Trades among the couplings."""
        return slice(self.kept.stop, self.kept.stop + len(self.near))

    @property
    def shares(self) -> slice:
        """Shared DERs among the couplings."""
        return slice(self.trades.stop, self.trades.stop + len(self.shared))

    @property
    def count(self) -> int:
        """All couplings."""
        return self.shares.stop

    @property
    def names(self) -> list[Hashable]:
        """What each coupling is, the same from one set of couplings to another, (coupling,)."""
        limits = [limit.row for limit in self.limits]
        trades = [("trade", border) for border in self.border.tolist()]
        shares = [("share", der) for der in self.shared.tolist()]
        return [*limits, *trades, *shares]

    def highest(self, minute: Minute) -> FloatArray:
        """What each coupling may come to, (coupling,) [kW]."""
        highest = np.zeros(self.count)
        rooms = np.array([limit.room for limit in self.limits])
        highest[self.kept] = rooms / self.steepest
        highest[self.shares] = minute.p_max_kw[self.shared]
        return highest

    def lowest(self) -> FloatArray:
        """The same from below: a trade is as large on both sides, the others are limits, (coupling,) [kW]."""
        lowest = np.full(self.count, -np.inf)
        lowest[self.trades] = 0.0
        return lowest

    def borders_of(self, couplings: IntArray) -> IntArray:
        """Borders of some couplings; limits and shared DERs have none."""
        is_trade = (couplings >= self.trades.start) & (couplings < self.trades.stop)
        return couplings[is_trade] - self.trades.start


def _steepest(limit: LinearLimit, is_called: BoolArray) -> float:
    """What the DER that moves a limit most moves it by; one where none does, so that its row only says whether it is kept."""
    of_called = np.abs(limit.slope[is_called])
    return float(of_called.max(initial=0.0)) or 1.0
