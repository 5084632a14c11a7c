"""Reactors, faults and capacitors on one bus, as shunts, from the admittance that the engine has for them.

An element that is the same in each phase is one shunt. Any other is one shunt for each branch of its admittance Y between nodes:
-Y_ij from node i to node j, and the sum of row i from there to ground (Kirchhoff's law for a network of two-ended branches).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from tieline.feeders.connections import phase_pairs
from tieline.feeders.elements import FIRST_NEUTRAL, Connection, Nodes, Shunt
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.connections import is_delta, is_in_service
from tieline.feeders.opendss.primitives import admittance_of
from tieline.feeders.opendss.series import admittance_problem, free_name, is_series
from tieline.typing import ComplexArray
from tieline.units import SQRT3

KINDS = ("Reactor", "Fault")

SAME = 1e-6
"""Largest relative difference between admittances that count as equal; the engine adds tiny guards to some."""

DUST = 1e-12
"""Relative admittance of a branch that only rounding has made."""


@dataclass(frozen=True)
class Branch:
    """One shunt to be: where it hangs, and the admittance of each of its phases [S]."""

    nodes: Nodes
    connection: Connection
    admittance_s: complex


def read_branches(
    circuit: DssCircuit, used_names: set[str], report: Report
) -> list[Shunt]:
    """Reactors and faults that hang on one bus; `used_names` are names of other shunts."""
    shunts: list[Shunt] = []
    used_names = set(used_names)
    for kind in KINDS:
        for record in circuit.records(kind):
            if not is_series(record) and is_in_service(record, report):
                name = free_name(record, used_names)
                used_names.add(name)
                shunts += shunts_of(circuit, record, name, report)
    return shunts


def shunts_of(
    circuit: DssCircuit, record: Record, name: str, report: Report
) -> list[Shunt]:
    """The element on one bus as shunts of this name; none, with an error, where no branches have its admittance."""
    primitive_s = admittance_of(circuit.engine, record)
    if not primitive_s.any():
        what = "It is open or without any step in, or comes later, and is left out."
        report.warning("OPEN_ELEMENT_DROPPED", record.component, what)
        return []
    problem = admittance_problem(primitive_s)
    if problem:
        remedy = "Correct its impedance, or give an element for each phase."
        report.error("SHUNT_ELEMENT", record.component, f"It {problem}.", remedy)
        return []
    nodes, admittance_s = _by_node(record, primitive_s)
    bus = record.terminals[0].bus
    whole = _same_in_each_phase(record, nodes, admittance_s)
    if whole is not None:
        return [_shunt(name, bus, whole, _rated_kv(circuit, record))]
    # what an element is rated for says nothing about one branch of it
    kv = _base_kv(circuit, bus)
    return [
        _shunt(_joined(name, part), bus, part, kv)
        for part in _branches(nodes, admittance_s)
    ]


def remainder_of(circuit: DssCircuit, record: Record, name: str) -> list[Shunt]:
    """What an element with conductors open still takes at the one bus where none is, as losses of it."""
    primitive_s = admittance_of(circuit.engine, record)
    size = len(record.terminals[0].nodes)
    (k,) = (
        k for k, terminal in enumerate(record.terminals) if not any(terminal.is_open)
    )
    conductors = slice(k * size, (k + 1) * size)
    at_bus = replace(record, terminals=(record.terminals[k],))
    nodes, admittance_s = _by_node(at_bus, primitive_s[conductors, conductors])
    bus = at_bus.terminals[0].bus
    kv = _base_kv(circuit, bus)
    return [
        replace(_shunt(_joined(name, part), bus, part, kv), is_loss=True)
        for part in _branches(nodes, admittance_s)
    ]


def _joined(name: str, part: Branch) -> str:
    return "_".join((name, *map(str, part.nodes)))


def _by_node(record: Record, primitive_s: ComplexArray) -> tuple[Nodes, ComplexArray]:
    """Nodes of an element without ground, and its admittance between them, (node, node) [S]."""
    conductors = [node for terminal in record.terminals for node in terminal.nodes]
    # a conductor at ground sees no voltage
    nodes = tuple(sorted(set(conductors) - {0}))
    at_node = np.array(nodes)[:, None] == np.array(conductors)[None, :]
    incidence = at_node.astype(float)
    admittance_s = incidence @ primitive_s @ incidence.T
    return nodes, admittance_s.astype(complex)


def _same_in_each_phase(
    record: Record, nodes: Nodes, admittance_s: ComplexArray
) -> Branch | None:
    """The element as one wye or delta of equal phases; None if it is none."""
    wiring = shunt_nodes(record)
    if wiring is None:
        return None
    pattern = _pattern(nodes, *wiring)
    if not pattern.diagonal().all():
        return None
    each = complex(admittance_s[0, 0] / pattern[0, 0])
    is_same = np.abs(admittance_s - each * pattern).max() <= SAME * abs(each)
    return Branch(*wiring, each) if is_same else None


def _pattern(nodes: Nodes, wired: Nodes, connection: Connection) -> ComplexArray:
    """Admittance between nodes if each phase had one siemens, (node, node)."""
    place = {node: k for k, node in enumerate(nodes)}
    pattern = np.zeros((len(nodes), len(nodes)), dtype=complex)
    for pair in phase_pairs(wired, connection):
        across = np.zeros(len(nodes))
        for node, sign in zip(pair, (1.0, -1.0), strict=True):
            if node:
                across[place[node]] += sign
        pattern += np.outer(across, across)
    return pattern


def _branches(nodes: Nodes, admittance_s: ComplexArray) -> Iterator[Branch]:
    least = DUST * np.abs(admittance_s).max(initial=0.0)
    to_ground = admittance_s.sum(axis=1)
    for node, total in zip(nodes, to_ground, strict=True):
        if abs(total) > least:
            yield Branch((node, 0), "wye", complex(total))
    for i, j in combinations(range(len(nodes)), 2):
        mutual = complex(admittance_s[i, j])
        if abs(mutual) > least:
            yield Branch((nodes[i], nodes[j]), "delta", -mutual)


def _shunt(name: str, bus: str, part: Branch, kv_ll: float) -> Shunt:
    """What the branch takes at that voltage between phases."""
    phases = len(phase_pairs(part.nodes, part.connection))
    kv = kv_ll if part.connection == "delta" else kv_ll / SQRT3
    power_kva = np.conj(part.admittance_s) * kv**2 * 1e3 * phases
    p_kw = float(power_kva.real)
    q_kvar = float(power_kva.imag)
    return Shunt(name, bus, part.nodes, part.connection, kv, p_kw, q_kvar)


def _rated_kv(circuit: DssCircuit, record: Record) -> float:
    """Line-to-line voltage that an element is rated for, or that of its bus where the file says none [kV]."""
    if "kV" not in record.stated:
        return _base_kv(circuit, record.terminals[0].bus)
    # an element of one phase is rated by the voltage across it
    return float(record["kV"]) * (SQRT3 if record["Phases"] == 1 else 1.0)


def _base_kv(circuit: DssCircuit, bus: str) -> float:
    """Voltage base of a bus, line-to-line [kV]; 1 where it has none."""
    circuit.engine.Circuit.SetActiveBus(bus)
    return float(circuit.engine.Bus.kVBase()) * SQRT3 or 1.0


def shunt_nodes(record: Record) -> tuple[Nodes, Connection] | None:
    """Nodes and connection of a shunt; a wye shunt's second terminal is its neutral. None if it is neither wye nor delta: its
    neutral conductors lie apart or at a phase, or two of its conductors at one node.
    """
    nodes = record.terminals[0].nodes
    # the delta of two phases is open
    if is_delta(record) and record["Phases"] == 2:
        return None
    if len(set(nodes)) < len(nodes):
        return None
    if len(record.terminals) > 1:
        return _wye_nodes(nodes, record.terminals[1].nodes)
    if 0 not in nodes:
        return nodes, "delta"
    return (nodes, "wye") if len(nodes) == 2 else None


def _wye_nodes(nodes: Nodes, neutrals: Nodes) -> tuple[Nodes, Connection] | None:
    neutral = neutrals[0]
    is_phase = 0 < neutral < FIRST_NEUTRAL
    lie_apart = len(set(neutrals)) > 1 or neutral in nodes
    # of one phase it may go to any node
    if lie_apart or (is_phase and len(nodes) > 1):
        return None
    return (*nodes, neutral), "wye"
