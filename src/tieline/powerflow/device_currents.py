"""The currents of loads and DERs at given voltages, and their slopes, LANES scenarios at a time.

A point is a pair of nodes, or a node and ground, between which devices take current: i = (g - j b) v, where g + j b is their
power over |v|^2: constant for a constant impedance, falling with 1/|v| for a constant current and with 1/|v|^2 for constant
power. Devices at the same point are added up before the iteration begins.

The solver keeps the slope di/dv of every point at some operating voltage in its matrix and asks for what is left,
i - slope * v.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.compiled import inlined, leaf
from tieline.powerflow.lanes import LANES, inverse_above, load, root, spread, store
from tieline.typing import BoolArray, FloatArray, IntArray

DEAD_VOLTAGE_SQ = 1e-200
"""Where |v|^2 across it is less, a device takes no current. De-energised nodes are at zero exactly, so that this is no more than
a guard of the division: a voltage that collapses under a load must not free it of the load."""

CONSTANT_POWER_KIND, ZIP_KIND, BAND_KIND = 0, 1, 2
"""Cheapest first; a point is given the simplest kind that describes it."""

ROWS_OF_KIND = (2, 6, 2)
"""Rows of power a point has: P and Q; P and Q of constant impedance, current, power; P and Q at rated voltage."""

SLOPE_STEP = 1e-6
"""Relative step of the difference quotient that gives the slope of a load band, whose pieces meet in corners."""


class Points(NamedTuple):
    """Where devices take current, see `tieline.powerflow.points`; nodes are elimination steps.

    `into_plus`, `into_minus` are where the current goes, -1 for nowhere (ground, or a node whose voltage is held). `into`
    (point, 4) are the positions in the matrix that the slope of a point is added to: plus-plus, plus-minus, minus-plus,
    minus-minus, -1 for none. `row` is the first row of power of a point. Rows come in pairs of P and Q; `term_start` (pair + 1,)
    is the first of the terms of each, `term_*` say which device enters with which weights. `per_rated` .. `power_outside`
    describe load bands.
    """

    kind: IntArray
    plus: IntArray
    minus: IntArray
    into_plus: IntArray
    into_minus: IntArray
    into: IntArray
    row: IntArray
    term_start: IntArray
    term_device: IntArray
    term_p: FloatArray
    term_q: FloatArray
    per_rated: FloatArray
    zip_p: FloatArray
    zip_q: FloatArray
    band: FloatArray
    power_outside: BoolArray


@leaf
def admittance_factor(u, share_z, share_i, share_p, low, minimum, maximum, power_outside):
    """Admittance of a branch relative to rated, at voltage u [pu of rated], with OpenDSS' load band.

    Inside the band ZIP; above `maximum` the admittance found there; below `minimum` the current falls on a straight line to
    that of the rated admittance at `low`; below `low` the rated admittance. `power_outside`: take constant power for the
    shares outside the band.
    """
    if minimum < u <= maximum:
        return share_z + share_i / u + share_p / (u * u)
    if power_outside:
        share_z, share_i, share_p = 0.0, 0.0, 1.0
    if u > maximum:
        return share_z + share_i / maximum + share_p / (maximum * maximum)
    if u <= low:
        return share_z + share_i + share_p
    at_minimum = minimum * (share_z + share_i / minimum + share_p / (minimum * minimum))
    at_low = low * (share_z + share_i + share_p)
    return (at_low + (at_minimum - at_low) * (u - low) / (minimum - low)) / u


@inlined
def _of_constant_power(size, power, k):
    """g and b of a point of constant power whose rows of power begin at k, where |v|^2 is `size`."""
    inverse = inverse_above(size, DEAD_VOLTAGE_SQ)
    return load(power, k) * inverse, load(power, k + 1) * inverse


@inlined
def _of_zip(size, power, k):
    """g and b of a ZIP point whose rows of power begin at k, where |v|^2 is `size`."""
    inverse = inverse_above(size, DEAD_VOLTAGE_SQ)
    inverse_root = root(inverse)
    g = load(power, k) + load(power, k + 2) * inverse_root + load(power, k + 4) * inverse
    b = load(power, k + 1) + load(power, k + 3) * inverse_root + load(power, k + 5) * inverse
    return g, b


@leaf
def _band_factors(scratch, t, points):
    """Row 0 of scratch holds |v|^2; then rows 0 and 1 the admittance per power of P and of Q."""
    w, band, outside = points.per_rated[t], points.band[t], points.power_outside[t]
    zp, zq = points.zip_p[t], points.zip_q[t]
    for b in range(LANES):
        u = np.sqrt(scratch[0, b]) * w
        scratch[0, b] = w * w * admittance_factor(u, zp[0], zp[1], zp[2], band[0], band[1], band[2], outside)
        scratch[1, b] = w * w * admittance_factor(u, zq[0], zq[1], zq[2], band[0], band[1], band[2], outside)


@inlined
def _residual(g, b, s0, s1, s2, s3, dr, di):
    """Current (g - j b) d less slope times d."""
    return (g - s0) * dr + (b - s1) * di, (g - s3) * di - (b + s2) * dr


@leaf
def subtract_residual_currents(vr, vi, power, points, slope, own_slope, xr, xi, scratch):
    """Take the current of every point, less slope times v, out of the node currents x.

    Voltages v and currents x are (node, LANES), `slope` is (point, 4), or `own_slope` (4 * point, LANES) if it has rows.
    """
    kind, row, plus, minus, ends_plus, ends_minus = (
        points.kind,
        points.row,
        points.plus,
        points.minus,
        points.into_plus,
        points.into_minus,
    )
    has_own = len(own_slope) > 0
    for t in range(len(kind)):
        a, m, k = plus[t], minus[t], row[t]
        dr, di = load(vr, a), load(vi, a)
        if m >= 0:
            dr, di = dr - load(vr, m), di - load(vi, m)
        size = dr * dr + di * di
        if kind[t] == CONSTANT_POWER_KIND:
            g, b = _of_constant_power(size, power, k)
        elif kind[t] == ZIP_KIND:
            g, b = _of_zip(size, power, k)
        else:
            store(scratch, 0, size)
            _band_factors(scratch, t, points)
            g, b = load(power, k) * load(scratch, 0), load(power, k + 1) * load(scratch, 1)
        if has_own:
            s0, s1, s2, s3 = (
                load(own_slope, 4 * t),
                load(own_slope, 4 * t + 1),
                load(own_slope, 4 * t + 2),
                load(own_slope, 4 * t + 3),
            )
            cr, ci = _residual(g, b, s0, s1, s2, s3, dr, di)
        else:
            s0, s1, s2, s3 = spread(slope[t, 0]), spread(slope[t, 1]), spread(slope[t, 2]), spread(slope[t, 3])
            cr, ci = _residual(g, b, s0, s1, s2, s3, dr, di)
        a, m = ends_plus[t], ends_minus[t]
        if a >= 0:
            store(xr, a, load(xr, a) - cr)
            store(xi, a, load(xi, a) - ci)
        if m >= 0:
            store(xr, m, load(xr, m) + cr)
            store(xi, m, load(xi, m) + ci)


@leaf
def slopes(vr, vi, power, points, out, scratch):
    """Slope di/dv of every point at voltages v, as blocks, (4 * point, LANES)."""
    two, step, one = spread(2.0), spread(SLOPE_STEP), spread(1.0)
    for t in range(len(points.kind)):
        dr, di = load(vr, points.plus[t]), load(vi, points.plus[t])
        if points.minus[t] >= 0:
            dr, di = dr - load(vr, points.minus[t]), di - load(vi, points.minus[t])
        size = dr * dr + di * di
        _store_admittance(t, size, power, points, out, scratch)
        g, b = load(out, 4 * t), load(out, 4 * t + 1)
        _store_admittance(t, size * (one + step), power, points, out, scratch)
        high_g, high_b = load(out, 4 * t), load(out, 4 * t + 1)
        _store_admittance(t, size * (one - step), power, points, out, scratch)
        inverse = inverse_above(two * step * size, DEAD_VOLTAGE_SQ * SLOPE_STEP)
        dg, db = (high_g - load(out, 4 * t)) * inverse, (high_b - load(out, 4 * t + 1)) * inverse
        er, ei = two * (dg * dr + db * di), two * (dg * di - db * dr)
        store(out, 4 * t, g + er * dr)
        store(out, 4 * t + 1, b + er * di)
        store(out, 4 * t + 2, ei * dr - b)
        store(out, 4 * t + 3, g + ei * di)


@leaf
def _store_admittance(t, size, power, points, out, scratch):
    """Write g and b of point t where |v|^2 is `size` into the first two rows of its slope."""
    k = points.row[t]
    if points.kind[t] == CONSTANT_POWER_KIND:
        g, b = _of_constant_power(size, power, k)
    elif points.kind[t] == ZIP_KIND:
        g, b = _of_zip(size, power, k)
    else:
        store(scratch, 0, size)
        _band_factors(scratch, t, points)
        g, b = load(power, k) * load(scratch, 0), load(power, k + 1) * load(scratch, 1)
    store(out, 4 * t, g)
    store(out, 4 * t + 1, b)
