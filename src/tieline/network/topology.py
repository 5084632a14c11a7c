"""Topology of a feeder at the level of buses: graph, tree from the source, paths, islands, distances.

Distances add the impedances of branches (`branches`). Elements side by side between the same two buses (the single-phase units of
a regulator bank, a double line) are one step of the tree and no loop; of these the one with the smallest impedance counts in
distances. Left out: single phases (which conductor reaches which node is the business of `supply`), and the impedance behind the
source.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.network.branches import Branch, branches
from tieline.units import base_ohm

LOOPS_NAMED = 5
"""How many loops an error message spells out."""


@dataclass(frozen=True)
class Tree:
    """The closed branches reached from a root, which is the source unless another bus was asked for.

    `order` lists the buses, parents before children, the root first. `parent`, `depth` and `branches` are keyed by bus: its
    parent (None for the root), the number of steps from the root, and the branches that join it to its parent. `loops`
    holds, for each connection that is not part of the tree, the buses of the loop it closes; `unreached` are buses without a
    closed path to the root.
    """

    order: tuple[str, ...]
    parent: dict[str, str | None]
    depth: dict[str, int]
    branches: dict[str, tuple[Branch, ...]]
    loops: tuple[tuple[str, ...], ...]
    unreached: tuple[str, ...]

    @property
    def is_meshed(self) -> bool:
        """Whether the closed branches form a loop."""
        return bool(self.loops)

    def children(self) -> dict[str, list[str]]:
        """The buses next to each bus on the side away from the root, in walking order."""
        below: dict[str, list[str]] = {bus: [] for bus in self.order}
        for bus, parent in self.parent.items():
            if parent is not None:
                below[parent].append(bus)
        return below


@dataclass(frozen=True, slots=True)
class Island:
    """Buses that closed branches join."""

    buses: frozenset[str]
    has_source: bool


def bus_graph(feeder: Feeder, include_open: bool = False) -> nx.MultiGraph:
    """The buses and their branches as a graph.

    Args:
        feeder: a feeder that passed its checks.
        include_open: with the open lines, switches and transformers too.

    Returns:
        One graph node per bus, in feeder order. Each edge has the key "kind.name" and carries `kind`, `name`, `closed`,
        `length_km` [km], `z_pu` [pu on 1 MVA] and `branch`, the `Branch` itself.
    """
    graph = nx.MultiGraph()
    graph.add_nodes_from(bus.name for bus in feeder.buses)
    for branch in branches(feeder):
        if branch.closed or include_open:
            # the numbers once more beside the branch: algorithms of NetworkX take weights by name
            graph.add_edge(
                branch.from_bus,
                branch.to_bus,
                key=f"{branch.kind}.{branch.name}",
                branch=branch,
                kind=branch.kind,
                name=branch.name,
                closed=branch.closed,
                length_km=branch.length_km,
                z_pu=branch.z_pu,
            )
    return graph


def tree_from_source(feeder: Feeder, must_be_radial: bool = False) -> Tree:
    """Walk the closed branches from the source, breadth first.

    Args:
        feeder: a feeder that passed its checks.
        must_be_radial: refuse a meshed feeder, for methods that need one path from the source to each bus.

    Returns:
        The tree; in a meshed feeder a tree of fewest steps, with the loops beside it.

    Raises:
        InputError: if a loop is closed and `must_be_radial`; the message names the buses and branches of the loops.
    """
    graph = bus_graph(feeder)
    tree = _tree(graph, _parents(graph, feeder.source.bus))
    if tree.loops and must_be_radial:
        raise InputError(_loop_message(feeder, graph, tree.loops))
    return tree


def paths_from(feeder: Feeder, bus: str) -> Tree:
    """The paths over closed branches from a bus to every other; in a meshed feeder those of least impedance.

    Args:
        feeder: a feeder that passed its checks.
        bus: the root.

    Returns:
        The tree of these paths, nearest buses first; `loops` names the connections that no path takes.

    Raises:
        InputError: if the bus is unknown.
    """
    graph = bus_graph(feeder)
    return _tree(graph, _nearest_parents(graph, feeder.bus(bus).name))


def regions(feeder: Feeder, buses: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Buses in groups: two belong together if a closed branch joins them, or a chain of such buses.

    Args:
        feeder: a feeder that passed its checks.
        buses: names, such as those above a voltage limit.

    Returns:
        The groups, largest first. A group lists its buses by their number of steps from the source: the first is its entry.

    Raises:
        InputError: if a bus is unknown or has no closed path to the source.
    """
    names = {feeder.bus(bus).name for bus in buses}
    graph = bus_graph(feeder)
    depth = _tree(graph, _parents(graph, feeder.source.bus)).depth
    cut_off = sorted(names - depth.keys())
    if cut_off:
        raise InputError(
            f"Buses {', '.join(cut_off)} of feeder '{feeder.name}' have no closed path to the source. Leave them out."
        )

    # names last in both keys, so that the order is the same at every run: sets have none
    def order_of_bus(bus: str) -> tuple[int, str]:
        return depth[bus], bus

    def order_of_group(group: tuple[str, ...]) -> tuple[int, int, str]:
        return -len(group), *order_of_bus(group[0])

    groups = nx.connected_components(graph.subgraph(names))
    ordered = [tuple(sorted(group, key=order_of_bus)) for group in groups]
    return tuple(sorted(ordered, key=order_of_group))


