"""Assembly of a network's admittance: the primitive of each element, and all of them stacked as entries in per unit.

Series impedances below what double precision carries are raised to that (`feeders.smallest`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tieline.feeders.elements import Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.smallest import smallest_impedance_pu
from tieline.network.admittance import (
    Primitive,
    capacitor_primitive,
    is_ideal,
    line_primitive,
    shunt_primitive,
    source_primitive,
    transformer_primitive,
)
from tieline.network.states import StateLayout
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA, SQRT3

ElementKind = Literal["line", "transformer", "capacitor", "shunt", "source"]


@dataclass(frozen=True)
class Entries:
    """Admittance entries in per unit: current into terminal `row` per voltage at node `column`, times two states."""

    row: IntArray
    column: IntArray
    value: ComplexArray
    state_a: IntArray
    state_b: IntArray


@dataclass(frozen=True)
class Terminals:
    """The ungrounded terminal conductors of all elements, element by element.

    `element` indexes `Network.elements`; `side` counts the element's terminals from 1; `node` is where the conductor is tied.
    """

    element: IntArray
    side: IntArray
    node: IntArray


def node_base_kv(feeder: Feeder, kv_ll: float) -> float:
    """Voltage base of a node, line-to-neutral but in a single-phase equivalent [kV]."""
    return kv_ll if feeder.single_phase_equivalent else kv_ll / SQRT3


def base_current_a(feeder: Feeder, node_kv: FloatArray) -> FloatArray:
    """Current of one per unit at voltage bases, (node,) [A]; that of one phase in a single-phase equivalent."""
    # the one node of an equivalent carries three phases at their line-to-line voltage
    n_currents = SQRT3 if feeder.single_phase_equivalent else 1.0
    return S_BASE_KVA / node_kv / n_currents


def base_ohm_at(kv: Any) -> Any:
    """Impedance of one per unit at a voltage base [ohm]."""
    return kv**2 * 1e3 / S_BASE_KVA


def make_primitives(
    feeder: Feeder, states: StateLayout
) -> Iterator[tuple[tuple[ElementKind, str], Primitive]]:
    """Every element with an admittance, with its primitive; series impedances are raised to the smallest that can be carried."""
    smallest_pu = smallest_impedance_pu(feeder)
    kv = {bus.name: node_base_kv(feeder, bus.kv_ll) for bus in feeder.buses}
    for k, line in enumerate(feeder.lines):
        smallest_ohm = smallest_pu * base_ohm_at(kv[line.from_bus])
        closed_state = states.lines.start + k
        primitive = line_primitive(
            line, feeder.frequency_hz, closed_state, smallest_ohm
        )
        yield ("line", line.name), primitive
    for k, transformer in enumerate(feeder.transformers):
        first_tap_state = int(states.first_winding[k])
        primitive = transformer_primitive(transformer, first_tap_state, smallest_pu)
        yield ("transformer", transformer.name), primitive
    for k, capacitor in enumerate(feeder.capacitors):
        primitive = capacitor_primitive(capacitor, states.capacitors.start + k)
        yield ("capacitor", capacitor.name), primitive
    for shunt in feeder.shunts:
        yield ("shunt", shunt.name), shunt_primitive(shunt)
    for source in feeder.sources:
        smallest_ohm = smallest_pu * base_ohm_at(kv[source.bus])
        # an ideal source has no admittance; it keeps its place, since results name every element
        primitive = Primitive((), ())
        if not is_ideal(source):
            primitive = source_primitive(source, smallest_ohm)
        yield ("source", source.name), primitive


def assemble(
    primitives: tuple[Primitive, ...],
    node_index: dict[tuple[str, int], int],
    node_kv: FloatArray,
) -> tuple[Terminals, Entries]:
    """Stack the primitives in per unit, leaving out grounded conductors."""
    terminal_rows: list[tuple[int, int, int]] = []
    entry_rows: list[tuple[int, int, int, int]] = []
    values_s: list[complex] = []
    for element, primitive in enumerate(primitives):
        terminal_of = {}
        for k, conductor in enumerate(primitive.conductors):
            # ground is no node: what it carries is what all other conductors carry together
            if conductor.node != 0:
                terminal_of[k] = len(terminal_rows)
                node = node_index[conductor.bus, conductor.node]
                terminal_rows.append((element, conductor.terminal, node))
        for entry in primitive.entries:
            row = terminal_of.get(entry.row)
            column = terminal_of.get(entry.column)
            if row is not None and column is not None:
                node = terminal_rows[column][2]
                entry_rows.append((row, node, entry.state_a, entry.state_b))
                values_s.append(entry.value_s)
    terminals = Terminals(*_columns(terminal_rows, 3))
    row, column, state_a, state_b = _columns(entry_rows, 4)
    # a current at one voltage base per voltage at another
    base = node_kv[terminals.node[row]] * node_kv[column] * 1e3 / S_BASE_KVA
    value = np.array(values_s, dtype=np.complex128) * base
    return terminals, Entries(row, column, value, state_a, state_b)


def _columns(rows: list[tuple[int, ...]], count: int) -> IntArray:
    """Rows of `count` integers as contiguous columns, (column, row)."""
    table = np.array(rows, dtype=np.int64).reshape(-1, count)
    return np.ascontiguousarray(table.T)


def source_currents(
    feeder: Feeder, source_nodes: IntArray, node_kv: FloatArray
) -> ComplexArray:
    """Norton current (or, if ideal, voltage) of the sources at one per unit of each of their voltages, (node, source node)."""
    current = np.zeros((len(node_kv), len(source_nodes)), dtype=complex)
    first = 0
    for source in feeder.sources:
        columns = np.arange(first, first + len(source.nodes))
        nodes = source_nodes[columns]
        block = _current_of_source(feeder, source, node_kv[nodes])
        # sources meet in the network alone
        current[np.ix_(nodes, columns)] = block
        first += len(nodes)
    return current


def _current_of_source(
    feeder: Feeder, source: Source, base_kv: FloatArray
) -> ComplexArray:
    """The same between the nodes of one source, (node, node) [pu]."""
    kv = node_base_kv(feeder, source.kv_ll)
    angles_rad = np.radians(source.angles_deg)
    phasors: ComplexArray = np.exp(1j * angles_rad).astype(complex)
    voltage: ComplexArray = np.diag(kv / base_kv * phasors)
    if is_ideal(source):
        return voltage
    # the same floor as in the matrix: another impedance here would be a load of its own
    smallest_ohm = smallest_impedance_pu(feeder) * base_ohm_at(float(base_kv[0]))
    admittance_s = source_primitive(source, smallest_ohm).matrix_s([1.0])
    admittance_pu = admittance_s * np.outer(base_kv, base_kv) * 1e3 / S_BASE_KVA
    return admittance_pu @ voltage
