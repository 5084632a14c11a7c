"""Capacitor controls.

One of a kind that tieline lacks leaves its bank as the file has it, with a warning. Where OpenDSS measures otherwise than a file
says, tieline measures as the file says, and a warning tells so; what cannot be measured is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tieline.feeders.elements import (
    Capacitor,
    CapacitorControl,
    CapacitorControlKind,
    Nodes,
)
from tieline.feeders.opendss.capacitors import is_clock
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report

KINDS: dict[str, CapacitorControlKind] = {
    "voltage": "voltage",
    "current": "current",
    "kvar": "kvar",
}

Problem = tuple[str, str]
"""What is wrong, and what to do about it."""


def read_capacitor_controls(
    circuit: DssCircuit, metered: set[str], capacitors: list[Capacitor], report: Report
) -> list[CapacitorControl]:
    """Controls of the banks that were read; `metered` are the lines and transformers, as "line.name" or "transformer.name"."""
    banks = {bank.name: bank for bank in capacitors}
    controls = []
    for stated in circuit.records("CapControl"):
        bank = banks.get(str(stated["Capacitor"]).lower())
        # tieline measures at lines and transformers only, the engine also at the bank itself
        record = _beside_bank(stated, circuit)
        if bank is None or not _has_a_kind(record, report):
            continue
        problems = list(_problems(record, metered))
        for problem in problems:
            report.error("CAPACITOR_CONTROL", record.component, *problem)
        if not problems:
            _note_surprises(record, bank, circuit, report)
            controls.append(_capacitor_control(record))
    return controls


def _beside_bank(record: Record, circuit: DssCircuit) -> Record:
    """The control; one that measures the voltage at a bank does so at a line or transformer that ends at the same nodes."""
    kind, _, name = str(record["Element"]).lower().partition(".")
    phase = str(record["PTPhase"])
    bank = next(
        (bank for bank in circuit.records("Capacitor") if bank.name == name), None
    )
    if kind != "capacitor" or not _measures_only_voltage(record) or bank is None:
        return record
    # a word such as AVG or MAX is refused with all else that is wrong
    if not phase.isdigit():
        return record
    place = _terminal_at(
        circuit, bank.terminals[0].bus, _measured_nodes(bank, int(phase))
    )
    return (
        record
        if place is None
        else replace(record, properties={**record.properties, **place})
    )


def _measures_only_voltage(record: Record) -> bool:
    return str(record["Type"]).lower() == "voltage"


def _measured_nodes(bank: Record, phase: int) -> Nodes:
    """Node of a phase of a bank, and in a delta that of the next phase."""
    nodes = bank.terminals[0].nodes
    node = nodes[phase - 1]
    is_delta = len(bank.terminals) == 1
    return (node, nodes[phase % len(nodes)]) if is_delta else (node,)


def _terminal_at(circuit: DssCircuit, bus: str, nodes: Nodes) -> dict[str, Any] | None:
    """A conductor of a line or transformer that is tied to a node, others following, as properties of a control."""
    for kind in ("Line", "Transformer"):
        for record in circuit.records(kind):
            for k, terminal in enumerate(record.terminals):
                if terminal.bus != bus:
                    continue
                place = _place_in(terminal.nodes[: record["Phases"]], nodes)
                if place is not None:
                    element = f"{kind.lower()}.{record.name}"
                    return {
                        "Element": element,
                        "Terminal": k + 1,
                        "PTPhase": str(place),
                    }
    return None


def _place_in(phases: Nodes, nodes: Nodes) -> int | None:
    """Where nodes begin in the ring of a terminal's phases, counted from 1."""
    # in a delta the first phase follows the last
    ring = phases + phases
    for start in range(len(phases)):
        if ring[start : start + len(nodes)] == nodes:
            return start + 1
    return None


def _has_a_kind(record: Record, report: Report) -> bool:
    """Whether tieline has a control of its kind; says so if not."""
    kind = str(record["Type"]).lower()
    if is_clock(record):
        what = "Its clock is read at hour 0, at which a snapshot starts; later it does not act."
        report.warning("CAPACITOR_CLOCK", record.component, what)
    elif kind not in KINDS:
        what = f"Control by {kind} is left out; its bank stays as the file has it."
        report.warning("CAPACITOR_CONTROL_DROPPED", record.component, what)
    return not is_clock(record) and kind in KINDS


