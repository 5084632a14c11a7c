"""The compiled core: many scenarios of one network, side by side.

Fixed point on the factorised nodal admittance, v <- Y^-1 (i_source + i_devices(v)), for `LANES` scenarios in the innermost
loop and blocks of them over the threads. Real and imaginary parts are kept apart and the lane axis is last, so that every
inner loop is a run of independent multiply-adds. If all scenarios share taps and switches, one pair of factors serves every
lane; otherwise each lane factorises its own matrix on the same pattern, again side by side.

Everything here is in elimination order (see `pattern`) and per unit. A lane that does not converge leaves the others untouched.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, prange

from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

LANES = 16
"""Scenarios side by side: two cache lines of float64, four AVX2 registers per part."""

DEAD_VOLTAGE_SQ = 1e-12
"""Below 1e-6 pu across it a device takes no current: its node is de-energised."""

CONSTANT_POWER_KIND, ZIP_KIND, BAND_KIND = 0, 1, 2
"""Cheapest first; a branch is given the simplest kind that describes it."""

FAST = {"contract", "nsz", "arcp"}
"""Fused multiply-add and reciprocals, but NaN and infinity keep their meaning: they are how a diverged lane shows."""


class Pattern(NamedTuple):
    """Sparsity of the factors, see `network.pattern.FactorPattern`."""

    row_start: IntArray
    column: IntArray
    diagonal: IntArray
    update_start: IntArray
    update_target: IntArray
    update_source: IntArray


class Variable(NamedTuple):
    """Matrix entries that differ per scenario: value * state[a] * state[b] at a position; states of each scenario; nodes
    without supply.

    `state` is (scenario, varying state), `dead` (scenario, node); all are empty if nothing varies.
    """

    position: IntArray
    value: ComplexArray
    a: IntArray
    b: IntArray
    state: FloatArray
    dead: BoolArray


class Devices(NamedTuple):
    """Device branches, see `network.devices.DeviceTable`; node indices are elimination steps.

    `into_plus`, `into_minus` are where the current goes, -1 for nowhere (ground, or a node whose voltage is held).
    """

    kind: IntArray
    device: IntArray
    plus: IntArray
    minus: IntArray
    into_plus: IntArray
    into_minus: IntArray
    share: FloatArray
    per_rated: FloatArray
    zip_p: FloatArray
    zip_q: FloatArray
    band: FloatArray
    power_outside: BoolArray


class Scenarios(NamedTuple):
    """What the scenarios ask, per unit; a first axis of one means the same for all.

    `p`, `q` (scenario, device) consumption; `source_pu` (scenario,); `source_re`, `source_im` (node,) current at one per unit;
    `start` (scenario, node) first voltages, or (0, node) to start from no load; `order` the node of each elimination step.
    """

    p: FloatArray
    q: FloatArray
    source_pu: FloatArray
    source_re: FloatArray
    source_im: FloatArray
    start: ComplexArray
    order: IntArray


@njit(cache=True, fastmath=FAST, error_model="numpy")
def factorise(re, im, pattern):
    """LU of one matrix in place; the diagonal ends as its reciprocal. Arrays are (position,)."""
    for i in range(len(pattern.diagonal)):
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            d = pattern.diagonal[pattern.column[p]]
            mr = re[p] * re[d] - im[p] * im[d]
            mi = re[p] * im[d] + im[p] * re[d]
            re[p], im[p] = mr, mi
            for u in range(pattern.update_start[p], pattern.update_start[p + 1]):
                s, t = pattern.update_source[u], pattern.update_target[u]
                re[t] -= mr * re[s] - mi * im[s]
                im[t] -= mr * im[s] + mi * re[s]
        d = pattern.diagonal[i]
        size = re[d] * re[d] + im[d] * im[d]
        re[d], im[d] = re[d] / size, -im[d] / size


@njit(cache=True, fastmath=FAST, error_model="numpy")
def _factorise_lanes(re, im, pattern):
    """`factorise` for LANES matrices at once; arrays are (position, lane)."""
    mr = np.empty(LANES)
    mi = np.empty(LANES)
    for i in range(len(pattern.diagonal)):
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            d = pattern.diagonal[pattern.column[p]]
            for b in range(LANES):
                mr[b] = re[p, b] * re[d, b] - im[p, b] * im[d, b]
                mi[b] = re[p, b] * im[d, b] + im[p, b] * re[d, b]
                re[p, b], im[p, b] = mr[b], mi[b]
            for u in range(pattern.update_start[p], pattern.update_start[p + 1]):
                s, t = pattern.update_source[u], pattern.update_target[u]
                for b in range(LANES):
                    re[t, b] -= mr[b] * re[s, b] - mi[b] * im[s, b]
                    im[t, b] -= mr[b] * im[s, b] + mi[b] * re[s, b]
        d = pattern.diagonal[i]
        for b in range(LANES):
            size = re[d, b] * re[d, b] + im[d, b] * im[d, b]
            re[d, b], im[d, b] = re[d, b] / size, -im[d, b] / size


@njit(cache=True, fastmath=FAST, error_model="numpy")
def _substitute(re, im, pattern, xr, xi):
    """Solve for LANES right-hand sides (node, lane) in place with one pair of factors."""
    row_start, column, diagonal = pattern.row_start, pattern.column, pattern.diagonal
    for i in range(len(diagonal)):
        for p in range(row_start[i], diagonal[i]):
            j, fr, fi = column[p], re[p], im[p]
            for b in range(LANES):
                xr[i, b] -= fr * xr[j, b] - fi * xi[j, b]
                xi[i, b] -= fr * xi[j, b] + fi * xr[j, b]
    for i in range(len(diagonal) - 1, -1, -1):
        for p in range(diagonal[i] + 1, row_start[i + 1]):
            j, fr, fi = column[p], re[p], im[p]
            for b in range(LANES):
                xr[i, b] -= fr * xr[j, b] - fi * xi[j, b]
                xi[i, b] -= fr * xi[j, b] + fi * xr[j, b]
        dr, di = re[diagonal[i]], im[diagonal[i]]
        for b in range(LANES):
            x = xr[i, b]
            xr[i, b] = dr * x - di * xi[i, b]
            xi[i, b] = dr * xi[i, b] + di * x


@njit(cache=True, fastmath=FAST, error_model="numpy")
def _substitute_lanes(re, im, pattern, xr, xi):
    """`_substitute` with factors of its own for each lane, (position, lane)."""
    row_start, column, diagonal = pattern.row_start, pattern.column, pattern.diagonal
    for i in range(len(diagonal)):
        for p in range(row_start[i], diagonal[i]):
            j = column[p]
            for b in range(LANES):
                xr[i, b] -= re[p, b] * xr[j, b] - im[p, b] * xi[j, b]
                xi[i, b] -= re[p, b] * xi[j, b] + im[p, b] * xr[j, b]
    for i in range(len(diagonal) - 1, -1, -1):
        for p in range(diagonal[i] + 1, row_start[i + 1]):
            j = column[p]
            for b in range(LANES):
                xr[i, b] -= re[p, b] * xr[j, b] - im[p, b] * xi[j, b]
                xi[i, b] -= re[p, b] * xi[j, b] + im[p, b] * xr[j, b]
        d = diagonal[i]
        for b in range(LANES):
            x = xr[i, b]
            xr[i, b] = re[d, b] * x - im[d, b] * xi[i, b]
            xi[i, b] = re[d, b] * xi[i, b] + im[d, b] * x


@njit(cache=True, fastmath=FAST, error_model="numpy")
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


@njit(cache=True, fastmath=FAST, error_model="numpy")
def _add_device_currents(vr, vi, xr, xi, p, q, devices):
    """Subtract the current each device branch takes from the node currents (node, lane); p, q are (device, lane)."""
    g = np.empty(LANES)
    s = np.empty(LANES)
    dr = np.empty(LANES)
    di = np.empty(LANES)
    for k in range(len(devices.kind)):
        a, m, e = devices.plus[k], devices.minus[k], devices.device[k]
        for b in range(LANES):
            dr[b] = vr[a, b]
            di[b] = vi[a, b]
        if m >= 0:
            for b in range(LANES):
                dr[b] -= vr[m, b]
                di[b] -= vi[m, b]
        share, per_rated = devices.share[k], devices.per_rated[k]
        w = per_rated * per_rated
        if devices.kind[k] == CONSTANT_POWER_KIND:
            for b in range(LANES):
                size = dr[b] * dr[b] + di[b] * di[b]
                y = share / size if size > DEAD_VOLTAGE_SQ else 0.0
                g[b] = p[e, b] * y
                s[b] = q[e, b] * y
        elif devices.kind[k] == ZIP_KIND:
            pz, pi, pp = devices.zip_p[k, 0] * w, devices.zip_p[k, 1] * per_rated, devices.zip_p[k, 2]
            qz, qi, qp = devices.zip_q[k, 0] * w, devices.zip_q[k, 1] * per_rated, devices.zip_q[k, 2]
            for b in range(LANES):
                size = dr[b] * dr[b] + di[b] * di[b]
                y = 1.0 / size if size > DEAD_VOLTAGE_SQ else 0.0
                root = np.sqrt(y)
                g[b] = p[e, b] * share * (pz + pi * root + pp * y)
                s[b] = q[e, b] * share * (qz + qi * root + qp * y)
        else:
            zp, zq, band, outside = devices.zip_p[k], devices.zip_q[k], devices.band[k], devices.power_outside[k]
            for b in range(LANES):
                u = np.sqrt(dr[b] * dr[b] + di[b] * di[b]) * per_rated
                g[b] = p[e, b] * share * w * admittance_factor(u, zp[0], zp[1], zp[2], band[0], band[1], band[2], outside)
                s[b] = q[e, b] * share * w * admittance_factor(u, zq[0], zq[1], zq[2], band[0], band[1], band[2], outside)
        # current (g - j s) v: from the plus node, to the minus node
        a, m = devices.into_plus[k], devices.into_minus[k]
        if a >= 0:
            for b in range(LANES):
                xr[a, b] -= g[b] * dr[b] + s[b] * di[b]
                xi[a, b] -= g[b] * di[b] - s[b] * dr[b]
        if m >= 0:
            for b in range(LANES):
                xr[m, b] += g[b] * dr[b] + s[b] * di[b]
                xi[m, b] += g[b] * di[b] - s[b] * dr[b]


@njit(cache=True, fastmath=FAST, error_model="numpy")
def _accept(vr, vi, xr, xi, change):
    """Take the new voltages; `change` (lane,) becomes the largest squared step."""
    change[:] = 0.0
    for i in range(vr.shape[0]):
        for b in range(LANES):
            er = xr[i, b] - vr[i, b]
            ei = xi[i, b] - vi[i, b]
            step = er * er + ei * ei
            if not step <= change[b]:  # also true for NaN, which must not pass as converged
                change[b] = step
            vr[i, b] = xr[i, b]
            vi[i, b] = xi[i, b]


@njit(cache=True, error_model="numpy")
def _settled(change, tolerance_sq):
    """True when every lane has converged or is beyond rescue."""
    return not np.any(np.isfinite(change) & (change > tolerance_sq))


@njit(cache=True, error_model="numpy")
def _lane_factors(first, count, base_re, base_im, pattern, variable):
    """Each lane's own matrix, factorised; (position, lane)."""
    re = np.empty((len(base_re), LANES))
    im = np.empty((len(base_re), LANES))
    for k in range(len(base_re)):
        re[k, :] = base_re[k]
        im[k, :] = base_im[k]
    for b in range(LANES):
        scenario = first + min(b, count - 1)
        for k in range(len(variable.position)):
            factor = variable.state[scenario, variable.a[k]] * variable.state[scenario, variable.b[k]]
            re[variable.position[k], b] += variable.value[k].real * factor
            im[variable.position[k], b] += variable.value[k].imag * factor
        for i in range(len(pattern.diagonal)):
            if variable.dead[scenario, i]:
                re[pattern.diagonal[i], b] += 1.0
    _factorise_lanes(re, im, pattern)
    return re, im


