"""The order in which a nodal admittance matrix is eliminated.

Four groups, one after the other:

1. `inner` nodes, at which nothing but lines and transformers meet. No device current ever enters them, so their part of
   the solve drops out of the iteration (Kron reduction, by order alone) and is done once at the end. Nodes of a bus go together,
   and only while that adds no more entries than it removes.
2. the remaining nodes by minimum degree: a radial feeder has almost no fill.
3. nodes at which an entry differs from scenario to scenario, by minimum degree again: only rows that come after such an entry
   have to be factorised for each scenario.
4. the nodes of the source, so that the source current meets no multiplier.

Nodes that controls watch belong to the second group. Where few are watched or differ, they come between the second and the third:
these last rows, the `tail`, then tell all that controls want to know (see `tail`).

Eliminating a node joins all its neighbours; those it has at that moment are the columns of its row of U.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tieline.typing import BoolArray, IntArray

Graph = list[set[int]]
"""Neighbours of each node."""

MOST_NEIGHBOURS = 64
"""A group with more neighbours is left to minimum degree: counting its fill takes long, and it never pays."""

SHORT = 20
"""A tail is short if an iteration goes through this many times its rows. To factorise and solve it once more costs four to five
times as much for each of its rows as an iteration does, and serves only the lanes that have moved. Measured with the regulators
of a batch acting: with a tail of a third of the rows (ieee13) it took 23 % more time, of a fifth (ieee34) 6 % more, of an eighth
(ieee37, ieee123) from 3 % more to 8 % less, of a sixtieth (8500 nodes) 28 % less.
"""


@dataclass(frozen=True)
class Elimination:
    """Nodes in the order of their elimination.

    Attributes:
        order: node eliminated at each step, (node,).
        n_inner: how many inner nodes there are; they are the first steps.
        tail: the first step of the tail, the number of nodes if there is no short one.
        reach: neighbours of each node when it is eliminated.
    """

    order: IntArray
    n_inner: int
    tail: int
    reach: Graph


def eliminate(
    size: int,
    row: IntArray,
    column: IntArray,
    bus: IntArray,
    has_device: BoolArray,
    watched: BoolArray,
    varies: BoolArray,
    source: IntArray,
) -> Elimination:
    """Order the nodes.

    Args:
        size: number of nodes.
        row, column: places of the matrix entries, (entry,).
        bus: bus of each node, (node,).
        has_device: nodes that a device draws current from, (node,).
        watched: nodes whose voltages controls look at, (node,).
        varies: nodes at which a matrix entry differs from scenario to scenario, (node,).
        source: nodes of the source.
    """
    graph: Graph = [set() for _ in range(size)]
    for i, j in zip(row.tolist(), column.tolist(), strict=True):
        if i != j:
            graph[i].add(j)
            graph[j].add(i)
    sources = source.tolist()
    varying = set(np.flatnonzero(varies).tolist()) - set(sources)
    watched_only = set(np.flatnonzero(watched).tolist()) - varying - set(sources)
    tail = watched_only | varying | set(sources)
    free = set(np.flatnonzero(~has_device).tolist()) - tail
    inner = _eliminate_inner(graph, _groups(graph, bus, free))
    outer = set(range(size)) - set(inner)
    is_short = SHORT * len(tail) <= len(outer)
    if not is_short:
        watched_only = set()
    # Each step changes the neighbours, hence the degrees, of what is left: the groups have to follow one another.
    middle = _eliminate_by_degree(graph, outer - watched_only - varying - set(sources))
    middle += _eliminate_by_degree(graph, watched_only)
    middle += _eliminate_by_degree(graph, varying)
    for node in sources:
        _eliminate_node(graph, node)
    order = np.array([*inner, *middle, *sources], dtype=np.int64)
    first_of_tail = size - len(tail) if is_short else size
    return Elimination(order, len(inner), first_of_tail, graph)


def _groups(graph: Graph, bus: IntArray, free: Iterable[int]) -> list[list[int]]:
    """Free nodes that hang together within a bus."""
    groups = []
    ungrouped = set(free)
    while ungrouped:
        group = [ungrouped.pop()]
        for i in group:  # grows on the way, which makes it a queue
            near = {j for j in graph[i] & ungrouped if bus[j] == bus[i]}
            ungrouped -= near
            group += sorted(near)
        groups.append(sorted(group))
    return sorted(groups)


def _eliminate_inner(graph: Graph, groups: list[list[int]]) -> list[int]:
    """Eliminate groups, the cheapest first, while none adds entries; returns the nodes in order."""
    group_of = {node: k for k, group in enumerate(groups) for node in group}
    # how often each was put into the queue anew, -1 when it is eliminated
    latest = [0] * len(groups)
    queue = [(_added_entries(graph, group), k, 0) for k, group in enumerate(groups)]
    heapq.heapify(queue)
    order: list[int] = []
    while queue:
        added, k, version = heapq.heappop(queue)
        if version != latest[k] or added > 0:
            continue
        latest[k] = -1  # what still waits in the queue of this group is out of date
        around = _neighbours(graph, groups[k])
        for node in groups[k]:
            _eliminate_node(graph, node)
        order += groups[k]
        # Groups nearby have other neighbours now, hence another cost.
        for nearby in sorted({group_of[node] for node in around if node in group_of}):
            latest[nearby] += 1
            added = _added_entries(graph, groups[nearby])
            heapq.heappush(queue, (added, nearby, latest[nearby]))
    return order


def _neighbours(graph: Graph, group: list[int]) -> set[int]:
    """Nodes beside a group, of which none is in it."""
    reach = set().union(*(graph[node] for node in group))
    return reach - set(group)


def _added_entries(graph: Graph, group: list[int]) -> int:
    """Pairs that eliminating a group would join, less those that it removes."""
    members = set(group)
    around = _neighbours(graph, group)
    if len(around) > MOST_NEIGHBOURS:
        return len(around) ** 2
    # Pairs within a set are met from both ends, those across its border from one.
    n_pairs = len(around) * (len(around) - 1) // 2
    n_joined_pairs = sum(len(graph[node] & around) for node in around) // 2
    n_ends = sum(len(graph[node]) for node in group)
    n_inside = sum(len(graph[node] & members) for node in group) // 2
    n_removed = n_ends - n_inside
    return n_pairs - n_joined_pairs - n_removed


def _eliminate_by_degree(graph: Graph, nodes: set[int]) -> list[int]:
    """Eliminate nodes, that with the fewest neighbours first; returns them in order."""
    queue = [(len(graph[node]), node) for node in nodes]
    heapq.heapify(queue)
    order = []
    remaining = set(nodes)
    while queue:
        degree, node = heapq.heappop(queue)
        # An entry of the queue goes out of date when a neighbour is eliminated; a newer one follows it.
        if node not in remaining or degree != len(graph[node]):
            continue
        remaining.remove(node)
        order.append(node)
        _eliminate_node(graph, node)
        for neighbour in graph[node] & remaining:
            heapq.heappush(queue, (len(graph[neighbour]), neighbour))
    return order


def _eliminate_node(graph: Graph, node: int) -> None:
    """Join the neighbours of a node and take it out of their lists; its own list stays, as its row of U."""
    around = graph[node]
    for neighbour in around:
        graph[neighbour] |= around
        graph[neighbour] -= {node, neighbour}
