"""`cut_island`: the part of a feeder that closed lines and transformers join to a bus, without the grid.

An ideal source at that bus stands where droop units will hold the voltage; the feeder's own source, if it lies in the island, is
gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import pairwise

import networkx as nx

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.checks.common import PHASES
from tieline.feeders.elements import Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding
from tieline.feeders.parts import part_of

HOLDER = "island"
"""Name of the source that holds the place of the droop units."""


def cut_island(
    feeder: Feeder,
    root: str,
    opened: Collection[str] = (),
    closed: Collection[str] = (),
) -> Feeder:
    """The island around a bus.

    Args:
        feeder: a feeder that passed its checks.
        root: a bus of the island.
        opened: lines and transformers that are open.
        closed: lines that are closed.

    Returns:
        The island as a feeder with an ideal source at `root`, and a note if the grid's own source lay in it.

    Raises:
        InputError: for an unknown name, or a line that is to be open and closed; names each.
    """
    switched = _switched(feeder, opened, closed)
    bus = switched.bus(root)
    buses = nx.node_connected_component(_closed_graph(switched), bus.name)
    phases = tuple(node for node in bus.phases if node in PHASES)
    holder = Source(HOLDER, bus.name, phases, bus.kv_ll)
    island = part_of(switched, buses, (holder,))
    return island.replace(notes=(*island.notes, *_notes(switched, buses)))


def _switched(
    feeder: Feeder, opened: Collection[str], closed: Collection[str]
) -> Feeder:
    """The feeder with lines where they are asked for, and without open transformers."""
    line_names = {line.name for line in feeder.lines}
    transformer_names = {unit.name for unit in feeder.transformers}
    both = sorted(set(opened) & set(closed))
    problems = [f"'{name}' is to be open and closed; choose one." for name in both]
    for name in opened:
        if name not in line_names | transformer_names:
            kind = f"line or transformer of feeder '{feeder.name}'"
            candidates = line_names | transformer_names
            problems.append(unknown_name_message(kind, name, candidates))
    for name in closed:
        if name not in line_names:
            kind = f"line of feeder '{feeder.name}'"
            problems.append(unknown_name_message(kind, name, line_names))
    if problems:
        raise InputError("\n".join(problems))
    lines = []
    for line in feeder.lines:
        if line.name in opened:
            # a cable left on at one end would carry a current out of the island
            line = replace(line, closed=False, open_end="both")
        elif line.name in closed:
            line = replace(line, closed=True)
        lines.append(line)
    kept = tuple(unit for unit in feeder.transformers if unit.name not in opened)
    kept_names = {unit.name for unit in kept}
    return feeder.replace(
        lines=tuple(lines),
        transformers=kept,
        regulators=tuple(
            one for one in feeder.regulators if one.transformer in kept_names
        ),
    )


def _closed_graph(feeder: Feeder) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(bus.name for bus in feeder.buses)
    for line in feeder.lines:
        if line.closed:
            graph.add_edge(line.from_bus, line.to_bus)
    for unit in feeder.transformers:
        graph.add_edges_from(pairwise(winding.bus for winding in unit.windings))
    return graph


def _notes(feeder: Feeder, buses: Collection[str]) -> Iterator[Finding]:
    for source in feeder.sources:
        if source.bus in buses:
            message = f"source '{source.name}' at bus '{source.bus}' is without voltage: the island has lost the grid."
            yield Finding(
                "ISLAND.GRID_LOST", "warning", f"source {source.name}", message
            )
