"""Primitive admittance of each network element, in siemens: which current flows into each terminal conductor at which node
voltages.

Lines are pi sections. Transformers are built winding by winding on a one-volt base and then connected: leakage and resistance
give the admittance of the short-circuit network, an incidence of wye or delta ends puts it between conductors (W. H. Kersting
and R. C. Dugan, "Recommended practices for distribution system analysis", IEEE PSCE 2006; R. C. Dugan and S. Santoso, "An
example of 3-phase transformer modeling for distribution system analysis", IEEE PES T&D 2003). Left out: frequency dependence,
saturation, zero-sequence paths through the core of three-legged units.

Impedances smaller than what double precision carries are raised to that (`feeders.smallest`): the voltages at the ends of a
conductor of 1e-10 ohm agree in all digits that there are, and the current is in those that there are not.

An entry may depend on states that a study changes (a tap, a line's position, a capacitor's steps). It is then stored as
`value * state[a] * state[b]`, so any combination of states is a sum over entries; state 0 is the constant one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from tieline.feeders.connections import Pair, phase_pairs
from tieline.feeders.elements import (
    Capacitor,
    Line,
    OpenEnd,
    Shunt,
    Source,
    Transformer,
    Winding,
)
from tieline.feeders.windings import delta_direction
from tieline.typing import ComplexArray
from tieline.units import S_BASE_KVA, SQRT3

ALWAYS_ONE = 0
"""Index of the constant state."""


@dataclass(frozen=True, slots=True)
class Conductor:
    """One terminal conductor of an element: terminal 1, 2, ... at `bus`, node number `node` (0 = ground)."""

    terminal: int
    bus: str
    node: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Admittance [S] from the voltage at conductor `column` to the current into conductor `row`, times state[a] and state[b]."""

    row: int
    column: int
    value_s: complex
    state_a: int = ALWAYS_ONE
    state_b: int = ALWAYS_ONE


@dataclass(frozen=True, slots=True)
class Primitive:
    """The conductors of one element and the admittance entries between them."""

    conductors: tuple[Conductor, ...]
    entries: tuple[Entry, ...]

    def matrix_s(self, state: ComplexArray | list[float]) -> ComplexArray:
        """The primitive admittance matrix at the given states, (conductor, conductor) [S]."""
        size = len(self.conductors)
        matrix = np.zeros((size, size), dtype=complex)
        for entry in self.entries:
            factor = state[entry.state_a] * state[entry.state_b]
            matrix[entry.row, entry.column] += entry.value_s * factor
        return matrix


def line_primitive(
    line: Line, frequency_hz: float, closed_state: int, smallest_ohm: float = 0.0
) -> Primitive:
    """Pi section of a line or switch; its entries are multiplied by its closed state.

    A line that is open at one end only has the admittance K of an open cable while it is open: its entries are (Y - K) times the
    closed state, plus K.
    """
    conductors = [Conductor(1, line.from_bus, node) for node in line.from_nodes]
    conductors += [Conductor(2, line.to_bus, node) for node in line.to_nodes]
    series, shunt = line_admittances_s(line, frequency_hz, smallest_ohm)
    half_shunt = shunt / 2
    closed_s = _pi_section_s(series, half_shunt)
    # nearly all lines are open at both ends when they are open, and then are nothing
    if line.open_end == "both":
        entries = list(_nonzero_entries(closed_s, closed_state))
        return Primitive(tuple(conductors), tuple(entries))
    open_s = _open_line_s(series, half_shunt, line.open_end)
    entries = [
        *_nonzero_entries(closed_s - open_s, closed_state),
        *_nonzero_entries(open_s, ALWAYS_ONE),
    ]
    return Primitive(tuple(conductors), tuple(entries))


def _pi_section_s(series: ComplexArray, half: ComplexArray) -> ComplexArray:
    """Primitive admittance of a closed line, (conductor, conductor) [S]."""
    size = len(series)
    admittance = np.empty((2 * size, 2 * size), dtype=complex)
    # filled in place: `np.block` takes five times as long, once for every line
    admittance[:size, :size] = series + half
    admittance[size:, size:] = series + half
    admittance[:size, size:] = -series
    admittance[size:, :size] = -series
    return admittance


