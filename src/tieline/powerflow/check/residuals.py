"""The compiled pass behind `balance`: residuals of Kirchhoff's law over what they may be, LANES scenarios at a time.

Scenarios stand in the lanes in any order, so that those that are worth judging can be picked from all over a batch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.kernel.compiled import entry, inlined, leaf, maker
from tieline.powerflow.kernel.device_currents import DEAD_VOLTAGE_SQ
from tieline.powerflow.kernel.lanes import (
    LANES,
    inverse_above,
    larger,
    load,
    root,
    smaller,
    spread,
    store,
)
from tieline.typing import BoolArray, FloatArray, IntArray

SLACK = 1000.0
"""Ten times the most seen on 2e4 scenarios of the reference feeders: the last step may be as many tolerances long as the short
circuit current of a node is times its load current, since it is the remaining error that is held to the tolerance."""

LOST = 1e-6
"""Of the load: a hundredth of the accuracy that losses are asked for, where losses are a hundredth of the load."""

NOWHERE = -1
"""The node where the law is broken, while it is not."""

SAMPLE = 16
"""Rows of which a mean is taken: the size of the operating point's powers, which have a mean of their own, is enough."""


class Inputs(NamedTuple):
    """What the scenarios ask and got: `voltage` (scenario, 2 * node), `state` (judged scenario or 1, state), the others
    (scenario or 1, ...); `varies` (state,); `dead` (0, 0) if no node is.
    """

    voltage: FloatArray
    state: FloatArray
    varies: BoolArray
    p_kw: FloatArray
    q_kvar: FloatArray
    source_pu: FloatArray
    dead: BoolArray


class Verdict(NamedTuple):
    """By scenario: the largest residual over what it may be (the law holds up to 1), the node of it, and its size [pu]."""

    ratio: FloatArray
    node: IntArray
    size: FloatArray


class Desk(NamedTuple):
    """What one thread works on, (node, state or device; LANES)."""

    scenario: IntArray
    vr: FloatArray
    vi: FloatArray
    xr: FloatArray
    xi: FloatArray
    allowed: FloatArray
    state: FloatArray
    p: FloatArray
    q: FloatArray
    typical: FloatArray
    scale: FloatArray
    current: FloatArray
    factor: FloatArray
    worst: FloatArray


@maker
def _make_desk(n_nodes, n_states, n_devices):
    """Arrays that a thread uses again for every group."""
    return Desk(
        scenario=np.zeros(LANES, dtype=np.int64),
        vr=np.empty((n_nodes, LANES)),
        vi=np.empty((n_nodes, LANES)),
        xr=np.empty((n_nodes, LANES)),
        xi=np.empty((n_nodes, LANES)),
        allowed=np.empty((n_nodes, LANES)),
        state=np.empty((n_states, LANES)),
        p=np.empty((n_devices, LANES)),
        q=np.empty((n_devices, LANES)),
        typical=np.zeros(n_devices),
        scale=np.empty((1, LANES)),
        current=np.empty((1, LANES)),
        factor=np.empty((2, LANES)),
        worst=np.empty((1, LANES)),
    )


@entry
def judge_groups(begin, end, rows, inputs, entries, branches, tolerance, verdict):
    """Fill the verdict of the groups of LANES rows begin to end."""
    desk = _make_desk(len(entries.rounding), inputs.state.shape[1], inputs.p_kw.shape[1])
    common = np.empty((len(entries.column), 3))
    _value_at(inputs.state[0], inputs.varies, entries, common)
    _add_mean(inputs.p_kw, desk.typical)
    _add_mean(inputs.q_kvar, desk.typical)
    for group in range(begin, end):
        first, last = group * LANES, min(group * LANES + LANES, len(rows)) - 1
        for b in range(LANES):
            row = min(first + b, last)
            desk.scenario[b] = rows[row]
            _take_in(b, row, rows[row], inputs, desk)
        _add_devices(branches, SLACK * tolerance, inputs, desk)
        _add_entries(entries, common, desk)
        for b in range(last + 1 - first):
            verdict.ratio[first + b], verdict.node[first + b], verdict.size[first + b] = _pronounce(
                b, entries, desk
            )


@leaf
def _add_mean(rows, typical):
    """Add the mean magnitude over a sample of rows, evenly spread, to what each device typically asks for; not of a single row,
    which is solved without slopes.
    """
    step = (len(rows) + SAMPLE - 1) // SAMPLE
    share = step / len(rows)
    for row in range(0, len(rows) if len(rows) > 1 else 0, step):
        for k in range(len(typical)):
            if np.isfinite(rows[row, k]):
                typical[k] += share * abs(rows[row, k])


