"""Capacitor controls, of every kind that the engine has but those of users' own libraries.

Where OpenDSS measures otherwise than a file says, tieline measures as the file says, and a warning tells so; what cannot be
measured is an error.
"""

from __future__ import annotations

from collections.abc import Iterator

from tieline.feeders.elements import (
    Capacitor,
    CapacitorControl,
    CapacitorControlKind,
    MeteredKind,
    Nodes,
    PhaseRule,
)
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report

KINDS: dict[str, CapacitorControlKind] = {
    "voltage": "voltage",
    "current": "current",
    "kvar": "kvar",
    "powerfactor": "power-factor",
    "time": "time",
}

METERED_KINDS: dict[str, MeteredKind] = {
    "line": "line",
    "transformer": "transformer",
    "capacitor": "capacitor",
}

RULES: dict[str, PhaseRule] = {"avg": "mean", "max": "highest", "min": "lowest"}
"""Words of PTPhase and CTPhase for all phases."""

POWER_FACTORS = (0.95, 1.05)
"""At which a control by power factor acts if its file names none; leading ones count from 1 to 2. OpenDSS' values."""

Problem = tuple[str, str]
"""What is wrong, and what to do about it."""


def read_capacitor_controls(
    circuit: DssCircuit, metered: set[str], capacitors: list[Capacitor], report: Report
) -> list[CapacitorControl]:
    """Controls of the banks that were read; `metered` are the lines and transformers, as "line.name" or "transformer.name"."""
    banks = {bank.name: bank for bank in capacitors}
    places = metered | {f"capacitor.{bank.name}" for bank in capacitors}
    controls = []
    for record in circuit.records("CapControl"):
        bank = banks.get(str(record["Capacitor"]).lower())
        if bank is None:
            continue
        problems = list(_problems(record, places))
        for problem in problems:
            report.error("CAPACITOR_CONTROL", record.component, *problem)
        if not problems:
            _note_surprises(record, bank, circuit, report)
            controls.append(_capacitor_control(record, circuit))
    return controls


def _problems(record: Record, places: set[str]) -> Iterator[Problem]:
    """Why a control cannot be read."""
    if _kind(record) not in KINDS:
        what = f"It acts by '{record['Type']}', such as a library of the user's own."
        yield what, "Use one of voltage, current, kvar, powerfactor and time."
    element = str(record["Element"]).lower()
    if element not in places:
        what = f"It measures at '{element}', which is no line, transformer or bank of the feeder."
        yield what, "Let it measure at a line or transformer beside it."
    if element.startswith("capacitor.") and int(record["Terminal"]) != 1:
        what = "It measures at the neutral end of a bank."
        yield what, "Set Terminal=1."


def _kind(record: Record) -> str:
    return str(record["Type"]).lower()


def is_clock(record: Record) -> bool:
    """Whether a control goes by the time of day."""
    return _kind(record) == "time"


def _measures_only_voltage(record: Record) -> bool:
    return _kind(record) == "voltage"


def _watches_voltage(record: Record) -> bool:
    return _measures_only_voltage(record) or bool(record["VoltOverride"])


def _note_surprises(
    record: Record, bank: Capacitor, circuit: DssCircuit, report: Report
) -> None:
    """Say where OpenDSS does other than its file says or an engineer expects."""
    if _is_unheard(record):
        what = "OpenDSS takes no setting of a power factor that stands before Type=PF, but its own (0.95, 1.05); so it is read."
        remedy = "State Type=PF before OnSetting and OffSetting."
        report.warning("CAPACITOR_POWER_FACTOR", record.component, what, remedy)
    if is_clock(record):
        what = "Its clock is read at hour 0, at which a snapshot starts; time does not pass in a power flow."
        report.warning("CAPACITOR_CLOCK", record.component, what)
    is_one_current = _kind(record) == "current" and _rule(record["CTPhase"]) == "one"
    if is_one_current and int(record["Terminal"]) != 1:
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


def _capacitor_control(record: Record, circuit: DssCircuit) -> CapacitorControl:
    kind, _, element = str(record["Element"]).lower().partition(".")
    on_setting, off_setting = _settings(record)
    override_bus = str(record["VBus"] or "").lower().partition(".")[0] or None
    if not record["VoltOverride"] or _measures_only_voltage(record):
        override_bus = None
    return CapacitorControl(
        name=record.name,
        capacitor=str(record["Capacitor"]).lower(),
        kind=KINDS[_kind(record)],
        element=element,
        terminal=int(record["Terminal"]),
        on_setting=on_setting,
        off_setting=off_setting,
        phase=_phase(record["PTPhase"]),
        pt_ratio=float(record["PTRatio"]),
        ct_ratio=float(record["CTRatio"]),
        delay_on_s=float(record["Delay"]),
        delay_off_s=float(record["DelayOff"]),
        dead_time_s=float(record["DeadTime"]),
        voltage_override=bool(record["VoltOverride"]),
        v_min_v=float(record["VMin"]),
        v_max_v=float(record["VMax"]),
        starts_closed=True,
        element_kind=METERED_KINDS[kind],
        voltage_rule=_rule(record["PTPhase"]),
        current_rule=_rule(record["CTPhase"]),
        current_phase=_phase(record["CTPhase"]),
        override_bus=override_bus,
        override_nodes=_nodes_of(circuit, override_bus) if override_bus else None,
        least_kvar_pct=float(record["pctMinkvar"]),
    )


def _rule(phase: object) -> PhaseRule:
    return RULES.get(str(phase).lower(), "one")


def _phase(phase: object) -> int:
    """The one phase that is looked at; the first where it is all of them."""
    text = str(phase)
    return int(text) if text.isdigit() else 1


def _settings(record: Record) -> tuple[float, float]:
    """Its on and off setting."""
    on_setting = float(record["OnSetting"])
    off_setting = float(record["OffSetting"])
    if _kind(record) != "powerfactor":
        return on_setting, off_setting
    pf_on, pf_off = POWER_FACTORS
    if _is_behind_type(record, "OnSetting"):
        pf_on = _counted_to_two(on_setting)
    if _is_behind_type(record, "OffSetting"):
        pf_off = _counted_to_two(off_setting)
    return pf_on, pf_off


def _is_behind_type(record: Record, name: str) -> bool:
    """Whether a setting stands behind Type: the engine takes it for a power factor only there."""
    order = record.sequence
    return name in order and order.index(name) > order.index("Type")


def _is_unheard(record: Record) -> bool:
    """Whether a control by power factor states a setting that the engine does not take."""
    settings = record.stated & {"OnSetting", "OffSetting"}
    return _kind(record) == "powerfactor" and not all(
        _is_behind_type(record, name) for name in settings
    )


def _counted_to_two(power_factor: float) -> float:
    """A power factor, of which a leading one is stated below zero, counted from 0 to 2."""
    return power_factor if power_factor >= 0 else 2.0 + power_factor


def _nodes_of(circuit: DssCircuit, bus: str) -> Nodes:
    """Nodes of a bus in the order of the engine, by which a control that overrides counts its phases."""
    names = [
        name.lower().rpartition(".") for name in circuit.engine.Circuit.AllNodeNames()
    ]
    return tuple(int(node) for of_bus, _, node in names if of_bus == bus)