def path(feeder: Feeder, a: str, b: str) -> tuple[str, ...]:
    """Buses from `a` to `b` over closed branches, both included; in a meshed feeder the path of least impedance.

    Raises:
        InputError: if a bus is unknown or no closed path joins them.
    """
    start = feeder.bus(a).name
    end = feeder.bus(b).name
    try:
        return tuple(nx.shortest_path(bus_graph(feeder), start, end, weight="z_pu"))
    except nx.NetworkXNoPath:
        raise InputError(
            f"No closed path joins bus '{start}' and bus '{end}' of feeder '{feeder.name}'. Close a line or switch between them."
        ) from None


def islands(feeder: Feeder) -> tuple[Island, ...]:
    """The parts that closed branches hold together: the one with the source first, then by falling size."""
    source_buses = {source.bus for source in feeder.sources}
    parts = []
    for buses in nx.connected_components(bus_graph(feeder)):
        has_source = bool(buses & source_buses)
        parts.append(Island(frozenset(buses), has_source))
    return tuple(sorted(parts, key=_order_of_islands))


def distance_km(feeder: Feeder) -> dict[str, float]:
    """Line length from the source to each bus along the shortest closed path [km]; infinite for a bus without one.

    Lines without a known length add nothing: ask `lengths_known` first whether any has one.
    """
    return _distances(feeder, "length_km")


def lengths_known(feeder: Feeder) -> bool:
    """Whether any line of the feeder has a length; if none has, distances in km say nothing."""
    return any(line.length_km is not None for line in feeder.lines)


def electrical_distance_pu(feeder: Feeder) -> dict[str, float]:
    """Sum of |z| from the source to each bus along the closed path of least impedance [pu on 1 MVA]; infinite without one."""
    return _distances(feeder, "z_pu")


def electrical_distance_ohm(feeder: Feeder) -> dict[str, float]:
    """`electrical_distance_pu` in ohm, referred to the voltage level of each bus [ohm]: compare buses of one level only."""
    z_pu = electrical_distance_pu(feeder)
    distance = {}
    for bus in feeder.buses:
        distance[bus.name] = z_pu[bus.name] * base_ohm(bus.kv_ll)
    return distance


def path_impedance_pu(feeder: Feeder) -> dict[str, complex]:
    """Series impedance R + jX from the source to each bus along the closed path of least |z| [pu on 1 MVA]; only buses that have
    one.

    Elements side by side count as in `electrical_distance_pu`: the one with the smallest |z|.
    """
    graph = bus_graph(feeder)
    to_bus: dict[str, complex] = {}
    # parents come first, therefore their own impedance is there already
    for bus, above in _nearest_parents(graph, feeder.source.bus).items():
        if above is None:
            to_bus[bus] = 0j
        else:
            branch = min(
                _branches_between(graph, above, bus), key=lambda branch: branch.z_pu
            )
            to_bus[bus] = to_bus[above] + branch.impedance_pu
    return to_bus


