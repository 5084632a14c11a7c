"""Current sources: what the engine's Isource drives in a snapshot, from ground or from the nodes of its second terminal.

A source of several phases goes on by 120 degrees from phase to phase (360 / n of more than three), backwards or not at all by its
`sequence`; its `scantype` is for harmonics alone. It drives its current at its own frequency and none at any other, whatever the
load multiplier says and though its terminals be open. What leaves the nodes of a second terminal is a source of its own here.
Left out, with a note: load shapes.

Source: OpenDSS, Isource.pas (GetBaseCurr, GetInjCurrents).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tieline.feeders.elements import CurrentSource
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report, Terminal
from tieline.feeders.opendss.connections import has_size
from tieline.feeders.opendss.sources import TURN_DEG, TURNS

SAME_FREQUENCY_HZ = 1e-3
"""Difference up to which the engine takes two frequencies for one (its EPSILON2)."""

HALF_TURN_DEG = 180.0

THREE = 3

SHAPES = ("Yearly", "Daily", "Duty")


@dataclass(frozen=True)
class Drive:
    """A current into one node."""

    node: int
    angle_deg: float


def read_current_sources(circuit: DssCircuit, report: Report) -> list[CurrentSource]:
    """All current sources that drive a current at the frequency of the circuit."""
    records = circuit.records("Isource")
    names = {record.name for record in records}
    sources: list[CurrentSource] = []
    for record in records:
        if _drives(record, circuit.frequency_hz, report):
            _report_what_is_ignored(record, report)
            sources += _sources(record, names)
    return sources


def _drives(record: Record, frequency_hz: float, report: Report) -> bool:
    """Whether there is a current at the frequency of the circuit; says so if not."""
    source_hz = float(record["Frequency"])
    is_at_frequency = abs(source_hz - frequency_hz) < SAME_FREQUENCY_HZ
    # a base frequency that comes after it is a slip of the file, as with a Vsource; one that is stated is meant
    if not is_at_frequency and "Frequency" in record.stated:
        what = (
            f"It is a current source of {source_hz:g} Hz and drives nothing at {frequency_hz:g} Hz, so it is left out, as in "
            "OpenDSS."
        )
        report.warning("CURRENT_SOURCE_FREQUENCY", record.component, what)
        return False
    if not is_at_frequency:
        what = f"It was made for {source_hz:g} Hz in a circuit of {frequency_hz:g} Hz: OpenDSS drives no current; here it does."
        remedy = "Set DefaultBaseFrequency before New Circuit, or state its frequency."
        report.warning("SOURCE_FREQUENCY", record.component, what, remedy)
    return has_size(record, report, float(record["Amps"]))


def _report_what_is_ignored(record: Record, report: Report) -> None:
    if record.has_open:
        what = "It is open, which OpenDSS heeds at no current source: it drives its current, here too."
        remedy = "Disable it if it should not."
        report.warning("CURRENT_SOURCE_OPEN", record.component, what, remedy)
    if any(record.properties.get(shape) for shape in SHAPES):
        what = "It keeps its current; the load shape that it follows is left out."
        report.warning("CURRENT_SOURCE_SHAPE", record.component, what)


def _sources(record: Record, names: set[str]) -> Iterator[CurrentSource]:
    """The source at its first terminal, and what leaves at the second one: nothing where that is ground, as nearly always."""
    name = record.name
    for bus, drives in _parts(record):
        yield _source(record, name, bus, drives)
        while name in names:
            name = f"{name}_return"
        names.add(name)


def _parts(record: Record) -> Iterator[tuple[str, list[Drive]]]:
    """Bus and drives of each source that it takes: one for a terminal, or one for each conductor where these share a node."""
    turns_deg = (0.0, HALF_TURN_DEG)
    for terminal, turn_deg in zip(record.terminals, turns_deg, strict=True):
        drives = list(_drives_at(record, terminal, turn_deg))
        nodes = {drive.node for drive in drives}
        if drives and len(nodes) == len(drives):
            yield terminal.bus, drives
        else:
            yield from ((terminal.bus, [drive]) for drive in drives)


def _drives_at(record: Record, terminal: Terminal, turn_deg: float) -> Iterator[Drive]:
    for node, angle_deg in zip(terminal.nodes, _angles_deg(record), strict=True):
        if node != 0:
            yield Drive(node, angle_deg + turn_deg)


def _angles_deg(record: Record) -> list[float]:
    """Angle of the current of each phase; half a turn away where the file states a current below zero."""
    phases = int(record["Phases"])
    step_deg = TURNS[str(record["Sequence"])] * _step_deg(phases)
    first_deg = float(record["Angle"])
    if record["Amps"] < 0:
        first_deg += HALF_TURN_DEG
    return [first_deg + step_deg * k for k in range(phases)]


def _step_deg(phases: int) -> float:
    """From phase to phase; two phases are those of a three-phase system, as the engine has it."""
    return TURN_DEG if phases <= THREE else 360.0 / phases


def _source(record: Record, name: str, bus: str, drives: list[Drive]) -> CurrentSource:
    source = CurrentSource(
        name=name,
        bus=bus,
        nodes=tuple(drive.node for drive in drives),
        current_a=abs(float(record["Amps"])),
        angle_deg=drives[0].angle_deg,
    )
    angles_deg = tuple(drive.angle_deg for drive in drives)
    if angles_deg == source.angles_deg:
        return source
    return replace(source, phase_angle_deg=angles_deg)