def _open_line_s(
    series: ComplexArray, half: ComplexArray, open_end: OpenEnd
) -> ComplexArray:
    """Primitive admittance of an open line, (conductor, conductor) [S]: at the end that is not open, half its capacitance and,
    behind its series impedance, the other half: B + S (S + B)^-1 B.
    """
    size = len(series)
    admittance = np.zeros((2 * size, 2 * size), dtype=complex)
    charging = half + series @ np.linalg.solve(series + half, half)
    if open_end == "from":
        admittance[size:, size:] = charging
    else:
        admittance[:size, :size] = charging
    return admittance


def _nonzero_entries(matrix_s: ComplexArray, state: int) -> Iterator[Entry]:
    rows, columns = np.nonzero(matrix_s)
    values = matrix_s[rows, columns].tolist()
    places = zip(rows.tolist(), columns.tolist(), values, strict=True)
    for row, column, value in places:
        yield Entry(row, column, value, state)


def line_admittances_s(
    line: Line, frequency_hz: float, smallest_ohm: float = 0.0
) -> tuple[ComplexArray, ComplexArray]:
    """Series admittance and total shunt admittance of a line, (conductor, conductor) each [S]; `smallest_ohm` as for
    `inverse_of`.
    """
    code = line.code
    r_ohm_per_km = np.array(code.r_ohm_per_km)
    x_ohm_per_km = np.array(code.x_ohm_per_km)
    z_ohm = (r_ohm_per_km + 1j * x_ohm_per_km) * line.impedance_factor
    c_farad_per_km = np.array(code.c_nf_per_km) * 1e-9
    angular_frequency = 2 * math.pi * frequency_hz
    shunt_s = 1j * angular_frequency * c_farad_per_km * line.impedance_factor
    return inverse_of(z_ohm, smallest_ohm), shunt_s.astype(np.complex128)


def inverse_of(z: ComplexArray, smallest: float) -> ComplexArray:
    """Admittance matrix of an impedance matrix. Where a current would meet less than `smallest` on its way, that much resistance
    is put in series with every conductor: none of them sees more than that of a difference, and no two impedances can cancel.
    """
    admittance = np.linalg.inv(z).astype(np.complex128)
    largest = np.abs(admittance).max()
    if largest * smallest <= 1.0:
        return admittance
    raised = z + smallest * np.eye(len(z))
    return np.linalg.inv(raised).astype(np.complex128)


def transformer_primitive(
    transformer: Transformer, first_tap_state: int, smallest_pu: float = 0.0
) -> Primitive:
    """Transformer of any connection; 1/tap of winding w is state `first_tap_state + w`."""
    windings = transformer.windings
    conductors: list[Conductor] = []
    position: dict[tuple[int, int], int] = {}
    for w, winding in enumerate(windings):
        for node in winding.nodes:
            position[w, node] = len(conductors)
            conductors.append(Conductor(w + 1, winding.bus, node))
    direction = delta_direction(transformer)
    pairs = [
        # the delta of two phases is open: it has no third branch
        phase_pairs(winding.nodes, winding.connection, direction)[: transformer.phases]
        for winding in windings
    ]
    unshifted = winding_admittance_s(transformer, smallest_pu)
    admittance = unshifted * _phase_shift(transformer)
    entries: list[Entry] = []
    for i, j in np.ndindex(admittance.shape):
        value = complex(admittance[i, j])
        # a turns ratio divides the admittance once on the side of each of the two windings
        states = (first_tap_state + i, first_tap_state + j)
        for phase in range(transformer.phases):
            # only windings of the same phase share a core leg, hence a flux
            for row, column, sign in _couplings(pairs[i][phase], pairs[j][phase]):
                ends = (position[i, row], position[j, column])
                entries.append(Entry(*ends, sign * value, *states))
    entries += _antifloat_entries(transformer, pairs, position)
    return Primitive(tuple(conductors), tuple(entries))


