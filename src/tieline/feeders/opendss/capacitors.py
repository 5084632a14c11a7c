"""Capacitor banks.

A bank whose phases and steps are equal is a `Capacitor` of the kvar that it has at its rated voltage and the circuit's frequency:
w C V^2 / (1 - w^2 L C) with a reactor L in series with every phase. One with resistance, with coupled or delta phases behind a
reactor, or with neutrals apart is the shunts that the engine's admittance says, as it stands; between two buses it is a line
(`series`). A control may switch the first kind alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tieline.feeders.elements import Capacitor, Shunt
from tieline.feeders.opendss.branches import shunt_nodes, shunts_of
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.connections import has_size, is_delta
from tieline.feeders.opendss.series import is_series
from tieline.units import SQRT3, tidy

SAME = 1e-6
"""Largest relative difference between steps that count as equal."""


@dataclass
class Capacitors:
    """Banks, and the shunts that capacitors are which are no banks."""

    banks: list[Capacitor] = field(default_factory=list)
    shunts: list[Shunt] = field(default_factory=list)


def read_capacitors(circuit: DssCircuit, report: Report) -> Capacitors:
    """All capacitors on one bus; a bank that stands open has no step in."""
    capacitors = Capacitors()
    for record in circuit.records("Capacitor"):
        problem = _problem(record, circuit)
        if problem is not None:
            report.error("CAPACITOR", record.component, *problem)
        elif is_series(record) or not has_size(record, report, *_sizes(record)):
            continue
        elif _is_bank(record):
            capacitors.banks.append(_capacitor(record, circuit, report))
        else:
            capacitors.shunts += shunts_of(circuit, record, record.name, report)
    return capacitors


def _sizes(record: Record) -> list[float]:
    """Capacitance of each step [uF per phase]; the engine keeps it also where the file gives kvar."""
    return [1.0] if "CMatrix" in record.stated else record["Cuf"]


def _problem(record: Record, circuit: DssCircuit) -> tuple[str, str] | None:
    """Why a capacitor cannot be read, and what to do; None if it can."""
    if record.is_partly_open or record["Phases"] > 3:
        what = "Some conductors are open, or the number of phases is not supported."
        return what, "Give a bank for each phase that is closed."
    if record.name not in _controlled(circuit):
        return None
    if is_series(record) or not _is_bank(record):
        what = (
            "A control switches it, but it stands between buses, has resistance or coupled phases, or unequal steps: "
            "only a bank of equal phases and steps can be switched."
        )
        return (
            what,
            "Remove the control, or give R=0 and Cuf or kvar alike for all steps.",
        )
    if len(record["kvar"]) > 1 and is_delta(record):
        return (
            "It is a delta of several steps, which OpenDSS counts more than once.",
            "Give a bank of its own for each step.",
        )
    return None


def _is_bank(record: Record) -> bool:
    """Whether the phases and steps of a capacitor are equal pure capacitances between the nodes of one bus."""
    steps = range(len(record["Cuf"]))
    sizes_s = [_branch_siemens(record, step, 1.0) for step in steps]
    largest_s = max(map(abs, sizes_s))
    are_equal = all(abs(size - sizes_s[0]) <= SAME * largest_s for size in sizes_s)
    is_behind_reactor = any(record["XL"])
    return (
        are_equal
        and "CMatrix" not in record.stated
        and shunt_nodes(record) is not None
        and not any(record["R"])
        and not (is_behind_reactor and is_delta(record))
    )


def _controlled(circuit: DssCircuit) -> set[str]:
    """Names of the banks that a control switches."""
    return {
        str(record["Capacitor"]).lower() for record in circuit.records("CapControl")
    }


def _branch_siemens(record: Record, step: int, hertz_ratio: float) -> float:
    """Susceptance of one phase of a step with its reactor [S], at that many times the frequency of its data."""
    hertz = float(record["BaseFreq"]) * hertz_ratio
    farad = float(record["Cuf"][step]) * 1e-6
    susceptance = 2 * math.pi * hertz * farad
    reactance_ohm = float(record["XL"][step]) * hertz_ratio
    return susceptance / (1 - reactance_ohm * susceptance)


def _step_kvar(record: Record, circuit: DssCircuit) -> float:
    """What the first step takes at rated voltage, all phases together."""
    hertz_ratio = circuit.frequency_hz / float(record["BaseFreq"])
    phases = int(record["Phases"])
    across_kv = float(record["kV"])
    if phases > 1 and not is_delta(record):
        across_kv /= SQRT3
    # the delta of two phases is its one branch twice, there and back
    return tidy(_branch_siemens(record, 0, hertz_ratio) * across_kv**2 * 1e3 * phases)


def _capacitor(record: Record, circuit: DssCircuit, report: Report) -> Capacitor:
    """The bank as OpenDSS counts it: every step has the kvar of the first one, and in a delta the k-th step counts k times."""
    # `_is_bank` has refused a bank without nodes
    nodes, connection = shunt_nodes(record) or ((), "wye")
    steps_on = 0 if record.is_cut_off else sum(int(state) for state in record["States"])
    steps = len(record["Cuf"])
    step_kvar = _step_kvar(record, circuit)
    kvar = step_kvar * steps
    if connection == "delta" and steps > 1:
        # the k-th step counts k times: no steps of one size, therefore one step of all that is in
        counted = steps_on or steps
        kvar = step_kvar * counted * (counted + 1) / 2
        steps = 1
        steps_on = min(steps_on, 1)
    if "kvar" in record.stated:
        _note_steps(record, kvar / step_kvar * steps_on / steps, report)
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


def _note_steps(record: Record, counted: float, report: Report) -> None:
    """Say so where the steps that are in add up to another power than OpenDSS counts, which is so many times the first one's."""
    sizes = [float(size) for size in record["kvar"]]
    states = [int(state) for state in record["States"]]
    pairs = zip(sizes, states, strict=True)
    stated_kvar = sum(size for size, state in pairs if state and not record.is_cut_off)
    counted_kvar = counted * sizes[0]
    if abs(counted_kvar - stated_kvar) > SAME * max(sizes):
        what = f"Its steps in add up to {stated_kvar:g} kvar, but OpenDSS counts {counted_kvar:g}; so it is read."
        report.warning(
            "CAPACITOR_STEPS",
            record.component,
            what,
            "Give a bank of its own for each step.",
        )
