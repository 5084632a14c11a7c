"""Where a part meets the host: the bus and the phases on either side."""

from __future__ import annotations

from tieline.feeders.checks.common import PHASES
from tieline.feeders.compose.config import Part
from tieline.feeders.elements import Bus, Nodes
from tieline.feeders.feeder import Feeder


def bus_of_part(part: Part, feeder: Feeder) -> str:
    """Name, within the part's own feeder, of the bus that the transformer feeds."""
    return part.bus or feeder.source.bus


def phases_of_part(part: Part, feeder: Feeder) -> Nodes:
    """Phases that the transformer feeds: those of the source it replaces, or of the bus that is named."""
    if part.bus is None:
        return feeder.source.nodes
    return phases_at(feeder.bus(part.bus))


def phases_of_host(part: Part, feeder: Feeder) -> Nodes:
    """Phases of the host's bus that feed those of the part, in the same order."""
    if part.host_phases is not None:
        return part.host_phases
    return phases_of_part(part, feeder)


def phases_at(bus: Bus) -> Nodes:
    """Phases of a bus, without its neutrals."""
    return tuple(node for node in bus.phases if node in PHASES)
