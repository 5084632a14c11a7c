"""`Partition`: the microgrids of a feeder and the borders between them.

Regions are connected, have no bus in common, and together hold every bus that the source reaches. A border is a branch with one
end in each of two regions. Regions that are joined, for good or for a minute, are a partition with fewer of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

import networkx as nx

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.network.branches import Branch
from tieline.network.partition.cuts import branch_of_cut, top_of_each_bus
from tieline.network.partition.power_centroids import load_kw_by_bus, root_of
from tieline.network.topology import Tree


@dataclass(frozen=True)
class Region:
    """A microgrid.

    Attributes:
        root: where it buys: the bus with the largest sum of power centroids.
        buses: its buses, walking from the source's side.
        load_kw: their nominal load [kW].
    """

    root: str
    buses: tuple[str, ...]
    load_kw: float


@dataclass(frozen=True)
class Border:
    """A branch between two regions; regions by index. `near` is the one nearer to the source."""

    branch: Branch
    near: int
    far: int
    near_bus: str
    far_bus: str


@dataclass(frozen=True, eq=False)
class Partition:
    """Regions of a radial feeder, walking from the source.

    Attributes:
        feeder: what is divided.
        tree: its closed branches from the source.
        regions: the microgrids, the one with the source first, each with those behind it before the next.
        borders: the branches between them, (region - 1,): border k leads to region k + 1.
        phi_pu: the coupling constraint, |z| above which a line stops growth [pu on 1 MVA]; infinite where no line does.
        phi_range_pu: low and high end of the range of it that gives the same borders [pu].
    """

    feeder: Feeder
    tree: Tree
    regions: tuple[Region, ...]
    borders: tuple[Border, ...]
    phi_pu: float = inf
    phi_range_pu: tuple[float, float] = (0.0, inf)

    @cached_property
    def region_of(self) -> dict[str, int]:
        """Index of the region of each bus that the source reaches."""
        of_bus: dict[str, int] = {}
        for k, region in enumerate(self.regions):
            of_bus |= dict.fromkeys(region.buses, k)
        return of_bus

    @property
    def cuts(self) -> frozenset[str]:
        """The far bus of every border."""
        return frozenset(border.far_bus for border in self.borders)

    def borders_of(self, region: int) -> tuple[Border, ...]:
        """The borders around a region."""
        return tuple(
            border for border in self.borders if region in (border.near, border.far)
        )

    def merged(self, groups: Sequence[int]) -> Partition:
        """The partition in which regions with the same label are one.

        Args:
            groups: a label for each region, (region,).

        Returns:
            Fewer regions, each with a root of its own, at the same coupling constraint.

        Raises:
            InputError: if there is not one label per region, or regions of one label are not next to each other.
        """
        if len(groups) != len(self.regions):
            raise InputError(
                f"{len(groups)} labels for {len(self.regions)} regions. Give each region the label of its group."
            )
        # in a tree n groups that hang together have n - 1 borders between them, and any group in two pieces has more
        open_borders = [b for b in self.borders if groups[b.near] != groups[b.far]]
        n_groups = len(set(groups))
        if len(open_borders) != n_groups - 1:
            raise InputError(_apart_message(self, groups))
        cuts = frozenset(border.far_bus for border in open_borders)
        return make_partition(
            self.feeder, self.tree, cuts, self.phi_pu, self.phi_range_pu
        )


def make_partition(
    feeder: Feeder,
    tree: Tree,
    cuts: Collection[str],
    phi_pu: float = inf,
    phi_range_pu: tuple[float, float] = (0.0, inf),
) -> Partition:
    """The regions that cuts make of a feeder, with the root of each; a cut is named by the bus below it."""
    load_kw = load_kw_by_bus(feeder)
    tops = top_of_each_bus(tree, cuts)
    buses_of: dict[str, list[str]] = {}
    for bus in tree.order:
        buses_of.setdefault(tops[bus], []).append(bus)
    order = _walking_order(tree, tops, buses_of)
    index = {top: k for k, top in enumerate(order)}
    regions = []
    borders = []
    for top in order:
        buses = buses_of[top]
        load = sum(load_kw[bus] for bus in buses)
        # where it buys follows from its own loads, so a region that is merged buys elsewhere
        regions.append(Region(root_of(tree, buses, load_kw), tuple(buses), load))
        near_bus = tree.parent[top]
        if near_bus is not None:
            near = index[tops[near_bus]]
            branch = branch_of_cut(tree, top)
            borders.append(Border(branch, near, index[top], near_bus, top))
    return Partition(feeder, tree, tuple(regions), tuple(borders), phi_pu, phi_range_pu)


def _walking_order(tree: Tree, tops: dict[str, str], parts: Iterable[str]) -> list[str]:
    """Parts by their top buses, each with all behind it before the next one: neighbours get numbers next to each other."""
    graph = nx.DiGraph()
    graph.add_nodes_from(parts)
    for top in parts:
        above = tree.parent[top]
        if above is not None:
            graph.add_edge(tops[above], top)
    return list(nx.dfs_preorder_nodes(graph, tree.order[0]))


def _apart_message(partition: Partition, groups: Sequence[int]) -> str:
    """Which regions a label joins, and between which there are borders."""
    members: dict[int, list[int]] = {}
    for region, label in enumerate(groups):
        members.setdefault(label, []).append(region)
    joined = [str(regions) for regions in members.values() if len(regions) > 1]
    pairs = [f"{border.near}-{border.far}" for border in partition.borders]
    return (
        f"Regions {' and '.join(joined)} cannot be merged: those of one label must be connected over their borders. "
        f"Borders are between regions {', '.join(pairs)}."
    )
