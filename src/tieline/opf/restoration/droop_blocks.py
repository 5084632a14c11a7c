"""Rows of the droop laws: one frequency for all units, and of |V| = V* - n (q - q*) =: y the convex hull.

    f + m p = f* + m p*,       y^2 <= v <= chord(q),      v = |V|^2

The paper has the cone y^2 <= v alone. It is open upwards: as losses fall with voltage, v rises to its highest limit and the law
is lost. The curve v = y(q)^2 is convex, so that what lies between it and its chord over -q_max .. q_max is its convex hull. A
stiff unit, n = 0, has v = V*^2.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.devices import DroopUnits
from tieline.devices.droop_unit import KILO
from tieline.opf.cones.blocks import Block, interleave, interleave_right
from tieline.opf.restoration.columns import Columns
from tieline.opf.restoration.model_network import ModelNetwork
from tieline.opf.restoration.unit_blocks import between
from tieline.opf.socp.rows import Space
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA

DROOP_CONE = "droop of voltage"
"""Name of the block that is an equality before it is relaxed."""


def droop_blocks(
    units: DroopUnits, model: ModelNetwork, columns: Columns, has_chord: bool
) -> Iterator[Block]:
    """Laws of all units; without the chord as the paper has it."""
    nominal_hz = model.network.feeder.frequency_hz
    yield from _frequency(units, columns, nominal_hz)
    law = units.settings
    v = columns.space.v[:, model.unit]
    slope = law.v_droop_pu_per_mvar * S_BASE_KVA / KILO
    is_stiff = slope == 0
    stiff = np.flatnonzero(is_stiff)
    held = columns.space.rows([(v[:, stiff], 1.0)])
    square = np.tile(law.v_set_pu[stiff] ** 2, columns.steps)
    yield Block(held, square, "zero", "voltage of droop units")
    bent = np.flatnonzero(~is_stiff)
    # y = at_zero - slope q
    at_zero = law.v_pu(np.zeros(len(slope)))
    q = columns.unit_q[:, bent]
    line = at_zero[bent], slope[bent]
    yield _cone(columns.space, v[:, bent], q, *line)
    if has_chord:
        q_max = units.q_max_kvar[bent] / S_BASE_KVA
        yield _chord(columns.space, v[:, bent], q, q_max, *line)


def chord(
    at_zero: FloatArray, slope: FloatArray, q_max: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Value at q = 0 and slope by q of the straight line through (at_zero - slope q)^2 at -q_max and q_max."""
    # a^2 - 2 a n q + n^2 q^2, whose last term is n^2 q_max^2 at both ends
    return at_zero**2 + (slope * q_max) ** 2, -2 * at_zero * slope


def _frequency(
    units: DroopUnits, columns: Columns, nominal_hz: float
) -> Iterator[Block]:
    law = units.settings
    space = columns.space
    hz_per_pu = law.f_droop_hz_per_mw * S_BASE_KVA / KILO
    frequency = np.broadcast_to(columns.frequency, columns.unit_q.shape)
    rows = space.rows([(frequency, 1.0), (columns.unit_p[1:], hz_per_pu)])
    no_load_hz = law.f_set_hz - nominal_hz + hz_per_pu * law.p_set_kw / S_BASE_KVA
    right = np.tile(no_load_hz, columns.steps)
    yield Block(rows, right, "zero", "droop of frequency")
    # 0 Hz is how no limit is stated, and nothing that a solver should scale by
    is_low = units.f_low_hz > 0
    low_hz = np.where(is_low, units.f_low_hz - nominal_hz, -np.inf)
    high_hz = units.f_high_hz - nominal_hz
    yield from between(
        "frequency", space, columns.frequency, low_hz.max(), high_hz.min()
    )


def _cone(
    space: Space, v: IntArray, q: IntArray, at_zero: FloatArray, slope: FloatArray
) -> Block:
    """|(2 y, v - 1)| <= v + 1."""
    n_steps = len(v)
    above = space.rows([(v, -1.0)])
    line = space.rows([(q, 2 * slope)])
    ones = np.ones(v.size)
    constant = np.tile(2 * at_zero, n_steps)
    matrix = interleave([above, line, above])
    right = interleave_right([ones, constant, -ones])
    return Block(matrix, right, "second order", DROOP_CONE, size=3)


def _chord(
    space: Space,
    v: IntArray,
    q: IntArray,
    q_max: FloatArray,
    at_zero: FloatArray,
    slope: FloatArray,
) -> Block:
    chord_at_zero, chord_slope = chord(at_zero, slope, q_max)
    rows = space.rows([(v, 1.0), (q, -chord_slope)])
    right = np.tile(chord_at_zero, len(v))
    return Block(rows, right, "nonnegative", "chord of voltage droop")
