"""Places in words: what tables call "83.2" is "bus 83, phase 2" in a sentence, a tile, a tooltip or a table that is shown.

The short form stays in the tables of a run folder, where it is sorted, searched and joined. On a single-phase equivalent every
bus has one phase that stands for three, so its number is not said.
"""

from __future__ import annotations

from tieline.feeders.elements import FIRST_NEUTRAL
from tieline.feeders.feeder import Feeder


def place_words(place: str, feeder: Feeder) -> str:
    """A place as a reader says it.

    Args:
        place: "bus.phase", "bus.phase-phase", a bus, or an element such as "line l115", which stays as it is.
        feeder: says which buses there are, and whether its phases are told apart.

    Returns:
        For example "bus 83, phase 2" or "bus 701, between phases 1 and 2".
    """
    names = {bus.name for bus in feeder.buses}
    if place in names:
        return f"bus {place}"
    bus, _, nodes = place.rpartition(".")
    if bus not in names:
        return place
    if feeder.single_phase_equivalent:
        return f"bus {bus}"
    return f"bus {bus}, {_node_words(nodes)}"


def _node_words(nodes: str) -> str:
    """For example "phase 2", "between phases 1 and 2", "conductor 4"."""
    first, _, second = nodes.partition("-")
    if second:
        return f"between phases {first} and {second}"
    if first.isdigit() and int(first) >= FIRST_NEUTRAL:
        return f"conductor {first}"
    return f"phase {first}"