@leaf
def _take_in(b, row, scenario, inputs, desk):
    """Voltages, states and powers of a scenario, the judged one of number `row`, into lane b."""
    voltage, state = inputs.voltage[scenario], inputs.state[min(row, len(inputs.state) - 1)]
    p, q = (
        inputs.p_kw[min(scenario, len(inputs.p_kw) - 1)],
        inputs.q_kvar[min(scenario, len(inputs.q_kvar) - 1)],
    )
    for i in range(len(desk.vr)):
        desk.vr[i, b], desk.vi[i, b] = voltage[2 * i], voltage[2 * i + 1]
    for k in range(len(state)):
        desk.state[k, b] = state[k]
    for k in range(len(p)):
        desk.p[k, b], desk.q[k, b] = p[k], q[k]
    desk.scale[0, b] = inputs.source_pu[min(scenario, len(inputs.source_pu) - 1)]


@leaf
def _add_devices(branches, slack, inputs, desk):
    """Node currents of the devices of every lane, what these may be off by, and sums over all devices."""
    vr, vi = desk.vr, desk.vi
    _clear(desk)
    for k in range(len(branches.device)):
        plus, minus, device = branches.plus[k], branches.minus[k], branches.device[k]
        dr, di = load(vr, plus), load(vi, plus)
        if minus >= 0:
            dr, di = dr - load(vr, minus), di - load(vi, minus)
        size = dr * dr + di * di
        p, q = (
            spread(branches.share[k]) * load(desk.p, device),
            spread(branches.share[k]) * load(desk.q, device),
        )
        _fill_factors(k, size, branches, desk.factor)
        if len(inputs.dead) > 0:
            _leave_dead(plus, minus, inputs.dead, desk)
        g, b = load(desk.factor, 0) * p, load(desk.factor, 1) * q
        admittance = root(g * g + b * b)
        store(desk.current, 0, load(desk.current, 0) + admittance * root(size))
        typical = spread(branches.share[k] * desk.typical[device]) * larger(
            load(desk.factor, 0), load(desk.factor, 1)
        )
        cr, ci, may_miss = (
            g * dr + b * di,
            g * di - b * dr,
            spread(slack) * larger(admittance, typical),
        )
        _add_current(plus, cr, ci, may_miss, desk)
        if minus >= 0:
            _add_current(minus, spread(0.0) - cr, spread(0.0) - ci, may_miss, desk)


@leaf
def _clear(desk):
    """No device has taken a current yet."""
    nothing = spread(0.0)
    for i in range(len(desk.xr)):
        store(desk.xr, i, nothing)
        store(desk.xi, i, nothing)
        store(desk.allowed, i, nothing)
    store(desk.current, 0, nothing)


@inlined
def _add_current(node, cr, ci, may_miss, desk):
    """Add a current that leaves a node, and what it may be off by."""
    store(desk.xr, node, load(desk.xr, node) + cr)
    store(desk.xi, node, load(desk.xi, node) + ci)
    store(desk.allowed, node, load(desk.allowed, node) + may_miss)


@leaf
def _fill_factors(k, size, branches, factor):
    """Admittance of branch k per power, of P and of Q, where |v|^2 is `size`, into the first two rows of `factor`."""
    w, zp, zq = branches.per_rated[k], branches.zip_p[k], branches.zip_q[k]
    store(factor, 0, size)
    if not branches.has_band[k] or _all_inside(w, branches.band[k], factor):
        inverse = inverse_above(size, DEAD_VOLTAGE_SQ)
        inverse_root = spread(w) * root(inverse)
        z = spread(w * w)
        store(factor, 0, z * spread(zp[0]) + inverse_root * spread(zp[1]) + inverse * spread(zp[2]))
        store(factor, 1, z * spread(zq[0]) + inverse_root * spread(zq[1]) + inverse * spread(zq[2]))
        return
    band, outside_p, outside_q = branches.band[k], branches.outside_p[k], branches.outside_q[k]
    jumps = branches.jumps_low[k]
    for b in range(LANES):
        u = np.sqrt(factor[0, b]) * w
        factor[0, b] = w * w * _admittance_factor(u, zp, outside_p, band, jumps)
        factor[1, b] = w * w * _admittance_factor(u, zq, outside_q, band, jumps)


