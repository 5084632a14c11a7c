"""The places of a map, each a site for one plant."""

from __future__ import annotations

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.checks.supply import live_buses
from tieline.feeders.grounding import grounded_buses
from tieline.feeders.placing import PHASES, find_sites
from tieline.studies.hosting_capacity_map.config import HostingCapacityMapConfig


def find_places(feeder: Feeder, config: HostingCapacityMapConfig) -> tuple[str, ...]:
    """The places that are asked for, or every bus with voltage that a plant can stand at.

    Raises:
        InputError: if a place does not exist, has no voltage or is the source, or if there is none.
    """
    sources = {source.bus for source in feeder.sources}
    if not config.buses:
        return _every_place(feeder, sources)
    # a place that is named twice is one row of the map
    places = tuple(dict.fromkeys(place.lower() for place in config.buses))
    at_source = [site.bus for site in find_sites(feeder, places) if site.bus in sources]
    if at_source:
        raise InputError(
            f"Bus '{at_source[0]}' is the source of feeder '{feeder.name}': what fits there is a matter of the grid above. Leave "
            "it out."
        )
    return places


def _every_place(feeder: Feeder, sources: set[str]) -> tuple[str, ...]:
    places = tuple(bus for bus in _possible_buses(feeder) if bus not in sources)
    if not places:
        raise InputError(
            f"Feeder '{feeder.name}' has no bus with voltage but its source: there is no place for a plant. Choose a feeder with "
            "more buses, or close a line or switch on the way to them."
        )
    return places


def _possible_buses(feeder: Feeder) -> list[str]:
    """Buses with voltage and a phase; without a ground a plant needs two phases to stand between."""
    live = live_buses(feeder)
    grounded = grounded_buses(feeder)
    names = []
    for bus in feeder.buses:
        n_phases = sum(phase in PHASES for phase in bus.phases)
        least = 1 if bus.name in grounded or feeder.single_phase_equivalent else 2
        if bus.name in live and n_phases >= least:
            names.append(bus.name)
    return names