def winding_admittance_s(
    transformer: Transformer, smallest_pu: float = 0.0
) -> ComplexArray:
    """Admittance between the windings of one phase at rated taps, (winding, winding) [S]; `smallest_pu` as for `inverse_of`, in
    per unit of `S_BASE_KVA`.

    The leakage network of n windings is an impedance between winding 1 and each other one; its mutual terms follow from the
    measured pairs: Z_ij = R_1 + j (X_1i + X_1j - X_ij) / 2. No-load loss and magnetising current sit on the first two windings,
    as the transformer says.
    """
    unit = transformer
    count = len(unit.windings)
    va_per_phase = _va_per_phase(unit)
    leakage = _leakage_impedance_pu(unit) / va_per_phase
    smallest = smallest_pu / (S_BASE_KVA * 1e3)
    # currents of all windings add up to nothing: winding 1 carries what the others do, backwards
    n_others = count - 1
    incidence = np.hstack([np.ones((n_others, 1)), -np.eye(n_others)])
    one_volt = incidence.T @ inverse_of(leakage, smallest) @ incidence
    first_core = complex(unit.first_noload_loss_pct, -unit.first_magnetizing_pct)
    second_core = complex(unit.noload_loss_pct, -unit.magnetizing_pct)
    one_volt[0, 0] += first_core / 100 * va_per_phase
    one_volt[1, 1] += second_core / 100 * va_per_phase
    volts = [winding_volt(unit, winding) for winding in unit.windings]
    per_volt = 1 / np.array(volts)
    return one_volt * np.outer(per_volt, per_volt)


def _va_per_phase(transformer: Transformer) -> float:
    """Base of the data in percent [VA]: the rating of the first winding, each phase its part."""
    return transformer.windings[0].kva * 1e3 / transformer.phases


def _leakage_impedance_pu(transformer: Transformer) -> ComplexArray:
    """Between winding 1 and each other one, with their mutual terms, (winding - 1, winding - 1)."""
    count = len(transformer.windings)
    r_pu = np.array([winding.r_pct for winding in transformer.windings]) / 100
    # x_pct lists the pairs row by row of the upper triangle: 12, 13, ..., 23, ...
    upper_x_pu = np.zeros((count, count))
    upper_triangle = np.triu_indices(count, 1)
    upper_x_pu[upper_triangle] = np.array(transformer.x_pct) / 100
    x_pu = upper_x_pu + upper_x_pu.T
    x_to_first = x_pu[0, 1:]
    x_sum = x_to_first[:, None] + x_to_first[None, :]
    x_mutual = (x_sum - x_pu[1:, 1:]) / 2
    # winding 1 carries the current of every other one: its resistance is in all places
    r_mutual = r_pu[0] + np.diag(r_pu[1:])
    return r_mutual + 1j * x_mutual


def winding_volt(transformer: Transformer, winding: Winding) -> float:
    """Rated voltage across one phase of a winding [V]."""
    volt = winding.kv * 1e3
    # data sheets give a wye of several phases by the voltage between them
    is_between_phases = transformer.phases > 1 and winding.connection == "wye"
    return volt / SQRT3 if is_between_phases else volt


def _phase_shift(transformer: Transformer) -> ComplexArray:
    """Rotation of each winding-to-winding entry for a shift that no connection explains (single-phase equivalents)."""
    angle = np.zeros(len(transformer.windings))
    angle[0] = math.radians(transformer.shift_deg)
    between = angle[:, None] - angle[None, :]
    return np.exp(1j * between).astype(np.complex128)


def _couplings(row_pair: Pair, column_pair: Pair) -> Iterator[tuple[int, int, int]]:
    """Row, column and sign of the four entries that one admittance makes: current goes in at the first node of a pair and comes
    out at the second, driven by the voltage from the first to the second of the other.
    """
    row_in, row_out = row_pair
    column_in, column_out = column_pair
    yield row_in, column_in, 1
    yield row_in, column_out, -1
    yield row_out, column_in, -1
    yield row_out, column_out, 1


def _antifloat_entries(
    transformer: Transformer,
    pairs: list[list[Pair]],
    position: dict[tuple[int, int], int],
) -> Iterator[Entry]:
    """Half of the anti-float shunt of a winding to ground at each of its two ends, and once more at the neutral of a wye (as
    OpenDSS does).
    """
    va_per_phase = _va_per_phase(transformer)
    antifloat_va = transformer.antifloat_ppm * 1e-6 * va_per_phase
    for w, winding in enumerate(transformer.windings):
        volt = winding_volt(transformer, winding)
        half = -0.5j * antifloat_va / volt**2
        # a node where two phases meet is in two pairs, and has both halves
        ends = list(chain.from_iterable(pairs[w]))
        if winding.connection == "wye":
            ends.append(winding.nodes[-1])
        for end in ends:
            place = position[w, end]
            yield Entry(place, place, half)