@njit(cache=True, error_model="numpy")
def _load_lanes(first, count, scenarios, p, q, scale, vr, vi):
    """Copy powers, source voltage and start of a block into lanes; lanes beyond the last scenario repeat it."""
    has_start = scenarios.start.shape[0] > 0
    for b in range(LANES):
        scenario = first + min(b, count - 1)
        p_row = min(scenario, scenarios.p.shape[0] - 1)
        q_row = min(scenario, scenarios.q.shape[0] - 1)
        for e in range(p.shape[0]):
            p[e, b] = scenarios.p[p_row, e]
            q[e, b] = scenarios.q[q_row, e]
        scale[b] = scenarios.source_pu[min(scenario, len(scenarios.source_pu) - 1)]
        if has_start:
            row = min(scenario, scenarios.start.shape[0] - 1)
            for i in range(vr.shape[0]):
                v = scenarios.start[row, scenarios.order[i]]
                vr[i, b] = v.real
                vi[i, b] = v.imag


@njit(cache=True, error_model="numpy")
def _solve_block(
    first, count, base_re, base_im, pattern, variable, devices, scenarios, tolerance, max_iterations, voltage, step, taken
):
    """Solve up to LANES scenarios from `first` on; writes rows of voltage, step and taken."""
    n = len(pattern.diagonal)
    vr, vi = np.zeros((n, LANES)), np.zeros((n, LANES))
    xr, xi = np.empty((n, LANES)), np.empty((n, LANES))
    p, q = np.empty((scenarios.p.shape[1], LANES)), np.empty((scenarios.p.shape[1], LANES))
    scale, change = np.empty(LANES), np.empty(LANES)
    last = np.zeros(LANES, dtype=np.int64)
    _load_lanes(first, count, scenarios, p, q, scale, vr, vi)
    varies = len(variable.position) > 0
    if varies:
        lanes_re, lanes_im = _lane_factors(first, count, base_re, base_im, pattern, variable)
    else:
        lanes_re, lanes_im = np.empty((0, LANES)), np.empty((0, LANES))
    has_start = scenarios.start.shape[0] > 0
    for iteration in range(max_iterations + 1):
        for i in range(n):
            for b in range(LANES):
                xr[i, b] = scenarios.source_re[i] * scale[b]
                xi[i, b] = scenarios.source_im[i] * scale[b]
        if iteration > 0 or has_start:  # the first pass without a start gives the no-load voltages
            _add_device_currents(vr, vi, xr, xi, p, q, devices)
        if varies:
            _substitute_lanes(lanes_re, lanes_im, pattern, xr, xi)
        else:
            _substitute(base_re, base_im, pattern, xr, xi)
        _accept(vr, vi, xr, xi, change)
        for b in range(LANES):
            if not change[b] <= tolerance * tolerance:
                last[b] = iteration + 1
        if _settled(change, tolerance * tolerance):
            break
    for b in range(count):
        step[first + b] = np.sqrt(change[b])
        taken[first + b] = last[b] + 1
        for i in range(n):
            voltage[first + b, scenarios.order[i]] = complex(vr[i, b], vi[i, b])


@njit(cache=True, parallel=True, error_model="numpy")
def solve_batch(n_scenarios, base_re, base_im, pattern, variable, devices, scenarios, tolerance, max_iterations):
    """Solve all scenarios, blocks of LANES over the threads.

    Args:
        n_scenarios: how many.
        base_re, base_im: matrix entries common to all, (position,); already factorised if nothing varies.
        pattern, variable, devices, scenarios: as described at their classes.
        tolerance: largest step at which a scenario counts as converged [pu].
        max_iterations: give up after so many.

    Returns:
        Voltage (scenario, node in network order) [pu], last step (scenario,) [pu], iterations (scenario,).
    """
    n = len(pattern.diagonal)
    voltage = np.empty((n_scenarios, n), dtype=np.complex128)
    step = np.empty(n_scenarios)
    taken = np.empty(n_scenarios, dtype=np.int64)
    for block in prange((n_scenarios + LANES - 1) // LANES):
        first = block * LANES
        count = min(LANES, n_scenarios - first)
        _solve_block(
            first, count, base_re, base_im, pattern, variable, devices, scenarios, tolerance, max_iterations, voltage, step, taken
        )
    return voltage, step, taken
