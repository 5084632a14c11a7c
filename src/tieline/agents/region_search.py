"""Microgrids by tree search: walks find the region of a root where only a simulator knows its borders.

A state is a bus, an action the step to a bus farther from the root. A walk is told the power centroid Pc_j of the bus where it
ends (`network.partition.power_centroids`), and nothing where a coupling constraint stopped it before: there it is over, and what
lies beyond is worth 0. The search learns to walk where much load is near and stays away from what it cannot reach. The region is
the buses visited.

    stops(a, b)     whether the constraint lies between neighbouring buses a and b; asked once for each step that is walked

Where the constraint is a rule that can be evaluated, the exact growth (`network.partition`) gives the same regions and is faster.
What the search needs is a walk to every end of the region: fewer episodes than that leave buses out, and `buses` lacks them.

`SearchConfig.update` "sarsa" learns as eq. 11 of the source has it, the mean of what its exploring walks got; the default learns
the best action, and docs/tree-search.md says what that changes.

Source: section III-A of the article that `network.partition.growth` cites, algorithm MCTS-RL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.agents.search_tree import SearchTree, grow
from tieline.agents.tree_search import Learned, SearchConfig, search
from tieline.feeders.feeder import Feeder
from tieline.network.partition import Partition
from tieline.network.partition.power_centroids import load_kw_by_bus, power_centroids
from tieline.network.partition.regions import make_partition
from tieline.network.topology import Tree, paths_from, tree_from_source
from tieline.typing import FloatArray, IntArray

Stops = Callable[[str, str], bool]
"""Whether the coupling constraint lies between a bus and the next one away from the root."""

EPISODES = SearchConfig(episodes=2000)
"""More than enough for the six roots of the 123-bus feeder: of 20 seeds each none took more than 103 to see the whole region."""


@dataclass(frozen=True, eq=False)
class SearchedRegion:
    """What a search saw of a region.

    Attributes:
        root: where it began.
        buses: visited before the constraint stopped a walk, walking from the root.
        stopped_at: the buses beyond the constraint at which walks stopped.
        whole_after: the episode that visited the last of them, of those it saw.
        learned: values and visits.
    """

    root: str
    buses: tuple[str, ...]
    stopped_at: tuple[str, ...]
    whole_after: int
    learned: Learned


def search_region(
    feeder: Feeder,
    root: str,
    stops: Stops,
    config: SearchConfig = EPISODES,
    seed: int = 0,
) -> SearchedRegion:
    """Find the region of a root by walks.

    Args:
        feeder: a feeder that passed its checks.
        root: where every walk begins.
        stops: the coupling constraint, asked for two neighbouring buses, that nearer to the root first.
        config: how to select, learn and stop.
        seed: of the walks.

    Raises:
        InputError: if the root is unknown.
    """
    return _search(feeder, paths_from(feeder, root), stops, config, seed)


def search_partition(
    feeder: Feeder, stops: Stops, config: SearchConfig = EPISODES, seed: int = 0
) -> Partition:
    """Find all regions of a radial feeder by walks: that of the source first, then one behind each border found.

    Args:
        feeder, stops, config: as for `search_region`.
        seed: of the first search; each further one takes the next number.

    Returns:
        The regions between the borders that walks met; where too few walks met none, two regions are one.

    Raises:
        InputError: if the feeder is meshed.
    """
    tree = tree_from_source(feeder, must_be_radial=True)
    tops = [tree.order[0]]
    # the list grows while it is walked: each region adds the buses behind its borders
    for number, top in enumerate(tops):
        below = _tree_below(tree, top)
        region = _search(feeder, below, stops, config, seed + number)
        tops += region.stopped_at
    return make_partition(feeder, tree, tops[1:])


def _search(
    feeder: Feeder, tree: Tree, stops: Stops, config: SearchConfig, seed: int
) -> SearchedRegion:
    children = tree.children()
    root = tree.order[0]
    walkable = grow(root, actions=lambda bus: children[bus], may_end=lambda _: True)
    worth = power_centroids(tree, walkable.states, load_kw_by_bus(feeder))
    walks = _Walks(walkable, worth, stops)
    learned = search(walkable, walks.reward, config, seed)
    return SearchedRegion(
        root, *walks.buses(tree), whole_after=walks.whole_after, learned=learned
    )


class _Walks:
    """The reward of the search, and what it saw of the constraint on the way."""

    def __init__(
        self, tree: SearchTree[str], centroid: FloatArray, stops: Stops
    ) -> None:
        self.tree = tree
        self.centroid = centroid
        self.stops = stops
        self.is_inside = {0: True}
        self.whole_after = 0
        self._episodes = 0

    def reward(self, ends: IntArray) -> FloatArray:
        """Pc of the buses where walks end, 0 where the constraint stopped them before."""
        worth = np.zeros(len(ends))
        for k, end in enumerate(ends.tolist()):
            self._episodes += 1
            if self._walk(end):
                worth[k] = self.centroid[end]
        return worth

    def buses(self, tree: Tree) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Those inside and those at which the constraint stopped walks, in walking order."""
        is_inside = {
            self.tree.states[k]: inside for k, inside in self.is_inside.items()
        }
        visited = [bus for bus in tree.order if bus in is_inside]
        inside = tuple(bus for bus in visited if is_inside[bus])
        beyond = tuple(bus for bus in visited if not is_inside[bus])
        return inside, beyond

    def _walk(self, end: int) -> bool:
        """Whether a walk gets to its end; asks for the steps that no walk has taken before."""
        steps = []
        state = end
        while state not in self.is_inside:
            steps.append(state)
            state = int(self.tree.parent[state])
        for step in reversed(steps):
            if not self.is_inside[state]:
                return False
            self._take(state, step)
            state = step
        return self.is_inside[state]

    def _take(self, state: int, step: int) -> None:
        names = self.tree.states
        self.is_inside[step] = not self.stops(names[state], names[step])
        self.whole_after = self._episodes


def _tree_below(tree: Tree, top: str) -> Tree:
    """The part of a tree that hangs at one bus."""
    depth = {top: 0}
    for bus in tree.order:
        above = tree.parent[bus]
        if above in depth:
            depth[bus] = depth[above] + 1
    parent = {bus: tree.parent[bus] for bus in depth} | {top: None}
    branches = {bus: tree.branches[bus] for bus in depth} | {top: ()}
    return Tree(tuple(depth), parent, depth, branches, loops=(), unreached=())
