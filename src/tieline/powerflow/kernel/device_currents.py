"""The currents of loads and DERs at given voltages, and their slopes, LANES scenarios at a time.

A port is a pair of nodes, or a node and ground, between which devices take current: i = (g - j b) v, where g + j b is their
power over |v|^2: constant for a constant impedance, falling with 1/|v| for a constant current and with 1/|v|^2 for constant
power, and with |v|^(n - 2) for an exponential load. Devices at the same port are added up before the iteration begins.

The solver keeps the slope di/dv of every port at some operating voltage in its matrix and asks for what is left,
i - slope * v.
"""

from __future__ import annotations

from typing import NamedTuple

from tieline.powerflow.kernel.arrays import item
from tieline.powerflow.kernel.compiled import inlined, leaf
from tieline.powerflow.kernel.lanes import (
    inverse_above,
    load,
    power_above,
    replace_above,
    replace_between,
    root,
    spread,
    spread_block,
    store,
)
from tieline.typing import FloatArray, IntArray

DEAD_VOLTAGE_SQ = 1e-200
"""Where |v|^2 across it is less, a device takes no current. De-energised nodes are at zero exactly, so this is no more than
a guard of the division: a voltage that collapses under a load must not free it of the load."""

CONSTANT_POWER_KIND = 0
ZIP_KIND = 1
BAND_KIND = 2
EXPONENT_KIND = 3
"""Cheapest first; a port is given the simplest kind that describes it."""

ROWS_OF_KIND = (2, 6, 2, 2)
"""Rows of power a port has: P and Q; P and Q of constant impedance, current, power; P and Q at rated voltage, twice."""

SLOPE_STEP = 1e-6
"""Relative step of the difference quotient that gives the slope of a load band, whose pieces meet in corners."""


class Ports(NamedTuple):
    """Where devices take current, see `tieline.powerflow.kernel.ports`; nodes are elimination steps.

    A port ends at one node or at two: `end_start` (node + 1,) is the first of the ends at each node, none where the voltage is
    held, `end_port` the port of an end and `end_other` the node at its other one, -1 for ground. `into` (port, 4) are the
    positions in the matrix that the slope of a port is added to: plus-plus, plus-minus, minus-plus, minus-minus, -1 for none.
    `row` is the first row of power of a port. Rows come in pairs of P and Q; `term_start` (pair + 1,) is the first of the terms
    of each, `term_*` say which device enters with which weights. `edge_sq`, `of_p`, `of_q` are the pieces of voltage bands and
    `exponent_*`, `scale_*` the powers inside them of exponential loads, see `voltage_bands`.
    """

    kind: IntArray
    plus: IntArray
    minus: IntArray
    end_start: IntArray
    end_port: IntArray
    end_other: IntArray
    into: IntArray
    row: IntArray
    term_start: IntArray
    term_device: IntArray
    term_p: FloatArray
    term_q: FloatArray
    edge_sq: FloatArray
    of_p: FloatArray
    of_q: FloatArray
    exponent_p: FloatArray
    exponent_q: FloatArray
    scale_p: FloatArray
    scale_q: FloatArray


@inlined
def _of_constant_power(size, power, k):
    """g and b of a port of constant power whose rows of power begin at k, where |v|^2 is `size`."""
    inverse = inverse_above(size, DEAD_VOLTAGE_SQ)
    return load(power, k) * inverse, load(power, k + 1) * inverse


@inlined
def _of_zip(size, power, k):
    """g and b of a ZIP port whose rows of power begin at k, where |v|^2 is `size`."""
    inverse = inverse_above(size, DEAD_VOLTAGE_SQ)
    inverse_root = root(inverse)
    g = (
        load(power, k)
        + load(power, k + 2) * inverse_root
        + load(power, k + 4) * inverse
    )
    b = (
        load(power, k + 1)
        + load(power, k + 3) * inverse_root
        + load(power, k + 5) * inverse
    )
    return g, b


@inlined
def _of_band(size, power, k, edge_sq, of_p, of_q, t):
    """g and b of port t with a voltage band, whose rows of power begin at k, where |v|^2 is `size`."""
    inverse = inverse_above(size, DEAD_VOLTAGE_SQ)
    inverse_root = root(inverse)
    g = load(power, k) * _piecewise(size, inverse, inverse_root, edge_sq, of_p, t)
    b = load(power, k + 1) * _piecewise(size, inverse, inverse_root, edge_sq, of_q, t)
    return g, b


@inlined
def _of_exponents(size, power, k, ports, t):
    """g and b of port t of an exponential load, whose rows of power begin at k, where |v|^2 is `size`."""
    g, b = _of_band(size, power, k, ports.edge_sq, ports.of_p, ports.of_q, t)
    low = ports.edge_sq[t, 1]
    high = ports.edge_sq[t, 2]
    of_p = power_above(size, ports.exponent_p[t], DEAD_VOLTAGE_SQ)
    of_q = power_above(size, ports.exponent_q[t], DEAD_VOLTAGE_SQ)
    inside_g = load(power, k) * spread(ports.scale_p[t]) * of_p
    inside_b = load(power, k + 1) * spread(ports.scale_q[t]) * of_q
    g = replace_between(g, size, low, high, inside_g)
    b = replace_between(b, size, low, high, inside_b)
    return g, b


