"""Capacitor banks and shunt reactors."""

from __future__ import annotations

import numpy as np

from tieline.feeders.elements import Capacitor, Connection, Nodes, Shunt
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.connections import has_size, is_in_service
from tieline.feeders.opendss.lines import is_series
from tieline.feeders.opendss.primitives import engine_yprim

SAME = 1e-6
"""Largest relative difference between admittances that count as equal; lines and reactors carry tiny guards in the engine."""


def read_capacitors(circuit: DssCircuit, report: Report) -> list[Capacitor]:
    """All capacitor banks; a bank that stands open has no step in."""
    records = [record for record in circuit.records("Capacitor") if _is_plain_bank(record, circuit, report)]
    return [_capacitor(record) for record in records if has_size(record, report, *record["kvar"])]


def _is_plain_bank(record: Record, circuit: DssCircuit, report: Report) -> bool:
    problem = _problem(record, circuit)
    if problem:
        report.error("CAPACITOR", record.component, problem)
    return not problem


def _problem(record: Record, circuit: DssCircuit) -> str:
    """Why a capacitor is more than a bank of equal steps; empty if it is not."""
    states = record["States"]
    if is_series(record) or shunt_nodes(record) is None:
        return "A capacitor between buses, or with neutrals apart, is not supported."
    if record.is_partly_open or (record["Phases"] == 2 and _connection(record) == "delta") or record["Phases"] > 3:
        return "Some conductors are open, or the number of phases is not supported."
    if any(record["R"]) or any(record["XL"]) or record.stated & {"Cuf", "CMatrix", "Harm"}:
        return "It is given by Cuf, CMatrix, or with R, XL or Harm; only kvar is supported."
    if len(set(record["kvar"])) > 1 and 0 < sum(states) < len(states):
        return "It has unequal steps, some of which are out."
    return "Its frequency is not the circuit's." if record["BaseFreq"] != circuit.frequency_hz else ""


def _connection(record: Record) -> Connection:
    return "delta" if str(record["Conn"]).lower() in ("delta", "ll") else "wye"


def _capacitor(record: Record) -> Capacitor:
    steps, kvar = len(record["kvar"]), float(sum(record["kvar"]))
    nodes, connection = shunt_nodes(record) or ((), "wye")
    if len(set(record["kvar"])) > 1:  # all in or all out: one step tells as much
        steps = 1
    is_on = not record.is_cut_off
    steps_on = min(steps, sum(int(state) for state in record["States"])) if is_on else 0
    return Capacitor(record.name, record.terminals[0].bus, nodes, connection, kvar, float(record["kV"]), steps, steps_on)


def shunt_nodes(record: Record) -> tuple[Nodes, Connection] | None:
    """Nodes and connection of a shunt; a wye shunt's second terminal is its neutral. None if its neutral conductors lie apart."""
    first = record.terminals[0].nodes
    if len(record.terminals) == 1:  # delta
        return (first, "delta") if 0 not in first else (first, "wye") if len(first) == 2 else None
    neutrals = set(record.terminals[1].nodes)
    return ((*first, neutrals.pop()), "wye") if len(neutrals) == 1 else None


def read_shunt_reactors(circuit: DssCircuit, report: Report) -> list[Shunt]:
    """Reactors that hang on one bus, as the admittance that the engine computed for them."""
    shunts = []
    for record in circuit.records("Reactor"):
        if is_series(record) or not is_in_service(record, report):
            continue
        shunt = _reactor(circuit, record)
        if shunt is None:
            report.error("REACTOR", record.component, "Phases that differ, are coupled or have neutrals apart are not supported.")
        else:
            shunts.append(shunt)
    return shunts


def _reactor(circuit: DssCircuit, record: Record) -> Shunt | None:
    """The shunt, or None if it is not the same admittance in each phase."""
    wiring = shunt_nodes(record)
    (primitive,) = engine_yprim(circuit.engine, [f"reactor.{record.name}"]).values()
    size = len(primitive.nodes[0])
    branches = -primitive.matrix_s[:size, size:] if len(primitive.nodes) == 2 else primitive.matrix_s
    count = size if len(primitive.nodes) == 2 or size != 2 else 1
    each = branches[0, 0] if len(primitive.nodes) == 2 else -branches[0, 1]
    pattern = np.eye(size) if len(primitive.nodes) == 2 else (size if size == 3 else 2) * np.eye(size) - np.ones((size, size))
    if wiring is None or np.abs(branches - each * pattern).max() > SAME * abs(each):
        return None
    nodes, connection = wiring
    kv = float(record["kV"]) / (np.sqrt(3.0) if count > 1 and connection == "wye" else 1.0)
    power_kva = np.conj(each) * (kv * 1e3) ** 2 * count / 1e3
    return Shunt(record.name, record.terminals[0].bus, nodes, connection, float(kv), float(power_kva.real), float(power_kva.imag))
