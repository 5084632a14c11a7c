"""Conductors that hang in the air: of a line written with more phases than what it joins, as when "phases=1" was forgotten.

Nothing feeds such a conductor and nothing but lines stands at its ends, so that it carries no current and no charge. It takes
whatever voltage the conductors beside it induce. What is left of a line's matrices:

    Z' = Z without its row and column,      C' = C_aa - C_al C_ll^-1 C_la      (a: others, l: loose)

Left out: the current that flows along a loose conductor because its two ends charge each other, a product of omega C and Z.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import networkx as nx
import numpy as np

from tieline.feeders.checks.common import PHASES, attachments
from tieline.feeders.checks.supply import GROUND, Node, supplied_nodes
from tieline.feeders.elements import Bus, Line, LineCode, Matrix
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import SEPARATOR, Finding
from tieline.typing import FloatArray


def without_loose_conductors(feeder: Feeder) -> Feeder:
    """A copy without conductors that lead nowhere, with a note that names their lines; the feeder itself if there are none."""
    loose = _loose_nodes(feeder)
    metered = {control.element for control in feeder.capacitor_controls}
    code_names = {line.code.name for line in feeder.lines}
    lines = []
    names = []
    for line in feeder.lines:
        carrying = _carrying(line, loose)
        # a control counts the conductors of the line that it measures, and a line without any is none
        if len(carrying) == len(line.from_nodes) or not carrying:
            lines.append(line)
            continue
        if line.name in metered:
            return feeder
        names.append(line.name)
        lines.append(_shortened(line, carrying, code_names))
    if not names:
        return feeder
    buses = tuple(_without_nodes(bus, loose) for bus in feeder.buses)
    notes = (*feeder.notes, _note(names))
    return feeder.replace(buses=buses, lines=tuple(lines), notes=notes)


def _loose_nodes(feeder: Feeder) -> set[Node]:
    """Phases that no source reaches, joined by lines alone, and with nothing else on any of them."""
    supplied = supplied_nodes(feeder, with_open_lines=True)
    graph = nx.Graph()
    for bus in feeder.buses:
        is_live = any((bus.name, phase) in supplied for phase in bus.phases)
        unsupplied = [(bus.name, phase) for phase in bus.phases if phase in PHASES]
        # a bus without any supply is no matter of a forgotten word
        if is_live:
            graph.add_nodes_from(node for node in unsupplied if node not in supplied)
    for line in feeder.lines:
        graph.add_edges_from(
            ends for ends in _conductors(line) if graph.has_node(ends[0])
        )
    tied = {*_nodes_with_more_than_lines(feeder), *_earthed_by_a_line(feeder)}
    hanging = [part for part in nx.connected_components(graph) if not part & tied]
    return {node for part in hanging for node in part}


def _conductors(line: Line) -> Iterator[tuple[Node, Node]]:
    for a, b in zip(line.from_nodes, line.to_nodes, strict=True):
        yield (line.from_bus, a), (line.to_bus, b)


def _nodes_with_more_than_lines(feeder: Feeder) -> Iterator[Node]:
    for place in attachments(feeder):
        if place.kind != "line":
            yield from ((place.bus, node) for node in place.nodes)


def _earthed_by_a_line(feeder: Feeder) -> Iterator[Node]:
    for line in feeder.lines:
        for ends in _conductors(line):
            if any(node == GROUND for _, node in ends):
                yield from ends


def _carrying(line: Line, loose: set[Node]) -> list[int]:
    """Conductors of a line that are not loose."""
    return [k for k, (start, _) in enumerate(_conductors(line)) if start not in loose]


def _shortened(line: Line, carrying: list[int], code_names: set[str]) -> Line:
    """A line of some of its conductors, with a code of its own."""
    name = f"{line.name}_{len(carrying)}"
    while name in code_names:
        name = f"{name}_"
    code_names.add(name)
    rows_and_columns = np.ix_(carrying, carrying)
    code = replace(
        line.code,
        name=name,
        r_ohm_per_km=_matrix(np.array(line.code.r_ohm_per_km)[rows_and_columns]),
        x_ohm_per_km=_matrix(np.array(line.code.x_ohm_per_km)[rows_and_columns]),
        c_nf_per_km=_matrix(_free_of_charge(line.code, carrying)),
    )
    return replace(
        line,
        from_nodes=tuple(line.from_nodes[k] for k in carrying),
        to_nodes=tuple(line.to_nodes[k] for k in carrying),
        code=code,
    )


def _free_of_charge(code: LineCode, carrying: list[int]) -> FloatArray:
    """Capacitances of the conductors that carry, while the others have no charge."""
    c_nf = np.array(code.c_nf_per_km)
    loose = [k for k in range(len(c_nf)) if k not in carrying]
    between = c_nf[np.ix_(carrying, loose)]
    # a pseudo-inverse, since lines may state no capacitance at all
    of_loose = np.linalg.pinv(c_nf[np.ix_(loose, loose)])
    remaining: FloatArray = (
        c_nf[np.ix_(carrying, carrying)] - between @ of_loose @ between.T
    )
    return remaining


def _matrix(values: FloatArray) -> Matrix:
    return tuple(tuple(float(value) for value in row) for row in values)


def _without_nodes(bus: Bus, loose: set[Node]) -> Bus:
    phases = tuple(phase for phase in bus.phases if (bus.name, phase) not in loose)
    return bus if phases == bus.phases else replace(bus, phases=phases)


def _note(names: list[str]) -> Finding:
    return Finding(
        "LINE.LOOSE_CONDUCTOR",
        "warning",
        SEPARATOR.join(f"line {name}" for name in names),
        "A conductor that nothing feeds and at which nothing stands is left out.",
        "Give the line the number of phases that its buses name.",
    )
