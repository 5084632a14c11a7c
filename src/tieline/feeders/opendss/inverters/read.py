"""`InvControl` of OpenDSS as characteristics of its DERs: volt-var, volt-watt, both, watt-pf and watt-var.

The equilibrium is read, not the way to it: `DeltaQ_factor`, tolerances and the exponential model time how OpenDSS gets there.
What is not read (dynamic reactive current, voltage regulation, grid forming, limits of the rate of change) keeps its DERs at the
power at which OpenDSS settles them, see `left_out_controls`, and a note says why.

OpenDSS measures the nodes of a DER against ground, per unit of its rated voltage (of three phases the one to neutral, of one
phase the one that its file states), and so it is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from tieline.feeders.elements import InverterControl, Pv, Storage
from tieline.feeders.opendss.circuit import DssCircuit, Report
from tieline.feeders.opendss.inverters.control import control_of
from tieline.feeders.opendss.inverters.record import Units, most_kw, targets_of
from tieline.feeders.opendss.inverters.refusals import problems
from tieline.feeders.opendss.inverters.surprises import note_surprises
from tieline.feeders.opendss.options import STATIC, option


class Inverters(NamedTuple):
    """Controls that were read, and the full names of the `InvControl`s that they come from."""

    controls: list[InverterControl]
    names: set[str]


def read_inverter_controls(
    circuit: DssCircuit,
    pvs: Sequence[Pv],
    storages: Sequence[Storage],
    report: Report,
) -> Inverters:
    """The controls of DERs that were read; none if the file switches controls off or follows a clock."""
    inverters = Inverters([], set())
    if option(circuit.engine, "controlmode").lower() != STATIC:
        return inverters
    units = _units(circuit, pvs, storages)
    records = circuit.records("InvControl")
    targets = [targets_of(record) for record in records]
    counts = Counter(der for ders in targets for der in ders)
    for record, ders in zip(records, targets, strict=True):
        problem = _shared(ders, counts) or next(
            problems(record, ders, units, circuit), ""
        )
        if problem:
            what = f"{problem}, which is not modelled: its DERs hold the power at which OpenDSS settles them."
            report.warning("INVERTER_CONTROL_HELD", record.component, what)
            continue
        note_surprises(record, ders, units, report)
        for der in ders:
            control = control_of(record, der, units[der], circuit)
            inverters.controls.append(control)
        inverters.names.add(f"InvControl.{record.name}")
    return inverters


def _shared(ders: list[tuple[str, str]], counts: Counter[tuple[str, str]]) -> str:
    """The beginning of a sentence on a DER that several controls move; nothing if there is none."""
    for kind, name in ders:
        if counts[kind, name] > 1:
            return f"It shares {kind}.{name} with another InvControl"
    return ""


def wanted_powers(
    circuit: DssCircuit, pvs: Sequence[Pv], controls: Sequence[InverterControl]
) -> list[Pv]:
    """PV systems under these controls with the P of their panels, which no rating and no Q have cut."""
    controlled = {control.der for control in controls if control.der_kind == "pv"}
    return [
        replace(pv, p_kw=_panel_kw(circuit, pv)) if pv.name in controlled else pv
        for pv in pvs
    ]


def _panel_kw(circuit: DssCircuit, pv: Pv) -> float:
    """P behind the efficiency of the inverter, within `%Pmpp`; 0 where the inverter is off."""
    if pv.p_kw == 0:
        return 0.0
    engine = circuit.engine
    engine.Circuit.SetActiveElement(f"PVSystem.{pv.name}")
    names = [name.lower() for name in engine.CktElement.AllVariableNames()]
    values = engine.CktElement.AllVariableValues()
    value_of = dict(zip(names, map(float, values), strict=True))
    panel_kw = value_of["panelkw"] * value_of["efficiency"]
    records = {record.name: record for record in circuit.records("PVSystem")}
    return min(panel_kw, most_kw(records[pv.name]))


def _units(
    circuit: DssCircuit, pvs: Sequence[Pv], storages: Sequence[Storage]
) -> Units:
    names = {"pvsystem": {pv.name for pv in pvs}}
    names["storage"] = {unit.name for unit in storages}
    return {
        (kind.lower(), record.name): record
        for kind in ("PVSystem", "Storage")
        for record in circuit.records(kind)
        if record.name in names[kind.lower()]
    }
