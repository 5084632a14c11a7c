"""What regulators and capacitor controls measure, LANES scenarios at a time.

Every phasor on the secondary side of a meter is linear in the node voltages,

    z = sum of coefficient * state[a] * state[b] * v[node],

be it a voltage, a current or the voltage that a line-drop compensator makes of both. A reading is the magnitude of a phasor, or
the reactive power of pairs of them, voltage and current of one conductor after the other; with the voltages turned by 90 degrees
that is the active power.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tieline.network.capacitor_controls import CURRENT, KVAR, TO_GROUND
from tieline.network.network import Network
from tieline.powerflow.kernel.compiled import leaf
from tieline.powerflow.kernel.lanes import load, root, spread, store
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

NETWORKS_KEPT = 16
"""Networks whose meters are remembered: a study works on a few at a time."""

Term = tuple[int, complex, int, int]
"""Node, coefficient, and two states, as in the admittance entries."""


class Meters(NamedTuple):
    """Phasors and the readings made of them.

    The phasors of a reading begin at `phasor_start` (reading + 1,), the terms of a phasor at `term_start` (phasor + 1,).
    `is_power` (reading,) tells reactive powers from magnitudes. `node`, `value`, `a`, `b` (term,) are the terms; nodes and states
    are those of the network, or in compiled code elimination steps and rows of the states of the lanes.
    """

    phasor_start: IntArray
    is_power: BoolArray
    term_start: IntArray
    node: IntArray
    value: ComplexArray
    a: IntArray
    b: IntArray

    def at(self, rank: IntArray, column: IntArray, fixed: FloatArray) -> Meters:
        """The same for compiled code.

        Args:
            rank: elimination step of each node, (node,).
            column: row of each varying state in the states of the lanes, 0 for the others, (state,).
            fixed: value of each state that does not vary, 1 for the others, (state,).
        """
        value = self.value * fixed[self.a] * fixed[self.b]
        return self._replace(node=rank[self.node], value=value, a=column[self.a], b=column[self.b])


@lru_cache(maxsize=NETWORKS_KEPT)
def meters_of(network: Network) -> Meters:
    """The readings of all controls: the compensated voltage of each regulator [V], then of each capacitor control the voltage [V]
    and what it acts on [V, A or kvar], then of each reversible regulator the voltage as compensated in reverse [V] and the active
    power into its winding [kW]; all on the secondary side, but for powers.
    """
    regulators = network.feeder.regulators
    readings = [
        [_compensated_voltage(network, k, complex(r.r_v, r.x_v))] for k, r in enumerate(regulators)
    ]
    is_power = [False] * len(readings)
    for k, kind in enumerate(network.capacitor_controls.kind):
        readings += _capacitor_readings(network, k)
        is_power += [False, bool(kind == KVAR)]
    for k, regulator in enumerate(regulators):
        if regulator.reverse_mode != "none":
            readings += _reverse_readings(network, k)
            is_power += [False, True]
    phasors = [phasor for reading in readings for phasor in reading]
    terms = [term for phasor in phasors for term in phasor]
    node, value, a, b = zip(*terms, strict=True) if terms else ((), (), (), ())
    return Meters(
        _starts([len(reading) for reading in readings]),
        np.array(is_power, dtype=bool),
        _starts([len(phasor) for phasor in phasors]),
        np.array(node, dtype=np.int64),
        np.array(value, dtype=np.complex128),
        np.array(a, dtype=np.int64),
        np.array(b, dtype=np.int64),
    )


def _starts(lengths: list[int]) -> IntArray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _compensated_voltage(network: Network, k: int, z_v: complex) -> list[Term]:
    """V / pt_ratio + z I / ct_primary of regulator k [V], without I where the voltage is that of a remote bus."""
    table, regulator = network.regulators, network.feeder.regulators[k]
    plus, minus = int(table.plus[k]), int(table.minus[k])
    volt = network.node_kv[plus] * 1e3 / regulator.pt_ratio
    ends = [(plus, volt), (minus, -volt)] if minus >= 0 else [(plus, volt)]
    drop = z_v / regulator.ct_primary_a * network.node_base_a[plus]
    terms = [(node, complex(value), 0, 0) for node, value in ends]
    return (
        terms
        if table.is_remote[k] or drop == 0
        else terms + _current(network, int(table.terminal[k]), drop)
    )


def _reverse_readings(network: Network, k: int) -> list[list[list[Term]]]:
    """Phasors of the two further readings of reversible regulator k."""
    regulator = network.feeder.regulators[k]
    volt = _compensated_voltage(network, k, complex(regulator.reverse_r_v, regulator.reverse_x_v))
    element, side = network.terminals.element, network.terminals.side
    mine = int(network.regulators.terminal[k])
    winding = np.flatnonzero((element == element[mine]) & (side == side[mine]))
    turned = complex(0.0, S_BASE_KVA)
    return [
        [volt],
        [
            z
            for t in winding
            for z in (_voltage(network, int(t), turned), _current(network, int(t), 1.0))
        ],
    ]


def _capacitor_readings(network: Network, k: int) -> list[list[list[Term]]]:
    """Phasors of the two readings of capacitor control k."""
    table = network.capacitor_controls
    terminals = [int(terminal) for terminal in table.terminals[k]]
    mine = terminals[table.conductor[k]]
    node = int(network.terminals.node[mine])
    scale = network.node_kv[node] * 1e3 / table.pt_ratio[k]
    volt = _voltage(network, mine, scale)
    if table.opposite[k] != TO_GROUND:
        volt += _voltage(network, terminals[table.opposite[k]], -scale)
    if table.kind[k] == CURRENT:
        return [[volt], [_current(network, mine, network.node_base_a[node] / table.ct_ratio[k])]]
    if table.kind[k] == KVAR:
        return [
            [volt],
            [
                z
                for t in terminals
                for z in (_voltage(network, t, S_BASE_KVA), _current(network, t, 1.0))
            ],
        ]
    return [[volt], [volt]]


def _voltage(network: Network, terminal: int, scale: complex) -> list[Term]:
    """Voltage at a terminal conductor, times `scale`."""
    return [(int(network.terminals.node[terminal]), complex(scale), 0, 0)]


def _current(network: Network, terminal: int, scale: complex) -> list[Term]:
    """Current into a terminal conductor [pu], times `scale`."""
    e = network.entries
    return [
        (int(e.column[k]), complex(e.value[k] * scale), int(e.state_a[k]), int(e.state_b[k]))
        for k in np.flatnonzero(e.row == terminal)
    ]


@leaf
def read_meters(vr, vi, state, meters, re, im, readings, moved):
    """Readings of every lane at its voltages and states, (reading, LANES).

    `re`, `im` hold the phasors, or complex powers, of the call before and take those of now; `moved` says how far they lie apart.
    A reading alone does not tell how far the voltages have come: it may be the same by chance.
    """
    for reading in range(len(meters.is_power)):
        first, last = meters.phasor_start[reading], meters.phasor_start[reading + 1]
        zr, zi = spread(0.0), spread(0.0)
        if meters.is_power[reading]:
            for phasor in range(first, last, 2):
                ur, ui = _phasor(vr, vi, state, meters, phasor)
                ir, ii = _phasor(vr, vi, state, meters, phasor + 1)
                zr, zi = zr + ur * ir + ui * ii, zi + ui * ir - ur * ii
            store(readings, reading, zi)
        else:
            zr, zi = _phasor(vr, vi, state, meters, first)
            store(readings, reading, root(zr * zr + zi * zi))
        change_r, change_i = zr - load(re, reading), zi - load(im, reading)
        store(moved, reading, root(change_r * change_r + change_i * change_i))
        store(re, reading, zr)
        store(im, reading, zi)


@leaf
def _phasor(vr, vi, state, meters, phasor):
    """Real and imaginary part of a phasor in every lane."""
    zr, zi = spread(0.0), spread(0.0)
    for t in range(meters.term_start[phasor], meters.term_start[phasor + 1]):
        factor = load(state, meters.a[t]) * load(state, meters.b[t])
        cr, ci = spread(meters.value[t].real) * factor, spread(meters.value[t].imag) * factor
        ur, ui = load(vr, meters.node[t]), load(vi, meters.node[t])
        zr, zi = zr + cr * ur - ci * ui, zi + cr * ui + ci * ur
    return zr, zi
