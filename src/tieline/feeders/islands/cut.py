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
        The island as a feeder with an ideal source at `root`, and notes if the grid's own source lay in it, or a line was closed
        already.

    Raises:
        InputError: for an unknown name, or a line that is to be open and closed; names each.
    """
    _require_names(feeder, opened, closed)
    switched = _switched(feeder, opened, closed)
    bus = switched.bus(root)
    graph = _closed_graph(switched)
    buses = nx.node_connected_component(graph, bus.name)
    phases = [node for node in bus.phases if node in PHASES]
    holder = Source(HOLDER, bus.name, tuple(phases), bus.kv_ll)
    island = part_of(switched, buses, (holder,))
    notes = (*island.notes, *_closed_before(feeder, closed), *_notes(switched, buses))
    return island.replace(notes=notes)


def _require_names(
    feeder: Feeder, opened: Collection[str], closed: Collection[str]
) -> None:
    line_names = {line.name for line in feeder.lines}
    element_names = line_names | {unit.name for unit in feeder.transformers}
    contradictions = sorted(set(opened) & set(closed))
    problems = [
        f"'{name}' is to be open and closed; choose one." for name in contradictions
    ]
    where = f"of feeder '{feeder.name}'"
    problems += _unknown("line or transformer", opened, element_names, where)
    # a transformer has no position to be closed in
    problems += _unknown("line", closed, line_names, where)
    if problems:
        raise InputError("\n".join(problems))


def _unknown(
    kind: str, names: Collection[str], candidates: set[str], where: str
) -> Iterator[str]:
    for name in names:
        if name not in candidates:
            yield unknown_name_message(kind, name, candidates, where)


def _switched(
    feeder: Feeder, opened: Collection[str], closed: Collection[str]
) -> Feeder:
    """The feeder with lines where they are asked for, and without open transformers."""
    lines = []
    for line in feeder.lines:
        if line.name in opened:
            # a cable left on at one end would carry a current out of the island
            line = replace(line, closed=False, open_end="both")
        elif line.name in closed:
            line = replace(line, closed=True)
        lines.append(line)
    transformers = [unit for unit in feeder.transformers if unit.name not in opened]
    # a regulator goes with its transformer
    regulators = [one for one in feeder.regulators if one.transformer not in opened]
    return feeder.replace(
        lines=tuple(lines),
        transformers=tuple(transformers),
        regulators=tuple(regulators),
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


def _closed_before(feeder: Feeder, closed: Collection[str]) -> Iterator[Finding]:
    """Lines that are to be closed and already were: some feeders draw an open tie as a closed switch to a bus of its own."""
    for line in feeder.lines:
        if line.closed and line.name in closed:
            message = (
                f"is closed in the feeder already, from bus '{line.from_bus}' to bus '{line.to_bus}': to close it joins nothing "
                "that was apart."
            )
            yield Finding(
                "ISLAND.CLOSED_BEFORE", "warning", f"line {line.name}", message
            )


def _notes(feeder: Feeder, buses: Collection[str]) -> Iterator[Finding]:
    for source in feeder.sources:
        if source.bus in buses:
            message = f"source '{source.name}' at bus '{source.bus}' is without voltage: the island has lost the grid."
            yield Finding(
                "ISLAND.GRID_LOST", "warning", f"source {source.name}", message
            )
