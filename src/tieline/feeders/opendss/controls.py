"""Regulators and capacitor controls.

What a control has beyond tieline's models (voltage limits, control by power factor) is left out with a warning where it
does not decide, else it is an error. A capacitor control of a
kind that tieline lacks leaves its bank as the file has it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tieline.feeders.elements import (
    CapacitorControl,
    CapacitorControlKind,
    Regulator,
    ReverseMode,
    Transformer,
)
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.shunts import is_clock

KINDS: dict[str, CapacitorControlKind] = {
    "voltage": "voltage",
    "current": "current",
    "kvar": "kvar",
}

CONTROL_OFF = -1
"""`ControlMode` of a circuit whose controls do not act."""


def read_regulators(
    circuit: DssCircuit, transformers: list[Transformer], report: Report
) -> list[Regulator]:
    """Tap controls of the transformers that were read."""
    known = {unit.name for unit in transformers}
    if circuit.engine.Solution.ControlMode() == CONTROL_OFF:
        what = "The file switches controls off; in tieline each solve says whether they act."
        report.warning("CONTROL_MODE_OFF", f"circuit {circuit.name}", what)
    records = [
        record
        for record in circuit.records("RegControl")
        if str(record["Transformer"]).lower() in known
    ]
    return [_regulator(record, report) for record in records if _is_plain_regulator(record, report)]


def _is_plain_regulator(record: Record, report: Report) -> bool:
    before = len(report.errors)
    if not str(record["PTPhase"]).isdigit():
        report.error(
            "REGULATOR",
            record.component,
            "It watches the highest or lowest phase.",
            "Name one phase in PTPhase.",
        )
    if record["TapWinding"] != record["Winding"]:
        report.error(
            "REGULATOR",
            record.component,
            "It measures one winding and moves another.",
            "Use one winding.",
        )
    if record["LDC_Z"]:
        report.error(
            "REGULATOR", record.component, "LDC_Z compensation is not supported.", "Use R and X."
        )
    if record["VLimit"]:
        report.error("REGULATOR", record.component, "VLimit is not supported.", "Remove it.")
    if record["InverseTime"]:
        report.warning(
            "INVERSE_TIME_DROPPED",
            record.component,
            "Its inverse-time delay is read as a fixed one.",
        )
    return len(report.errors) == before


def _regulator(record: Record, report: Report) -> Regulator:
    remote, _, node = str(record["Bus"] or "").lower().partition(".")
    compensates = bool(
        record["R"] or record["X"]
    )  # else the engine leaves RevR and RevX out as well
    if remote and record["RemotePTRatio"] != record["PTRatio"]:
        what = "Its PTRatio, by which OpenDSS sizes a step, is replaced by RemotePTRatio."
        report.warning("REMOTE_PT_RATIO", record.component, what)
    if remote and str(record["PTPhase"]) != "1":
        what = "Its PTPhase counts nothing beside Bus, as its manual says; OpenDSS itself then reads another voltage."
        report.warning(
            "REMOTE_PT_PHASE",
            record.component,
            what,
            "Set PTPhase=1, and the node in Bus, such as b.3.",
        )
    return Regulator(
        name=record.name,
        transformer=str(record["Transformer"]).lower(),
        winding=int(record["Winding"]),
        v_set_v=float(record["VReg"]),
        band_v=float(record["Band"]),
        pt_ratio=float(record["RemotePTRatio"] if remote else record["PTRatio"]),
        ct_primary_a=float(record["CTPrim"]),
        r_v=float(record["R"]),
        x_v=float(record["X"]),
        delay_s=float(record["Delay"]),
        phase=int(record["PTPhase"]),
        max_tap_change=int(record["MaxTapChange"]),
        remote_bus=remote or None,
        remote_node=int(node.split(".")[0] or 1) if remote and node else 1 if remote else None,
        reverse_mode="none" if remote else _reverse_mode(record),
        reverse_threshold_kw=float(record["RevThreshold"]),
        reverse_delay_s=float(record["RevDelay"]),
        reverse_v_set_v=float(record["RevVReg"]),
        reverse_band_v=float(record["RevBand"]),
        reverse_r_v=float(record["RevR"]) if compensates else 0.0,
        reverse_x_v=float(record["RevX"]) if compensates else 0.0,
        neutral_delay_s=float(record["TapDelay"]),
    )


def _reverse_mode(record: Record) -> ReverseMode:
    """What it does under reverse power; one that watches a remote bus does not look at power."""
    if not (record["Reversible"] or record["Cogen"]):
        return "none"
    if record["RevNeutral"]:
        return "neutral"
    return "cogeneration" if record["Cogen"] else "source-side"


def read_capacitor_controls(
    circuit: DssCircuit, known: set[str], report: Report
) -> list[CapacitorControl]:
    """Controls of capacitors; `known` are the lines and transformers that were read, as "line.name" or "transformer.name"."""
    banks = {record.name for record in circuit.records("Capacitor") if any(record["kvar"])}
    records = [_beside_bank(record, circuit) for record in circuit.records("CapControl")]
    records = [record for record in records if str(record["Capacitor"]).lower() in banks]
    return [
        _capacitor_control(record) for record in records if _is_plain_control(record, known, report)
    ]


def _beside_bank(record: Record, circuit: DssCircuit) -> Record:
    """The control; one that measures the voltage at a bank does so at a line or transformer that ends at the same node."""
    kind, _, name = str(record["Element"]).lower().partition(".")
    phase = str(record["PTPhase"])
    bank = next((bank for bank in circuit.records("Capacitor") if bank.name == name), None)
    if (
        kind != "capacitor"
        or str(record["Type"]).lower() != "voltage"
        or bank is None
        or not phase.isdigit()
    ):
        return record
    terminal = bank.terminals[0]
    place = _terminal_at(circuit, terminal.bus, terminal.nodes[int(phase) - 1])
    return record if place is None else replace(record, properties={**record.properties, **place})


def _terminal_at(circuit: DssCircuit, bus: str, node: int) -> dict[str, Any] | None:
    """A conductor of a line or transformer that is tied to a node, as properties of a control."""
    for kind in ("Line", "Transformer"):
        for record in circuit.records(kind):
            for k, terminal in enumerate(record.terminals):
                phases = terminal.nodes[: record["Phases"]]
                if terminal.bus == bus and node in phases:
                    element = f"{kind.lower()}.{record.name}"
                    return {
                        "Element": element,
                        "Terminal": k + 1,
                        "PTPhase": str(phases.index(node) + 1),
                    }
    return None


def _is_plain_control(record: Record, known: set[str], report: Report) -> bool:
    kind = str(record["Type"]).lower()
    if is_clock(record):
        what = "Its clock is read at hour 0, at which a snapshot starts; later it does not act."
        report.warning("CAPACITOR_CLOCK", record.component, what)
        return False
    if kind not in KINDS:
        what = f"Control by {kind} is left out; its bank stays as the file has it."
        report.warning("CAPACITOR_CONTROL_DROPPED", record.component, what)
        return False
    before = len(report.errors)
    phases = [record["CTPhase"]] * (kind == "current") + [record["PTPhase"]] * (
        kind == "voltage" or bool(record["VoltOverride"])
    )
    if not all(str(phase).isdigit() for phase in phases):
        report.error(
            "CAPACITOR_CONTROL",
            record.component,
            "It watches several phases at once.",
            "Name one phase.",
        )
    elif len(set(phases)) > 1:
        what = "It measures current and voltage in different phases."
        report.error("CAPACITOR_CONTROL", record.component, what, "Make CTPhase and PTPhase equal.")
    if str(record["Element"]).lower() not in known:
        what = (
            f"It measures at '{record['Element']}', which is no line or transformer of the feeder."
        )
        report.error(
            "CAPACITOR_CONTROL",
            record.component,
            what,
            "Let it measure at a line or transformer beside it.",
        )
    if record["VBus"] and record["VoltOverride"]:
        what = "Voltage override by another bus (VBus) is not supported."
        report.error(
            "CAPACITOR_CONTROL",
            record.component,
            what,
            "Remove VBus: it then watches the bus of Element.",
        )
    return len(report.errors) == before


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
