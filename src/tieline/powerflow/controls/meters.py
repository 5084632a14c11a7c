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
from tieline.network.devices import GROUND
from tieline.network.network import Network
from tieline.powerflow.kernel.compiled import leaf
from tieline.powerflow.kernel.lanes import load, root, spread, store
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

NETWORKS_KEPT = 16
"""Networks whose meters are remembered: a study works on a few at a time."""

Term = tuple[int, complex, int, int]
"""Node, coefficient, and two states, as in the admittance entries."""

Phasor = list[Term]
Reading = list[Phasor]
"""One phasor, or voltage and current of one conductor after the other."""


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
        return self._replace(
            node=rank[self.node], value=value, a=column[self.a], b=column[self.b]
        )


@lru_cache(maxsize=NETWORKS_KEPT)
def meters_of(network: Network) -> Meters:
    """The readings of all controls: the compensated voltage of each regulator [V], then of each capacitor control the voltage [V]
    and what it acts on [V, A or kvar], then of each reversible regulator the voltage as compensated in reverse [V] and the active
    power into its winding [kW]; all on the secondary side, but for powers.
    """
    regulators = network.feeder.regulators
    readings: list[Reading] = []
    for k, regulator in enumerate(regulators):
        z_v = complex(regulator.r_v, regulator.x_v)
        readings.append([_compensated_voltage(network, k, z_v)])
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


def _compensated_voltage(network: Network, k: int, z_v: complex) -> Phasor:
    """V / pt_ratio + z I / ct_primary of regulator k [V], without I where the voltage is that of a remote bus."""
    table = network.regulators
    regulator = network.feeder.regulators[k]
    plus = int(table.plus[k])
    minus = int(table.minus[k])
    scale = complex(network.node_kv[plus] * 1e3 / regulator.pt_ratio)
    phasor: Phasor = [(plus, scale, 0, 0)]
    if minus != GROUND:
        phasor.append((minus, -scale, 0, 0))
    # the current flows into the winding, hence the drop is added
    drop = z_v / regulator.ct_primary_a * network.node_base_a[plus]
    if drop != 0 and not table.is_remote[k]:
        phasor += _current(network, int(table.terminal[k]), drop)
    return phasor


def _reverse_readings(network: Network, k: int) -> list[Reading]:
    """The two further readings of reversible regulator k."""
    regulator = network.feeder.regulators[k]
    z_v = complex(regulator.reverse_r_v, regulator.reverse_x_v)
    element = network.terminals.element
    side = network.terminals.side
    terminal = int(network.regulators.terminal[k])
    is_winding = (element == element[terminal]) & (side == side[terminal])
    # the reactive power of voltages turned by 90 degrees is the active power
    turned = complex(0.0, S_BASE_KVA)
    power = _power(network, np.flatnonzero(is_winding), turned)
    return [[_compensated_voltage(network, k, z_v)], power]


def _capacitor_readings(network: Network, k: int) -> list[Reading]:
    """The two readings of capacitor control k."""
    table = network.capacitor_controls
    terminals = table.terminals[k]
    terminal = int(terminals[table.conductor[k]])
    node = int(network.terminals.node[terminal])
    scale = network.node_kv[node] * 1e3 / table.pt_ratio[k]
    volt = _voltage(network, terminal, scale)
    opposite = table.opposite[k]
    if opposite != TO_GROUND:
        far_terminal = int(terminals[opposite])
        volt += _voltage(network, far_terminal, -scale)
    kind = table.kind[k]
    if kind == CURRENT:
        ampere = network.node_base_a[node] / table.ct_ratio[k]
        current = _current(network, terminal, ampere)
        return [[volt], [current]]
    if kind == KVAR:
        return [[volt], _power(network, terminals, S_BASE_KVA)]
    return [[volt], [volt]]


def _power(network: Network, terminals: IntArray, scale: complex) -> Reading:
    """Voltage, times `scale`, and current of each of some terminal conductors in turn."""
    reading: Reading = []
    for terminal in map(int, terminals):
        reading.append(_voltage(network, terminal, scale))
        reading.append(_current(network, terminal, 1.0))
    return reading


def _voltage(network: Network, terminal: int, scale: complex) -> Phasor:
    """Voltage at a terminal conductor, times `scale`."""
    node = int(network.terminals.node[terminal])
    return [(node, complex(scale), 0, 0)]


def _current(network: Network, terminal: int, scale: complex) -> Phasor:
    """Current into a terminal conductor [pu], times `scale`."""
    entries = network.entries
    phasor: Phasor = []
    for k in np.flatnonzero(entries.row == terminal):
        coefficient = complex(entries.value[k] * scale)
        node = int(entries.column[k])
        state_a = int(entries.state_a[k])
        state_b = int(entries.state_b[k])
        phasor.append((node, coefficient, state_a, state_b))
    return phasor


@leaf
def read_meters(vr, vi, state, meters, re, im, readings, changes):
    """Readings of every lane at its voltages and states, (reading, LANES).

    `re`, `im` hold the phasors, or complex powers, of the call before and take those of now; `changes` takes how far these lie
    apart.
    """
    for reading in range(len(meters.is_power)):
        first = meters.phasor_start[reading]
        if meters.is_power[reading]:
            last = meters.phasor_start[reading + 1]
            zr, zi = _complex_power(vr, vi, state, meters, first, last)
            store(readings, reading, zi)
        else:
            zr, zi = _phasor(vr, vi, state, meters, first)
            store(readings, reading, root(zr * zr + zi * zi))
        # a reading alone does not tell how far the voltages have come: it may be the same by chance
        change_r = zr - load(re, reading)
        change_i = zi - load(im, reading)
        store(changes, reading, root(change_r * change_r + change_i * change_i))
        store(re, reading, zr)
        store(im, reading, zi)


@leaf
def _complex_power(vr, vi, state, meters, first, last):
    """Real and imaginary part of the sum of u conj(i) over pairs of phasors in every lane."""
    p = spread(0.0)
    q = spread(0.0)
    for phasor in range(first, last, 2):
        ur, ui = _phasor(vr, vi, state, meters, phasor)
        ir, ii = _phasor(vr, vi, state, meters, phasor + 1)
        p = p + ur * ir + ui * ii
        q = q + ui * ir - ur * ii
    return p, q


@leaf
def _phasor(vr, vi, state, meters, phasor):
    """Real and imaginary part of a phasor in every lane."""
    zr = spread(0.0)
    zi = spread(0.0)
    for t in range(meters.term_start[phasor], meters.term_start[phasor + 1]):
        node = meters.node[t]
        ur = load(vr, node)
        ui = load(vi, node)
        value = meters.value[t]
        factor = load(state, meters.a[t]) * load(state, meters.b[t])
        cr = spread(value.real) * factor
        ci = spread(value.imag) * factor
        zr = zr + cr * ur - ci * ui
        zi = zi + cr * ui + ci * ur
    return zr, zi
