"""Meters: the readings of all controls in compiled code, LANES scenarios at a time.

What is read stands in `readings`; each reading is the magnitude of a phasor or a power, from phasors that are sums of terms

    coefficient * state[a] * state[b] * v[node].
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.controls.readings import NETWORKS_KEPT, readings_of
from tieline.powerflow.kernel.compiled import leaf
from tieline.powerflow.kernel.lanes import load, root, spread, store
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray


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
    """The meters of all controls, in the order of `readings_of`."""
    sheet = readings_of(network)
    phasors = [phasor for reading in sheet.readings for phasor in reading]
    terms = [term for phasor in phasors for term in phasor]
    node, value, a, b = zip(*terms, strict=True) if terms else ((), (), (), ())
    return Meters(
        _starts([len(reading) for reading in sheet.readings]),
        np.array(sheet.is_power, dtype=bool),
        _starts([len(phasor) for phasor in phasors]),
        np.array(node, dtype=np.int64),
        np.array(value, dtype=np.complex128),
        np.array(a, dtype=np.int64),
        np.array(b, dtype=np.int64),
    )


def _starts(lengths: list[int]) -> IntArray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


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
