"""Cutting a radial feeder into parts, and joining the parts that are too small.

In a tree a cut is named by the bus below it: cut is the step from that bus to its parent. So the parts of a feeder are a set of
such buses, and to join two parts is to take one bus out of the set. A part is named by its top bus: that of its upper cut, or
the root.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from tieline.network.branches import Branch
from tieline.network.topology import Tree

DUST_KW = 1e-9
"""Sums of the same loads in another order differ by rounding, which makes no part too small."""


def branch_of_cut(tree: Tree, cut: str) -> Branch:
    """What a cut opens; of several branches side by side the one with the least impedance."""
    return min(tree.branches[cut], key=lambda branch: branch.z_pu)


def sum_behind(tree: Tree, amount: Mapping[str, float]) -> dict[str, float]:
    """Of an amount at each bus, such as its load: that of the bus and of all it feeds."""
    behind = {bus: amount.get(bus, 0.0) for bus in tree.order}
    for bus in reversed(tree.order):
        above = tree.parent[bus]
        if above is not None:
            behind[above] += behind[bus]
    return behind


def top_of_each_bus(tree: Tree, cuts: Collection[str]) -> dict[str, str]:
    """The part each bus lies in, by the part's top bus."""
    tops: dict[str, str] = {}
    # parents come first, therefore their part is known
    for bus in tree.order:
        above = tree.parent[bus]
        if above is None or bus in cuts:
            tops[bus] = bus
        else:
            tops[bus] = tops[above]
    return tops


def join_short_parts(
    tree: Tree, cuts: Iterable[str], behind: Mapping[str, float], least: float
) -> frozenset[str]:
    """Join each part that has less than an amount to the neighbour across its border of least impedance.

    The part that has least goes first, because its neighbour may be enough with it, and may not be without.

    Args:
        tree: the feeder from its source.
        cuts: what cuts it into parts.
        behind: the amount behind each bus, from `sum_behind`.
        least: what a part must have.

    Returns:
        The cuts that are left. If none is, the whole may still have less.
    """
    parts = _Parts(tree, frozenset(cuts), behind)
    while parts.above:
        shortest = parts.shortest()
        if parts.amount[shortest] >= least - DUST_KW:
            break
        parts.join_at(parts.weakest_border(shortest))
    return frozenset(parts.above)


class _Parts:
    """Parts while they are joined: the amount in each, and which part lies above and below each cut."""

    def __init__(
        self, tree: Tree, cuts: frozenset[str], behind: Mapping[str, float]
    ) -> None:
        root = tree.order[0]
        # in walking order, so that of equal parts the same one goes first at every run: sets have no order
        in_order = [root, *(bus for bus in tree.order if bus in cuts)]
        self.amount = {top: behind[top] for top in in_order}
        self.below: dict[str, list[str]] = {top: [] for top in in_order}
        self.above: dict[str, str] = {}
        self.z_pu: dict[str, float] = {}
        tops = top_of_each_bus(tree, cuts)
        for cut in in_order[1:]:
            top_above = tops[tree.parent[cut] or root]
            self.above[cut] = top_above
            self.below[top_above].append(cut)
            self.z_pu[cut] = branch_of_cut(tree, cut).z_pu
            self.amount[top_above] -= behind[cut]

    def shortest(self) -> str:
        """The part that has least."""
        return min(self.amount, key=self.amount.__getitem__)

    def weakest_border(self, part: str) -> str:
        """The cut of least impedance among those around a part."""
        around = list(self.below[part])
        if part in self.above:
            around.append(part)
        return min(around, key=self.z_pu.__getitem__)

    def join_at(self, cut: str) -> None:
        """Make one part of the two that a cut separates."""
        joined = self.above.pop(cut)
        self.amount[joined] += self.amount.pop(cut)
        self.below[joined].remove(cut)
        for lower in self.below.pop(cut):
            self.above[lower] = joined
            self.below[joined].append(lower)
