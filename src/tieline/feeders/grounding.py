"""`grounded_buses`: where a voltage to ground means something.

A section is what closed lines join. It is grounded by the source, by a wye winding with a grounded neutral, or by a grounded
load, DER, capacitor or shunt; else it floats, and only the voltages between its phases are known.
"""

from __future__ import annotations

from itertools import chain

from tieline.feeders.elements import Nodes
from tieline.feeders.feeder import Feeder
from tieline.feeders.joining import number_parts


def grounded_buses(feeder: Feeder) -> set[str]:
    """Buses of every section that has a connection to ground."""
    windings = chain.from_iterable(unit.windings for unit in feeder.transformers)
    shunts = (*feeder.loads, *feeder.ders, *feeder.capacitors, *feeder.shunts)
    earthed = {source.bus for source in feeder.sources}
    for part in (*windings, *shunts):
        if _is_grounded(part.nodes, part.connection):
            earthed.add(part.bus)
    section_of = _sections(feeder)
    grounded = {section_of[bus] for bus in earthed}
    return {bus for bus, section in section_of.items() if section in grounded}


def _sections(feeder: Feeder) -> dict[str, int]:
    """Number of the section of each bus."""
    closed_lines = [line for line in feeder.lines if line.closed]
    place = {bus.name: k for k, bus in enumerate(feeder.buses)}
    from_bus = [place[line.from_bus] for line in closed_lines]
    to_bus = [place[line.to_bus] for line in closed_lines]
    section = number_parts(len(place), from_bus, to_bus)
    return dict(zip(place, section.tolist(), strict=True))


def _is_grounded(nodes: Nodes, connection: str) -> bool:
    return connection == "wye" and nodes[-1] == 0