def _order_of_islands(island: Island) -> tuple[bool, int, str]:
    return not island.has_source, -len(island.buses), min(island.buses)


def _parents(graph: nx.MultiGraph, root: str) -> dict[str, str | None]:
    """Parent of each bus in reach of `root`, breadth first."""
    return {root: None} | {bus: above for above, bus in nx.bfs_edges(graph, root)}


def _nearest_parents(graph: nx.MultiGraph, root: str) -> dict[str, str | None]:
    """Parent of each bus in reach of `root` on its path of least impedance, nearest first."""
    above, distance = nx.dijkstra_predecessor_and_distance(graph, root, weight="z_pu")
    return {bus: None if bus == root else above[bus][0] for bus in distance}


def _tree(graph: nx.MultiGraph, parent: dict[str, str | None]) -> Tree:
    """The tree of given parents, which are listed before their children."""
    depth: dict[str, int] = {}
    branches_to: dict[str, tuple[Branch, ...]] = {}
    # parents come first, therefore their depth is there already
    for bus, above in parent.items():
        if above is None:
            depth[bus] = 0
            branches_to[bus] = ()
        else:
            depth[bus] = depth[above] + 1
            branches_to[bus] = _branches_between(graph, above, bus)
    return Tree(
        order=tuple(parent),
        parent=parent,
        depth=depth,
        branches=branches_to,
        loops=tuple(_loops(graph, parent, depth)),
        unreached=tuple(bus for bus in graph if bus not in parent),
    )


def _branches_between(graph: nx.MultiGraph, a: str, b: str) -> tuple[Branch, ...]:
    return tuple(attributes["branch"] for attributes in graph[a][b].values())


def _loops(
    graph: nx.MultiGraph, parent: dict[str, str | None], depth: dict[str, int]
) -> Iterator[tuple[str, ...]]:
    """The loop that each connection outside the tree closes."""
    # each once: branches side by side join the same two buses, and close no loop between others
    connections = dict.fromkeys((min(edge), max(edge)) for edge in graph.edges())
    for a, b in connections:
        is_in_reach = a in parent
        if is_in_reach and parent[a] != b and parent[b] != a:
            yield _loop_through(a, b, parent, depth)


def _loop_through(
    a: str, b: str, parent: dict[str, str | None], depth: dict[str, int]
) -> tuple[str, ...]:
    """Buses of the tree path from `a` to `b`."""
    from_a = [a]
    from_b = [b]
    while from_a[-1] != from_b[-1]:
        # the deeper end climbs, lest the two pass each other below the bus at which they meet
        deeper = from_a if depth[from_a[-1]] >= depth[from_b[-1]] else from_b
        above = parent[deeper[-1]]
        assert above is not None  # two buses of one tree meet at its root at the latest
        deeper.append(above)
    return (*from_a, *reversed(from_b[:-1]))


def _loop_message(
    feeder: Feeder, graph: nx.MultiGraph, loops: tuple[tuple[str, ...], ...]
) -> str:
    head = f"Feeder '{feeder.name}' is meshed, but a radial feeder is needed. Open one branch of each loop:"
    lines = [f"  {_loop_text(graph, loop)}" for loop in loops[:LOOPS_NAMED]]
    if len(loops) > LOOPS_NAMED:
        lines.append(f"  and {len(loops) - LOOPS_NAMED} more")
    return "\n".join([head, *lines])


def _loop_text(graph: nx.MultiGraph, loop: tuple[str, ...]) -> str:
    """For example: buses a - b - c - a (line ab, line bc, switch ca)."""
    ring = [*loop, loop[0]]
    names = []
    for a, b in pairwise(ring):
        branch = _branches_between(graph, a, b)[0]
        names.append(f"{branch.kind} {branch.name}")
    return f"buses {' - '.join(ring)} ({', '.join(names)})"


def _distances(feeder: Feeder, weight: str) -> dict[str, float]:
    graph = bus_graph(feeder)
    length = nx.single_source_dijkstra_path_length(
        graph, feeder.source.bus, weight=weight
    )
    distance = {bus.name: math.inf for bus in feeder.buses}
    for bus, value in length.items():
        distance[bus] = float(value)
    return distance
