"""How elements hang on buses: the bus exists, it has the nodes, and there are as many as the connection needs."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.errors import unknown_name_message
from tieline.feeders.checks.common import (
    Attachment,
    attachments,
    buses_by_name,
    devices,
    error,
    listing,
    phrase,
)
from tieline.feeders.elements import Nodes
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

GROUND = 0


def check_bus_phases(feeder: Feeder) -> Iterator[Finding]:
    """A bus has at least one node, each once, none of them ground; the one node 1 in a single-phase equivalent."""
    for bus in feeder.buses:
        has_twins = len(set(bus.phases)) < len(bus.phases)
        if not bus.phases or min(bus.phases) < 1 or has_twins:
            message = f"bus '{bus.name}' has {phrase(bus.phases)}; needed are different numbers from 1 up."
            yield error(
                "bus", bus.name, "PHASES", message, "Give its phases, such as 1.2.3."
            )


def check_single_phase_equivalent(feeder: Feeder) -> Iterator[Finding]:
    """In a single-phase equivalent there is node 1, which stands for three phases, and ground."""
    if not feeder.single_phase_equivalent:
        return
    places = [
        *attachments(feeder),
        *(Attachment("bus", bus.name, bus.name, bus.phases) for bus in feeder.buses),
    ]
    for place in places:
        further_nodes = sorted(set(place.nodes) - {GROUND, 1})
        if further_nodes:
            message = (
                f"{place.end}{place.kind} '{place.name}' uses {phrase(further_nodes)}, but a single-phase "
                "equivalent has phase 1 alone."
            )
            yield error(
                place.kind,
                place.name,
                "NOT_SINGLE_PHASE",
                message,
                "Use phase 1, or give the feeder with all its phases.",
            )


def check_buses_exist(feeder: Feeder) -> Iterator[Finding]:
    """Every element hangs on a bus of the feeder."""
    buses = buses_by_name(feeder)
    # a bus that was removed is missed by many elements, and the nearest names take a search
    offers: dict[str, str] = {}
    for place in attachments(feeder):
        if place.bus not in buses:
            if place.bus not in offers:
                offers[place.bus] = unknown_name_message("bus", place.bus, buses)
            message = f"{place.end}{place.kind} '{place.name}' is on bus '{place.bus}'. {offers[place.bus]}"
            yield error(
                place.kind,
                place.name,
                "BUS_UNKNOWN",
                message,
                f"Correct the name or add bus '{place.bus}'.",
            )


def check_nodes_exist(feeder: Feeder) -> Iterator[Finding]:
    """Every node that an element uses is a node of its bus, or ground."""
    buses = buses_by_name(feeder)
    for place in attachments(feeder):
        if place.bus in buses:
            missing = sorted(set(place.nodes) - {GROUND, *buses[place.bus].phases})
            if missing:
                yield _phase_missing(place, missing, buses[place.bus].phases)


def _phase_missing(place: Attachment, missing: list[int], phases: Nodes) -> Finding:
    element = f"{place.end}{place.kind} '{place.name}'"
    lacking = phrase(missing)
    message = f"{element} uses {lacking}, but bus '{place.bus}' has {phrase(phases)}."
    remedy = f"Move the {place.kind} or add {lacking} to bus '{place.bus}'."
    return error(place.kind, place.name, "PHASE_MISSING", message, remedy)


def check_nodes_differ(feeder: Feeder) -> Iterator[Finding]:
    """No two conductors of an element share a node. Those of a line may: a double circuit, neutrals side by side."""
    for place in attachments(feeder):
        if place.kind != "line" and len(set(place.nodes)) < len(place.nodes):
            message = f"{place.end}{place.kind} '{place.name}' has the nodes {listing(place.nodes)}; two conductors share one."
            yield error(
                place.kind,
                place.name,
                "NODES_REPEATED",
                message,
                "Give each conductor its own node.",
            )


def check_device_node_count(feeder: Feeder) -> Iterator[Finding]:
    """A wye element has its phases and a neutral, a delta element two or three phases."""
    for kind, device in devices(feeder):
        count = len(device.nodes)
        if count < 2 or (device.connection == "delta" and count > 3):
            needed = (
                "two or three phases, like 1.2"
                if device.connection == "delta"
                else "its phases and then its neutral, like 1.2.3.0"
            )
            message = f"{kind} '{device.name}' in {device.connection} has {count} node(s) ({listing(device.nodes)})."
            yield error(kind, device.name, "NODE_COUNT", message, f"Give {needed}.")


def check_current_source_nodes(feeder: Feeder) -> Iterator[Finding]:
    """A current source lists the nodes that it drives a current into, with an angle for each if it says one for any."""
    for source in feeder.current_sources:
        named = f"current source '{source.name}'"
        if not source.nodes or GROUND in source.nodes:
            message = f"{named} has the nodes {listing(source.nodes) or '(none)'}; needed are those that it drives into."
            remedy = (
                "Give them without ground, like 1.2.3: its currents come from there."
            )
            yield error("current source", source.name, "NODE_COUNT", message, remedy)
        angles = source.phase_angle_deg
        if angles is not None and len(angles) != len(source.nodes):
            message = f"{named} has {len(angles)} numbers in phase_angle_deg for {len(source.nodes)} nodes."
            remedy = "Give one for each node, or leave it out."
            yield error("current source", source.name, "PHASES", message, remedy)


def check_source_nodes(feeder: Feeder) -> Iterator[Finding]:
    """A source lists its one to three phases, without ground."""
    for source in feeder.sources:
        if not 1 <= len(source.nodes) <= 3 or GROUND in source.nodes:
            message = f"source '{source.name}' has the nodes {listing(source.nodes) or '(none)'}; needed are one to three phases."
            yield error(
                "source",
                source.name,
                "NODE_COUNT",
                message,
                "Give its phases without neutral, like 1.2.3.",
            )