@leaf
def _all_inside(w, band, factor):
    """Whether a branch is inside its voltage band in every lane; the first row of `factor` holds |v|^2."""
    low_sq, high_sq = (band[1] / w) ** 2, (band[2] / w) ** 2
    is_inside = True
    for b in range(LANES):
        is_inside = is_inside and low_sq < factor[0, b] <= high_sq
    return is_inside


@leaf
def _admittance_factor(u, shares, outside, band, jumps):
    """Admittance of a branch relative to rated, at voltage u [pu of rated], with OpenDSS' voltage band.

    Args:
        u: voltage.
        shares: of constant impedance, current, power inside the band.
        outside: the shares that count outside.
        band: low, minimum, maximum. Above the maximum the admittance is the one found there; below the minimum the current falls
            on a straight line to that of the rated admittance at `low`; below `low` the rated admittance.
        jumps: between the low and the minimum voltage the admittance is the one found at the minimum instead.
    """
    low, minimum, maximum = band[0], band[1], band[2]
    if minimum < u <= maximum:
        return shares[0] + shares[1] / u + shares[2] / (u * u)
    if u > maximum:
        return outside[0] + outside[1] / maximum + outside[2] / (maximum * maximum)
    rated = outside[0] + outside[1] + outside[2]
    if u <= low:
        return rated
    at_minimum = minimum * (outside[0] + outside[1] / minimum + outside[2] / (minimum * minimum))
    if jumps:
        return at_minimum / minimum
    at_low = low * rated
    return (at_low + (at_minimum - at_low) * (u - low) / (minimum - low)) / u


@leaf
def _leave_dead(plus, minus, dead, desk):
    """A device at a de-energised node takes nothing."""
    for b in range(LANES):
        is_dead = dead[min(desk.scenario[b], len(dead) - 1)]
        serves = 0.0 if is_dead[plus] or (minus >= 0 and is_dead[minus]) else 1.0
        desk.factor[0, b] *= serves
        desk.factor[1, b] *= serves


@leaf
def _add_entries(entries, common, desk):
    """Add the currents of the elements node by node; leaves residuals and their ratios in place of the currents."""
    vr, vi, state = desk.vr, desk.vi, desk.state
    most = spread(LOST) * larger(load(desk.current, 0), spread(1.0))
    scale, worst = load(desk.scale, 0), spread(0.0)
    for i in range(len(entries.rounding)):
        re = load(desk.xr, i) - spread(entries.source_re[i]) * scale
        im = load(desk.xi, i) - spread(entries.source_im[i]) * scale
        for e in range(entries.start[i], entries.start[i + 1]):
            g, b, column = spread(common[e, 0]), spread(common[e, 1]), entries.column[e]
            if common[e, 2] != 0.0:
                factor = load(state, entries.state_a[e]) * load(state, entries.state_b[e])
                g, b = g * factor, b * factor
            ur, ui = load(vr, column), load(vi, column)
            re, im = re + g * ur - b * ui, im + g * ui + b * ur
        size = root(re * re + im * im)
        ratio = size / (load(desk.allowed, i) + smaller(spread(entries.rounding[i]), most))
        store(desk.xr, i, ratio)
        store(desk.xi, i, size)
        if entries.is_judged[i]:
            worst = larger(ratio, worst)
    store(desk.worst, 0, worst)


@leaf
def _value_at(state, varies, entries, common):
    """Value of each entry, and 1 where the states are yet to be multiplied in, (entry, 3)."""
    for e in range(len(common)):
        a, b = entries.state_a[e], entries.state_b[e]
        is_common = not (varies[a] or varies[b])
        factor = state[a] * state[b] if is_common else 1.0
        common[e, 0], common[e, 1], common[e, 2] = (
            entries.g[e] * factor,
            entries.b[e] * factor,
            0.0 if is_common else 1.0,
        )


@leaf
def _pronounce(b, entries, desk):
    """Verdict on lane b: ratio, node and size."""
    if desk.worst[0, b] <= 1.0:
        return desk.worst[0, b], NOWHERE, 0.0
    node = NOWHERE
    for i in range(len(entries.rounding)):
        if entries.is_judged[i] and (node < 0 or not desk.xr[i, b] <= desk.xr[node, b]):
            node = i
    return desk.xr[node, b], node, desk.xi[node, b]
