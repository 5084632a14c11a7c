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
    records = [
        record
        for record in circuit.records("Capacitor")
        if _is_plain_bank(record, circuit, report)
    ]
    return [
        _capacitor(record, report)
        for record in records
        if has_size(record, report, *record["kvar"])
    ]


def _is_plain_bank(record: Record, circuit: DssCircuit, report: Report) -> bool:
    problem = _problem(record, circuit)
    if problem is not None:
        report.error("CAPACITOR", record.component, *problem)
    return problem is None


def _problem(record: Record, circuit: DssCircuit) -> tuple[str, str] | None:
    """Why a capacitor is more than a bank of steps, and what to do; None if it is not."""
    if is_series(record) or shunt_nodes(record) is None:
        what = "A capacitor between buses, or with neutrals apart, is not supported."
        return (
            what,
            "Between buses give a reactor with R=0 and X below zero; tie neutrals to one node.",
        )
    if (
        record.is_partly_open
        or (record["Phases"] == 2 and _connection(record) == "delta")
        or record["Phases"] > 3
    ):
        what = "Some conductors are open, or the number of phases is not supported."
        return what, "Give a bank for each phase that is closed."
    if (
        any(record["R"])
        or any(record["XL"])
        or record.stated & {"Cuf", "CMatrix", "Harm"}
    ):
        what = "It is given by Cuf, CMatrix, or with R, XL or Harm; only kvar is supported."
        return (
            what,
            "Give kvar = 2 pi f C kV^2, and R and XL as a reactor between the bus and a bus of its own for the bank.",
        )
    if (
        len(record["kvar"]) > 1
        and _connection(record) == "delta"
        and record.name in _controlled(circuit)
    ):
        return (
            "It is a delta of several steps, which OpenDSS counts more than once.",
            "Give a bank of its own for each step.",
        )
    if record["BaseFreq"] != circuit.frequency_hz:
        return (
            "Its frequency is not the circuit's.",
            f"Give its kvar at {circuit.frequency_hz:g} Hz, and BaseFreq the same.",
        )
    return None


def _connection(record: Record) -> Connection:
    return "delta" if str(record["Conn"]).lower() in ("delta", "ll") else "wye"


def _controlled(circuit: DssCircuit) -> set[str]:
    """Names of the banks that a control switches."""
    return {
        str(record["Capacitor"]).lower() for record in circuit.records("CapControl")
    }


def _capacitor(record: Record, report: Report) -> Capacitor:
    """The bank as OpenDSS counts it: every step has the kvar of the first one, and in a delta the k-th step counts k times."""
    # `_problem` has refused a bank without nodes
    nodes, connection = shunt_nodes(record) or ((), "wye")
    sizes = [float(size) for size in record["kvar"]]
    steps_on = 0 if record.is_cut_off else sum(int(state) for state in record["States"])
    steps = len(sizes)
    kvar = sizes[0] * steps
    if connection == "delta" and steps > 1:
        # the k-th step counts k times: no steps of one size, therefore one step of all that is in
        counted = steps_on or steps
        kvar = sizes[0] * counted * (counted + 1) / 2
        steps = 1
        steps_on = min(steps_on, 1)
    _note_steps(record, sizes, kvar * steps_on / steps, report)
    return Capacitor(
        record.name,
        record.terminals[0].bus,
        nodes,
        connection,
        kvar,
        float(record["kV"]),
        steps,
        steps_on,
    )


def _note_steps(
    record: Record, sizes: list[float], counted_kvar: float, report: Report
) -> None:
    """Say so where the steps that are in add up to another power than OpenDSS counts."""
    states = (
        [0] * len(sizes)
        if record.is_cut_off
        else [int(state) for state in record["States"]]
    )
    stated_kvar = sum(size for size, state in zip(sizes, states, strict=True) if state)
    if abs(counted_kvar - stated_kvar) > SAME * max(sizes):
        what = f"Its steps in add up to {stated_kvar:g} kvar, but OpenDSS counts {counted_kvar:g}; so it is read."
        report.warning(
            "CAPACITOR_STEPS",
            record.component,
            what,
            "Give a bank of its own for each step.",
        )


def shunt_nodes(record: Record) -> tuple[Nodes, Connection] | None:
    """Nodes and connection of a shunt; a wye shunt's second terminal is its neutral. None if its neutral conductors lie apart."""
    nodes = record.terminals[0].nodes
    if len(record.terminals) > 1:
        neutrals = set(record.terminals[1].nodes)
        return ((*nodes, neutrals.pop()), "wye") if len(neutrals) == 1 else None
    if 0 not in nodes:
        return nodes, "delta"
    return (nodes, "wye") if len(nodes) == 2 else None


def read_shunt_reactors(circuit: DssCircuit, report: Report) -> list[Shunt]:
    """Reactors that hang on one bus, as the admittance that the engine computed for them."""
    shunts = []
    for record in circuit.records("Reactor"):
        if is_series(record) or not is_in_service(record, report):
            continue
        shunt = _reactor(circuit, record)
        if shunt is None:
            what = "Phases that differ, are coupled or have neutrals apart are not supported."
            report.error(
                "REACTOR", record.component, what, "Give a reactor for each phase."
            )
        else:
            shunts.append(shunt)
    return shunts


def _reactor(circuit: DssCircuit, record: Record) -> Shunt | None:
    """The shunt, or None if it is not the same admittance in each phase."""
    wiring = shunt_nodes(record)
    (primitive,) = engine_yprim(circuit.engine, [f"reactor.{record.name}"]).values()
    size = len(primitive.nodes[0])
    if len(primitive.nodes) == 2:  # phases to neutral
        branches = -primitive.matrix_s[:size, size:]
        each = branches[0, 0]
        pattern = np.eye(size)
        count = size
    else:  # phases to each other
        branches = primitive.matrix_s
        # a delta of three has twice the branch on the diagonal and minus one beside it; a single
        # branch has one of each
        each = -branches[0, 1]
        pattern = (3 if size == 3 else 2) * np.eye(size) - np.ones((size, size))
        count = 1 if size == 2 else size
    if wiring is None or np.abs(branches - each * pattern).max() > SAME * abs(each):
        return None
    nodes, connection = wiring
    kv = float(record["kV"])
    if count > 1 and connection == "wye":
        kv /= np.sqrt(3.0)
    power_kva = np.conj(each) * (kv * 1e3) ** 2 * count / 1e3
    return Shunt(
        record.name,
        record.terminals[0].bus,
        nodes,
        connection,
        float(kv),
        float(power_kva.real),
        float(power_kva.imag),
    )
