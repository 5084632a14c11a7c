"""Where the plant stands, from the flags to a place of the feeder."""

from __future__ import annotations

import math

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.placing import find_site
from tieline.network.topology import electrical_distance_pu
from tieline.studies.connect.config import ConnectConfig


def find_place(feeder: Feeder, config: ConnectConfig) -> str:
    """The place of the plant, "bus" or "bus.phase...".

    Raises:
        InputError: if the bus or a phase does not exist, has no voltage, or is the source.
    """
    bus = config.bus or farthest_bus(feeder)
    place = ".".join([bus.strip(), *config.phase_list])
    site = find_site(feeder, place)
    if site.bus in {source.bus for source in feeder.sources}:
        raise InputError(
            f"Bus '{site.bus}' is the source of feeder '{feeder.name}': what is connected there is a matter of the grid above, "
            "of which it says nothing. Choose another bus."
        )
    return place.lower()


def farthest_bus(feeder: Feeder) -> str:
    """The bus with most impedance to the source: where a plant is hardest to connect."""
    distance_pu = electrical_distance_pu(feeder)
    reached = {bus: pu for bus, pu in distance_pu.items() if math.isfinite(pu)}
    return max(reached, key=reached.__getitem__)
