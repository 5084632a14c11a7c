"""`Distances`: how far each bus is from the source, in kilometres where the feeder knows lengths, in branches where it does not.

Benchmark and planning cases (MATPOWER, the 33-, 69- and 141-bus feeders) give impedances without lengths; a distance in km would
be invented. Where only some lines have a length, the title says how many count nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import networkx as nx

from tieline.counted import counted
from tieline.feeders.feeder import Feeder
from tieline.network.topology import bus_graph, distance_km, lengths_known


@dataclass(frozen=True)
class Distances:
    """Distance of each bus from the source along closed branches, infinite without a path; `title` names an axis, `unit` one
    value.
    """

    of_bus: dict[str, float]
    title: str
    unit: str


def distances_from_source(feeder: Feeder) -> Distances:
    """Distances in km, or in branches if no line of the feeder has a length."""
    if lengths_known(feeder):
        title = f"distance from the source [km]{_left_out(feeder)}"
        return Distances(distance_km(feeder), title, "km")
    steps = nx.single_source_shortest_path_length(bus_graph(feeder), feeder.source.bus)
    of_bus = {bus.name: float(steps.get(bus.name, inf)) for bus in feeder.buses}
    return Distances(of_bus, "branches from the source", "branches")


def _left_out(feeder: Feeder) -> str:
    """How many lines count nothing because nobody knows their length; that of a switch does not matter."""
    count = sum(line.length_km is None and not line.is_switch for line in feeder.lines)
    if count == 0:
        return ""
    return f", {counted(count, 'line')} of unknown length left out"
