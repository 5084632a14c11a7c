"""What cannot be joined, all of it at once, and what changes when it is joined, as notes of the composed feeder.

A part that one node for three balanced phases stands for has no unbalance to give, and a feeder of three phases none to lose: the
two do not become one feeder. Reactances are ohms at a frequency, so that a composed feeder has one of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tieline.errors import unknown_name_message
from tieline.feeders.checks.common import KINDS, listing, phrase
from tieline.feeders.compose.config import Composition, JoiningTransformer, Part
from tieline.feeders.compose.ends import (
    bus_of_part,
    phases_at,
    phases_of_host,
    phases_of_part,
)
from tieline.feeders.compose.transformers import THREE_PHASES
from tieline.feeders.elements import Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding, name_some


def faults_of_names(composition: Composition) -> Iterator[Finding]:
    """Parts that share a name."""
    counts = Counter(part.name for part in composition.part)
    for name, count in counts.items():
        if count > 1:
            message = f"{count} parts are called '{name}'."
            yield _fault(name, "NAME_TWICE", message, "Rename all but one.")


def faults_of_part(
    host: Feeder, part: Part, feeder: Feeder, joint: JoiningTransformer | None
) -> Iterator[Finding]:
    """Why a part cannot be joined to the host, or to what has become of it so far."""
    if joint is None:
        message = "no transformer is stated, neither by the part nor for all parts."
        remedy = "Add a table [transformer] with kva."
        yield _fault(part.name, "TRANSFORMER_MISSING", message, remedy)
    yield from _fault_of_load(part, feeder)
    yield from _fault_of_frequency(host, part, feeder)
    if host.single_phase_equivalent != feeder.single_phase_equivalent:
        yield _fault_of_kind(host, part, feeder)
        # phases of the two kinds cannot be compared
        return
    unknown_buses = list(_faults_of_buses(host, part, feeder))
    yield from unknown_buses
    if not unknown_buses:
        yield from _faults_of_phases(host, part, feeder, joint)


def faults_of_meeting_names(
    host: Feeder, part: Part, renamed: Feeder
) -> Iterator[Finding]:
    """Elements of a part whose new name the host, or an earlier part, already has."""
    for field, kind in KINDS.items():
        # sources of parts are dropped, whatever they are called
        if field == "sources":
            continue
        host_names = {element.name for element in getattr(host, field)}
        part_names = [element.name for element in getattr(renamed, field)]
        clashes = [name for name in part_names if name in host_names]
        if clashes:
            message = f"{kind} {name_some(clashes)} of the part would have the name of one that is there."
            remedy = "Give the part another name."
            yield _fault(part.name, "NAME_CLASH", message, remedy)


def notes_of_part(host: Feeder, part: Part, feeder: Feeder) -> Iterator[Finding]:
    """What joining a part changes or leaves out."""
    source = feeder.source
    message = (
        f"source '{source.name}' of feeder '{feeder.name}' ({_told(source)}) is dropped: "
        f"transformer '{part.name}_pcc' feeds bus '{bus_of_part(part, feeder)}' in its place."
    )
    yield _note(part.name, "SOURCE_DROPPED", message)
    if feeder.current_sources:
        named = name_some([one.name for one in feeder.current_sources])
        message = (
            f"current sources {named} keep the angles of their currents, which were those against the part's own source, and now "
            "count from that of the host."
        )
        yield _note(part.name, "CURRENT_ANGLES", message)
    if part.frequency_hz not in (None, feeder.frequency_hz):
        message = (
            f"feeder '{feeder.name}' states {feeder.frequency_hz:g} Hz, and its reactances are taken, as asked, as ohms at "
            f"{part.frequency_hz:g} Hz."
        )
        yield _note(part.name, "FREQUENCY_TAKEN", message)
    if feeder.load_model != host.load_model:
        message = (
            f"feeder '{feeder.name}' has the load model '{feeder.load_model}'; the composed feeder has that of its host, "
            f"'{host.load_model}'."
        )
        yield _note(part.name, "LOAD_MODEL", message)


def _fault_of_load(part: Part, feeder: Feeder) -> Iterator[Finding]:
    if part.load_kw is not None and feeder.peak_load_kw <= 0:
        message = f"load_kw is {part.load_kw:g}, but feeder '{feeder.name}' has no load to scale."
        yield _fault(part.name, "NO_LOAD", message, "Leave load_kw out.")


def _fault_of_frequency(host: Feeder, part: Part, feeder: Feeder) -> Iterator[Finding]:
    frequency_hz = part.frequency_hz or feeder.frequency_hz
    if frequency_hz != host.frequency_hz:
        message = (
            f"reactances of feeder '{feeder.name}' are ohms at {frequency_hz:g} Hz, those of the host '{host.name}' at "
            f"{host.frequency_hz:g} Hz."
        )
        remedy = f"Convert them, or state frequency_hz = {host.frequency_hz:g} to keep the ohms as they are."
        yield _fault(part.name, "FREQUENCY", message, remedy)


def _fault_of_kind(host: Feeder, part: Part, feeder: Feeder) -> Finding:
    pair = (host, feeder) if host.single_phase_equivalent else (feeder, host)
    equivalent, three_phase = pair
    message = (
        f"feeder '{equivalent.name}' is a single-phase equivalent, in which one node stands for three balanced phases, and "
        f"'{three_phase.name}' has its phases one by one."
    )
    remedy = f"Give '{equivalent.name}' with all its phases."
    return _fault(part.name, "SINGLE_PHASE_EQUIVALENT", message, remedy)


def _faults_of_buses(host: Feeder, part: Part, feeder: Feeder) -> Iterator[Finding]:
    ends = (
        ("host_bus", "HOST_BUS_UNKNOWN", part.host_bus, host),
        ("bus", "BUS_UNKNOWN", part.bus, feeder),
    )
    for field, code, bus, owner in ends:
        names = [one.name for one in owner.buses]
        if bus is not None and bus not in names:
            message = unknown_name_message(
                "bus", bus, names, f"of feeder '{owner.name}'"
            )
            remedy = f"Correct {field}."
            yield _fault(part.name, code, message, remedy)


def _faults_of_phases(
    host: Feeder, part: Part, feeder: Feeder, joint: JoiningTransformer | None
) -> Iterator[Finding]:
    part_phases = phases_of_part(part, feeder)
    host_phases = phases_of_host(part, feeder)
    bus_phases = phases_at(host.bus(part.host_bus))
    missing = [phase for phase in host_phases if phase not in bus_phases]
    if missing:
        message = f"bus '{part.host_bus}' has {phrase(bus_phases)}, and the part asks for {phrase(missing)}."
        remedy = "Choose another bus, or host_phases that it has."
        yield _fault(part.name, "PHASE_MISSING", message, remedy)
    is_uneven = len(host_phases) != len(part_phases)
    if is_uneven or len(set(host_phases)) < len(host_phases):
        message = (
            f"host_phases are {listing(host_phases)}, for {phrase(part_phases)} of bus "
            f"'{bus_of_part(part, feeder)}' of the part."
        )
        remedy = "Give one phase of the host for each of the part, each once."
        yield _fault(part.name, "PHASES", message, remedy)
    is_full = len(part_phases) == THREE_PHASES
    if joint is not None and joint.connection != "wye-wye" and not is_full:
        message = f"connection is {joint.connection}, for {phrase(part_phases)}."
        remedy = "A part of one or two phases takes wye-wye."
        yield _fault(part.name, "CONNECTION", message, remedy)


def _told(source: Source) -> str:
    """A source in a few words."""
    size = f"{source.kv_ll:g} kV, {source.v_pu:g} pu"
    if source.r1_ohm == source.x1_ohm == 0:
        return f"{size}, ideal"
    return f"{size}, behind {source.r1_ohm:g} + j{source.x1_ohm:g} ohm"


def _fault(part_name: str, what: str, message: str, remedy: str) -> Finding:
    return Finding(f"COMPOSE.{what}", "error", f"part {part_name}", message, remedy)


def _note(part_name: str, what: str, message: str) -> Finding:
    return Finding(f"COMPOSE.{what}", "warning", f"part {part_name}", message)