def _problems(record: Record, metered: set[str]) -> Iterator[Problem]:
    """Why a control cannot be read."""
    phases = _phases(record)
    if not all(phase.isdigit() for phase in phases):
        yield "It watches several phases at once.", "Name one phase."
    elif len(set(phases)) > 1:
        yield (
            "It measures current and voltage in different phases.",
            "Make CTPhase and PTPhase equal.",
        )
    element = str(record["Element"]).lower()
    kind, _, name = element.partition(".")
    if element not in metered:
        what = f"It measures at '{element}', which is no line or transformer of the feeder."
        yield what, "Let it measure at a line or transformer beside it."
    elif kind == "transformer" and f"line.{name}" in metered:
        yield (
            f"It measures at '{element}', but a line has the same name.",
            "Rename one of them.",
        )
    if record["VBus"] and record["VoltOverride"]:
        what = "Voltage override by another bus (VBus) is not supported."
        yield what, "Remove VBus: it then watches the bus of Element."


def _phases(record: Record) -> list[str]:
    """The phases that a control looks at: that of its current, that of its voltage."""
    phases = []
    if str(record["Type"]).lower() == "current":
        phases.append(str(record["CTPhase"]))
    if _watches_voltage(record):
        phases.append(str(record["PTPhase"]))
    return phases


def _watches_voltage(record: Record) -> bool:
    return _measures_only_voltage(record) or bool(record["VoltOverride"])


def _note_surprises(
    record: Record, bank: Capacitor, circuit: DssCircuit, report: Report
) -> None:
    """Say where OpenDSS does other than its file says or an engineer expects."""
    if str(record["Type"]).lower() == "current" and int(record["Terminal"]) != 1:
        what = "OpenDSS reads the current at terminal 1, whatever Terminal says; here it is read at Terminal."
        report.warning(
            "CAPACITOR_CURRENT_TERMINAL", record.component, what, "Set Terminal=1."
        )
    is_across = bank.connection == "delta" and len(bank.nodes) == 2
    if is_across and _watches_voltage(record) and str(record["PTPhase"]) == "1":
        what = "OpenDSS reads 0 V in PTPhase=1 for a bank between two phases; here it is the voltage from phase 1 to 2."
        report.warning("CAPACITOR_PT_PHASE", record.component, what, "Set PTPhase=2.")
    has_override = bool(record["VoltOverride"]) and not _measures_only_voltage(record)
    if has_override and bank.steps_on == 0:
        what = "OpenDSS takes its bank for closed though no step is in: low voltage does not force it in; so it is read."
        remedy = "Let the bank start with a step in, or control it by voltage."
        report.warning("CAPACITOR_LOW_VOLTAGE", record.component, what, remedy)
    states = _states(circuit, bank.name)
    if states != sorted(states, reverse=True):
        what = "The steps in are not the first ones of its bank: OpenDSS counts from the last one in, tieline from the first."
        report.warning(
            "CAPACITOR_STEP_GAPS",
            record.component,
            what,
            "Let States begin with the ones.",
        )


def _states(circuit: DssCircuit, bank: str) -> list[int]:
    """1 for each step of a bank that is in."""
    (record,) = [
        record for record in circuit.records("Capacitor") if record.name == bank
    ]
    return [int(state) for state in record["States"]]


def _capacitor_control(record: Record) -> CapacitorControl:
    kind = KINDS[str(record["Type"]).lower()]
    phase = str(record["CTPhase"] if kind == "current" else record["PTPhase"])
    return CapacitorControl(
        name=record.name,
        capacitor=str(record["Capacitor"]).lower(),
        kind=kind,
        element=str(record["Element"]).lower().partition(".")[2],
        terminal=int(record["Terminal"]),
        on_setting=float(record["OnSetting"]),
        off_setting=float(record["OffSetting"]),
        # by kvar no single phase is looked at, so its word need not be a number
        phase=int(phase) if phase.isdigit() else 1,
        pt_ratio=float(record["PTRatio"]),
        ct_ratio=float(record["CTRatio"]),
        delay_on_s=float(record["Delay"]),
        delay_off_s=float(record["DelayOff"]),
        dead_time_s=float(record["DeadTime"]),
        voltage_override=bool(record["VoltOverride"]),
        v_min_v=float(record["VMin"]),
        v_max_v=float(record["VMax"]),
        starts_closed=True,
    )