def capacitor_primitive(capacitor: Capacitor, in_state: int) -> Primitive:
    """Capacitor bank; every entry is multiplied by the share of its steps that are in."""
    pairs = phase_pairs(capacitor.nodes, capacitor.connection)
    across_kv = capacitor.kv
    if len(pairs) > 1 and capacitor.connection == "wye":
        across_kv /= SQRT3
    var_per_phase = capacitor.kvar / len(pairs) * 1e3
    susceptance = var_per_phase / (across_kv * 1e3) ** 2
    return _shunt_primitive(
        capacitor.bus, capacitor.nodes, pairs, 1j * susceptance, in_state
    )


def shunt_primitive(shunt: Shunt) -> Primitive:
    """Constant admittance that takes its P and Q at rated voltage."""
    pairs = phase_pairs(shunt.nodes, shunt.connection)
    conjugate_kva = complex(shunt.p_kw, -shunt.q_kvar)  # S* = Y |V|^2
    va_per_phase = conjugate_kva / len(pairs) * 1e3
    across_volt = shunt.kv * 1e3
    admittance = va_per_phase / across_volt**2
    return _shunt_primitive(shunt.bus, shunt.nodes, pairs, admittance, ALWAYS_ONE)


def _shunt_primitive(
    bus: str,
    nodes: tuple[int, ...],
    pairs: list[Pair],
    admittance_s: complex,
    state: int,
) -> Primitive:
    conductors = tuple(Conductor(1, bus, node) for node in nodes)
    position = {node: k for k, node in enumerate(nodes)}
    entries = []
    for pair in pairs:
        for row, column, sign in _couplings(pair, pair):
            ends = (position[row], position[column])
            entries.append(Entry(*ends, sign * admittance_s, state))
    return Primitive(conductors, tuple(entries))


def source_primitive(source: Source, smallest_ohm: float = 0.0) -> Primitive:
    """Thevenin impedance of a source that is not ideal, as an admittance to ground; `smallest_ohm` as for `inverse_of`."""
    conductors = tuple(Conductor(1, source.bus, node) for node in source.nodes)
    impedance = source_impedance_ohm(source)
    admittance = inverse_of(impedance, smallest_ohm)
    entries = []
    for i, j in np.ndindex(admittance.shape):
        entries.append(Entry(i, j, complex(admittance[i, j])))
    return Primitive(conductors, tuple(entries))


def source_impedance_ohm(source: Source) -> ComplexArray:
    """Impedance matrix of a source from its sequence values, (phase, phase) [ohm].

    From phase k to phase j, with a a turn of 120 degrees: (Z0 + a^(k-j) Z1 + a^(j-k) Z2) / 3. With Z2 = Z1 these are the self
    impedance (2 Z1 + Z0) / 3 and the mutual one (Z0 - Z1) / 3.
    """
    z1 = complex(source.r1_ohm, source.x1_ohm)
    z0 = complex(source.r0_ohm, source.x0_ohm)
    count = len(source.nodes)
    # one phase stands for three balanced ones, which see the positive sequence alone
    if count == 1:
        return np.array([[z1]])
    if source.r2_ohm is None and source.x2_ohm is None:
        mutual = np.full((count, count), (z0 - z1) / 3)
        return (mutual + z1 * np.eye(count)).astype(np.complex128)
    z2 = complex(source.r2_ohm or 0.0, source.x2_ohm or 0.0)
    place = np.arange(count)
    turn = np.exp(2j * math.pi / 3 * (place[None, :] - place[:, None]))
    return ((z0 + turn * z1 + np.conj(turn) * z2) / 3).astype(np.complex128)


def is_ideal(source: Source) -> bool:
    """True if the source holds its voltage whatever it delivers."""
    return source.r1_ohm == 0 and source.x1_ohm == 0