@inlined
def _piecewise(size, inverse, inverse_root, edge_sq, of_power, t):
    """Admittance per unit of power of port t: the coefficients of the piece that each lane is in."""
    constant = _pick(size, edge_sq, of_power, t, 0)
    of_root = _pick(size, edge_sq, of_power, t, 1)
    of_square = _pick(size, edge_sq, of_power, t, 2)
    return constant + of_root * inverse_root + of_square * inverse


@inlined
def _pick(size, edge_sq, of_power, t, c):
    """Coefficient c of port t in the piece that each lane is in."""
    coefficient = spread(of_power[t, 0, c])
    coefficient = replace_above(coefficient, size, edge_sq[t, 0], of_power[t, 1, c])
    coefficient = replace_above(coefficient, size, edge_sq[t, 1], of_power[t, 2, c])
    return replace_above(coefficient, size, edge_sq[t, 2], of_power[t, 3, c])


@inlined
def _own_slope(slope, t):
    """The slope of port t in each lane."""
    return (
        load(slope, 4 * t),
        load(slope, 4 * t + 1),
        load(slope, 4 * t + 2),
        load(slope, 4 * t + 3),
    )


@inlined
def _residual(g, b, s0, s1, s2, s3, dr, di):
    """Current (g - j b) d less slope times d."""
    return (g - s0) * dr + (b - s1) * di, (g - s3) * di - (b + s2) * dr


@inlined
def residual_current(k, i, ports, slope, work):
    """Current out of node i at its end k of a port, less slope times the voltage across it.

    Args:
        k: place of the end in `ports.end_*`.
        i: the node.
        ports: where devices take current.
        slope: slopes that all lanes have in common, (port, 4), unless each lane has its own in the workspace.
        work: with voltages v and rows of power.
    """
    t = item(ports.end_port, k)
    far_node = item(ports.end_other, k)
    # Seen from either end, current and voltage have both changed their signs: one formula serves.
    dr = load(work.vr, i)
    di = load(work.vi, i)
    if far_node >= 0:
        dr = dr - load(work.vr, far_node)
        di = di - load(work.vi, far_node)
    size = dr * dr + di * di
    row = item(ports.row, t)
    kind = item(ports.kind, t)
    if kind == CONSTANT_POWER_KIND:
        g, b = _of_constant_power(size, work.power, row)
    elif kind == ZIP_KIND:
        g, b = _of_zip(size, work.power, row)
    else:
        # Out of line: what calls a power would keep the current of the node out of the registers.
        g, b = _admittance(t, size, ports, work)
    if len(work.own_slope) > 0:
        s0, s1, s2, s3 = _own_slope(work.own_slope, t)
    else:
        s0, s1, s2, s3 = spread_block(slope, t)
    return _residual(g, b, s0, s1, s2, s3, dr, di)


@leaf
def slopes(ports, work, out):
    """Slope di/dv of every port at the voltages v of the workspace, as blocks, (4 * port, LANES)."""
    two = spread(2.0)
    step = spread(SLOPE_STEP)
    one = spread(1.0)
    for t in range(len(ports.kind)):
        plus = ports.plus[t]
        minus = ports.minus[t]
        dr = load(work.vr, plus)
        di = load(work.vi, plus)
        if minus >= 0:
            dr = dr - load(work.vr, minus)
            di = di - load(work.vi, minus)
        size = dr * dr + di * di
        g, b = _admittance(t, size, ports, work)
        high_g, high_b = _admittance(t, size * (one + step), ports, work)
        low_g, low_b = _admittance(t, size * (one - step), ports, work)
        # From both sides of |v|^2, so that a corner of a band has the mean slope of its two pieces.
        inverse = inverse_above(two * step * size, DEAD_VOLTAGE_SQ * SLOPE_STEP)
        dg = (high_g - low_g) * inverse
        db = (high_b - low_b) * inverse
        er = two * (dg * dr + db * di)
        ei = two * (dg * di - db * dr)
        block = 4 * t
        store(out, block, g + er * dr)
        store(out, block + 1, b + er * di)
        store(out, block + 2, ei * dr - b)
        store(out, block + 3, g + ei * di)


@inlined
def _admittance(t, size, ports, work):
    """g and b of port t where |v|^2 is `size`."""
    _store_admittance(t, size, ports, work.power, work.scratch)
    return load(work.scratch, 0), load(work.scratch, 1)


@leaf
def _store_admittance(t, size, ports, power, scratch):
    """Write g and b of port t where |v|^2 is `size` into `scratch`."""
    row = item(ports.row, t)
    kind = item(ports.kind, t)
    if kind == CONSTANT_POWER_KIND:
        g, b = _of_constant_power(size, power, row)
    elif kind == ZIP_KIND:
        g, b = _of_zip(size, power, row)
    elif kind == BAND_KIND:
        g, b = _of_band(size, power, row, ports.edge_sq, ports.of_p, ports.of_q, t)
    else:
        g, b = _of_exponents(size, power, row, ports, t)
    store(scratch, 0, g)
    store(scratch, 1, b)
