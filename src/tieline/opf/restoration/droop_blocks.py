"""Rows of the droop laws: one frequency for all units, and of |V| = V* - n (q - q*) =: y the convex hull.

    f + m p = f* + m p*,       y^2 <= v <= chord(q),      v = |V|^2

The paper has the cone y^2 <= v alone. It is open upwards: as losses fall with voltage, v rises to its highest limit and the law
is lost. The curve v = y(q)^2 is convex, so that what lies between it and its chord over -q_max .. q_max is its convex hull. A
stiff unit, n = 0, has v = V*^2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tieline.devices import DroopUnits
from tieline.devices.droop_unit import KILO
from tieline.opf.cones.blocks import Block, interleave, interleave_right
from tieline.opf.restoration.columns import Columns
from tieline.opf.restoration.model_network import ModelNetwork
from tieline.opf.restoration.rows import Rows
from tieline.opf.socp.rows import Space
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA

DROOP_CONE = "droop of voltage"
"""Name of the block that is an equality before it is relaxed."""


def droop_blocks(
    units: DroopUnits, model: ModelNetwork, columns: Columns, has_chord: bool
) -> Iterator[Block]:
    """Laws of all units; without the chord as the paper has it."""
    rows = Rows(columns.space)
    nominal_hz = model.network.feeder.frequency_hz
    yield _frequency(rows, units, columns, nominal_hz)
    yield from _frequency_limits(rows, units, columns, nominal_hz)
    law = units.settings
    is_stiff = law.v_droop_pu_per_mvar == 0
    stiff = np.flatnonzero(is_stiff)
    v = columns.space.v[:, model.unit]
    square = law.v_set_pu[stiff] ** 2
    yield rows.equal("voltage of droop units", (v[:, stiff], 1.0), right=square)
    curve = Curve.of(units, np.flatnonzero(~is_stiff), v, columns.unit_q)
    yield _cone(columns.space, curve)
    if has_chord:
        yield _chord(rows, curve)


class Curve(NamedTuple):
    """y = at_zero - slope q of units that are not stiff, (unit,), and their columns, (step, unit).

    Attributes:
        v, q: squared voltage and reactive power [pu].
        at_zero, slope: of the law.
        q_max: largest |q| [pu].
    """

    v: IntArray
    q: IntArray
    at_zero: FloatArray
    slope: FloatArray
    q_max: FloatArray

    @classmethod
    def of(cls, units: DroopUnits, bent: IntArray, v: IntArray, q: IntArray) -> Curve:
        """Of some of the units."""
        law = units.settings
        per_pu = S_BASE_KVA / KILO
        at_zero = law.v_pu(np.zeros(len(units.names)))
        return cls(
            v=v[:, bent],
            q=q[:, bent],
            at_zero=at_zero[bent],
            slope=law.v_droop_pu_per_mvar[bent] * per_pu,
            q_max=units.q_max_kvar[bent] / S_BASE_KVA,
        )


def chord(
    at_zero: FloatArray, slope: FloatArray, q_max: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Value at q = 0 and slope by q of the straight line through (at_zero - slope q)^2 at -q_max and q_max."""
    # a^2 - 2 a n q + n^2 q^2, whose last term is n^2 q_max^2 at both ends
    return at_zero**2 + (slope * q_max) ** 2, -2 * at_zero * slope


def _frequency(
    rows: Rows, units: DroopUnits, columns: Columns, nominal_hz: float
) -> Block:
    law = units.settings
    hz_per_pu = law.f_droop_hz_per_mw * S_BASE_KVA / KILO
    p_set = law.p_set_kw / S_BASE_KVA
    no_load_hz = law.f_set_hz - nominal_hz + hz_per_pu * p_set
    # one frequency for all units
    frequency = np.broadcast_to(columns.frequency, columns.unit_q.shape)
    return rows.equal(
        "droop of frequency",
        (frequency, 1.0),
        (columns.unit_p.after, hz_per_pu),
        right=no_load_hz,
    )


def _frequency_limits(
    rows: Rows, units: DroopUnits, columns: Columns, nominal_hz: float
) -> Iterator[Block]:
    # 0 Hz is how no limit is stated, and nothing that a solver should scale by
    is_low = units.f_low_hz > 0
    low_hz = np.where(is_low, units.f_low_hz - nominal_hz, -np.inf)
    high_hz = units.f_high_hz - nominal_hz
    low = low_hz.max()
    high = high_hz.min()
    yield from rows.between("frequency", columns.frequency, low, high)


def _cone(space: Space, curve: Curve) -> Block:
    """|(2 y, v - 1)| <= v + 1."""
    above = space.rows([(curve.v, -1.0)])
    twice_slope = 2 * curve.slope
    line = space.rows([(curve.q, twice_slope)])
    matrix = interleave([above, line, above])
    one = np.ones(curve.v.size)
    twice_at_zero = 2 * curve.at_zero
    constant = np.tile(twice_at_zero, len(curve.v))
    right = interleave_right([one, constant, -one])
    return Block(
        matrix,
        right,
        "second order",
        DROOP_CONE,
        size=3,
    )


def _chord(rows: Rows, curve: Curve) -> Block:
    at_zero, slope = chord(curve.at_zero, curve.slope, curve.q_max)
    return rows.below(
        "chord of voltage droop",
        (curve.v, 1.0),
        (curve.q, -slope),
        right=at_zero,
    )
