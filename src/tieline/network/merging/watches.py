"""`Watch`: a bus at a border whose load decides whether the regions there are one.

A border is at a bus if its end in the region of the bus is the bus itself or one line away; switches and regulators on the way do
not count, as they are no distance. The published 123-bus case watches such a bus, between two borders. Where tie lines end at the
bus, merging is over these and not over a long line that ends there too: a tie line is there to be closed, while the line was made
a border because power across it costs loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import InputError
from tieline.network.partition import Border, Partition
from tieline.network.partition.power_centroids import JOINING

P_MAX_SHARE = 0.75
"""Share of its daily peak above which a load counts as a centroid. The source does not publish P_max; ours."""


@dataclass(frozen=True)
class Watch:
    """A watched bus.

    Attributes:
        bus: its name.
        p_max_kw: load at which its ratio Lc is 1 [kW].
        region: index of the region it lies in.
        borders: indices into `Partition.borders` of those at the bus.
    """

    bus: str
    p_max_kw: float
    region: int
    borders: tuple[int, ...]


def watch_bus(partition: Partition, bus: str, p_max_kw: float) -> Watch:
    """Watch a bus of a partition.

    Args:
        partition: the regions while none is merged.
        bus: at one or several borders.
        p_max_kw: load at which it becomes a load centroid [kW].

    Raises:
        InputError: if the bus is unknown, is at no border or has no supply, or the load is not above 0; the message names the
            buses that can be watched.
    """
    bus = partition.feeder.bus(bus).name
    if not 0 < p_max_kw < np.inf:
        raise InputError(
            f"P_max of watched bus '{bus}' is {p_max_kw:g} kW; give a load above 0."
        )
    borders = _borders_at(partition, bus)
    if not borders:
        raise InputError(_no_border_message(partition, bus))
    return Watch(bus, float(p_max_kw), partition.region_of[bus], borders)


def default_p_max_kw(watched_kw: ArrayLike) -> float:
    """P_max of a watched load whose threshold nobody knows: a share of the peak of its series, (minute,) [kW]."""
    return P_MAX_SHARE * float(np.max(watched_kw))


def _borders_at(partition: Partition, bus: str) -> tuple[int, ...]:
    """The borders at a bus: tie lines, or where none ends there the lines."""
    nearby = _one_line_around(partition, bus)
    at_bus = [k for k, ends in _ends(partition) if ends & nearby]
    ties = [k for k in at_bus if partition.borders[k].branch.kind == "switch"]
    return tuple(ties or at_bus)


def _ends(partition: Partition) -> Iterator[tuple[int, set[str]]]:
    for k, border in enumerate(partition.borders):
        yield k, {border.near_bus, border.far_bus}


def _one_line_around(partition: Partition, bus: str) -> set[str]:
    """The buses of the same region that are at most one line away."""
    # a bus without supply is in no region, and nothing is near it
    lines_to = _lines_between(partition, partition.region_of.get(bus))
    if bus not in lines_to:
        return set()
    reached = nx.single_source_dijkstra_path_length(
        lines_to, bus, cutoff=1, weight="n_lines"
    )
    return set(reached)


def _lines_between(partition: Partition, region: int | None) -> nx.Graph:
    """The steps within a region, each with the number of lines it counts as: 0 or 1."""
    graph = nx.Graph()
    tree = partition.tree
    buses = [b for b, number in partition.region_of.items() if number == region]
    graph.add_nodes_from(buses)
    for bus in buses:
        above = tree.parent[bus]
        if above in graph:
            kinds = {branch.kind for branch in tree.branches[bus]}
            n_lines = 1
            if kinds <= set(JOINING):
                n_lines = 0
            graph.add_edge(above, bus, n_lines=n_lines)
    return graph


def _no_border_message(partition: Partition, bus: str) -> str:
    listed = ", ".join(_border_text(border) for border in partition.borders)
    return (
        f"Bus '{bus}' cannot be watched: no border of feeder '{partition.feeder.name}' is at it or one line away. "
        f"Borders: {listed or 'none, there is one region'}. Watch an end of one of them."
    )


def _border_text(border: Border) -> str:
    return f"{border.near_bus}-{border.far_bus} ({border.branch.kind} {border.branch.name})"
