"""The compiled core: many scenarios of one network, side by side.

Fixed point on the factorised nodal admittance, v <- Y^-1 (i_source + i_devices(v)), for `LANES` scenarios in the innermost loop and blocks
of them over the threads. Real and imaginary parts are kept apart and the lane axis is last, so that every inner loop is a run of
independent multiply-adds. If all scenarios share taps and switches, one pair of factors serves every lane; otherwise each lane
factorises its own matrix on the same pattern, again side by side.

Everything here is in elimination order (see `pattern`) and per unit. A lane that does not converge leaves the others untouched.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

LANES = 16
"""Scenarios side by side: two cache lines of float64, four AVX2 registers per part."""

DEAD_VOLTAGE_SQ = 1e-12
"""Below 1e-6 pu across it a device takes no current: its node is de-energised."""

CONSTANT_POWER_KIND, ZIP_KIND, BAND_KIND = 0, 1, 2
"""Cheapest first; a branch is given the simplest kind that describes it."""

FAST = {"contract", "nsz", "arcp"}
"""Fused multiply-add and reciprocals, but NaN and infinity keep their meaning: they are how a diverged lane shows."""


@njit(cache=True, fastmath=FAST)
def factorise(re, im, row_start, column, diagonal, update_start, update_target, update_source):
    """LU of one matrix in place; the diagonal ends as its reciprocal. Arrays are (position,)."""
    for i in range(len(diagonal)):
        for p in range(row_start[i], diagonal[i]):
            d = diagonal[column[p]]
            mr = re[p] * re[d] - im[p] * im[d]
            mi = re[p] * im[d] + im[p] * re[d]
            re[p], im[p] = mr, mi
            for u in range(update_start[p], update_start[p + 1]):
                s, t = update_source[u], update_target[u]
                re[t] -= mr * re[s] - mi * im[s]
                im[t] -= mr * im[s] + mi * re[s]
        d = diagonal[i]
        size = re[d] * re[d] + im[d] * im[d]
        re[d], im[d] = re[d] / size, -im[d] / size


@njit(cache=True, fastmath=FAST)
def factorise_lanes(re, im, row_start, column, diagonal, update_start, update_target, update_source):
    """`factorise` for LANES matrices at once; arrays are (position, lane)."""
    mr = np.empty(LANES)
    mi = np.empty(LANES)
    for i in range(len(diagonal)):
        for p in range(row_start[i], diagonal[i]):
            d = diagonal[column[p]]
            for b in range(LANES):
                mr[b] = re[p, b] * re[d, b] - im[p, b] * im[d, b]
                mi[b] = re[p, b] * im[d, b] + im[p, b] * re[d, b]
                re[p, b], im[p, b] = mr[b], mi[b]
            for u in range(update_start[p], update_start[p + 1]):
                s, t = update_source[u], update_target[u]
                for b in range(LANES):
                    re[t, b] -= mr[b] * re[s, b] - mi[b] * im[s, b]
                    im[t, b] -= mr[b] * im[s, b] + mi[b] * re[s, b]
        d = diagonal[i]
        for b in range(LANES):
            size = re[d, b] * re[d, b] + im[d, b] * im[d, b]
            re[d, b], im[d, b] = re[d, b] / size, -im[d, b] / size


@njit(cache=True, fastmath=FAST)
def _substitute(re, im, row_start, column, diagonal, xr, xi):
    """Solve for LANES right-hand sides (node, lane) in place with one pair of factors."""
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


@njit(cache=True, fastmath=FAST)
def _substitute_lanes(re, im, row_start, column, diagonal, xr, xi):
    """`_substitute` with factors of its own for each lane, (position, lane)."""
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


@njit(cache=True, fastmath=FAST)
def admittance_factor(u, share_z, share_i, share_p, low, minimum, maximum, power_outside):
    """Admittance of a branch relative to rated, at voltage u [pu of rated], with OpenDSS' load band.

    Inside the band ZIP; above `maximum` the admittance found there; below `minimum` the current falls on a straight line to that of the rated
    admittance at `low`; below `low` the rated admittance. `power_outside`: take constant power for the shares outside the band.
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


@njit(cache=True, fastmath=FAST)
def _add_device_currents(vr, vi, xr, xi, p, q, kind, device, plus, minus, into_plus, into_minus, share, per_rated, zip_p, zip_q, band, power_outside):
    """Subtract the current each device branch takes from the node currents (node, lane); p, q are (device, lane)."""
    g = np.empty(LANES)
    s = np.empty(LANES)
    dr = np.empty(LANES)
    di = np.empty(LANES)
    for k in range(len(kind)):
        a, m, e = plus[k], minus[k], device[k]
        for b in range(LANES):
            dr[b] = vr[a, b]
            di[b] = vi[a, b]
        if m >= 0:
            for b in range(LANES):
                dr[b] -= vr[m, b]
                di[b] -= vi[m, b]
        w = per_rated[k] * per_rated[k]
        if kind[k] == CONSTANT_POWER_KIND:
            for b in range(LANES):
                size = dr[b] * dr[b] + di[b] * di[b]
                y = share[k] / size if size > DEAD_VOLTAGE_SQ else 0.0
                g[b] = p[e, b] * y
                s[b] = q[e, b] * y
        elif kind[k] == ZIP_KIND:
            for b in range(LANES):
                size = dr[b] * dr[b] + di[b] * di[b]
                y = 1.0 / size if size > DEAD_VOLTAGE_SQ else 0.0
                root = np.sqrt(y) * per_rated[k]
                g[b] = p[e, b] * share[k] * (zip_p[k, 0] * w + zip_p[k, 1] * root + zip_p[k, 2] * y)
                s[b] = q[e, b] * share[k] * (zip_q[k, 0] * w + zip_q[k, 1] * root + zip_q[k, 2] * y)
        else:
            outside = power_outside[k]
            for b in range(LANES):
                u = np.sqrt(dr[b] * dr[b] + di[b] * di[b]) * per_rated[k]
                fp = admittance_factor(u, zip_p[k, 0], zip_p[k, 1], zip_p[k, 2], band[k, 0], band[k, 1], band[k, 2], outside)
                fq = admittance_factor(u, zip_q[k, 0], zip_q[k, 1], zip_q[k, 2], band[k, 0], band[k, 1], band[k, 2], outside)
                g[b] = p[e, b] * share[k] * w * fp
                s[b] = q[e, b] * share[k] * w * fq
        # current (g - j s) v: from the plus node, to the minus node
        if into_plus[k] >= 0:
            a = into_plus[k]
            for b in range(LANES):
                xr[a, b] -= g[b] * dr[b] + s[b] * di[b]
                xi[a, b] -= g[b] * di[b] - s[b] * dr[b]
        if into_minus[k] >= 0:
            a = into_minus[k]
            for b in range(LANES):
                xr[a, b] += g[b] * dr[b] + s[b] * di[b]
                xi[a, b] += g[b] * di[b] - s[b] * dr[b]


@njit(cache=True, fastmath=FAST)
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


@njit(cache=True, fastmath=FAST)
def _settled(change, tolerance_sq):
    """True when every lane has converged or is beyond rescue."""
    for b in range(LANES):
        if np.isfinite(change[b]) and change[b] > tolerance_sq:
            return False
    return True


@njit(cache=True, parallel=True, fastmath=FAST)
def solve_batch(
    n_scenarios,
    base_re,
    base_im,
    row_start,
    column,
    diagonal,
    update_start,
    update_target,
    update_source,
    variable_position,
    variable_value,
    variable_a,
    variable_b,
    state,
    dead,
    source_re,
    source_im,
    source_pu,
    device_p,
    device_q,
    kind,
    device,
    plus,
    minus,
    into_plus,
    into_minus,
    share,
    per_rated,
    zip_p,
    zip_q,
    band,
    power_outside,
    order,
    start,
    tolerance,
    max_iterations,
):
    """Solve all scenarios.

    Args (node axes in elimination order unless said otherwise; all per unit):
        base_re, base_im: matrix entries common to all scenarios, (position,); already factorised if nothing varies.
        variable_*: entries that differ per scenario, value * state[a] * state[b]; empty if none.
        state: (scenario, varying state) or (0, 0).
        dead: nodes without supply, (scenario, node) or (0, node).
        source_re, source_im: source current at one per unit, (node,); source_pu: (scenario,) or (1,).
        device_p, device_q: consumption, (scenario or 1, device).
        order: node of each elimination step; start: first voltages (scenario or 1 or 0, node), nodes in network order.

    Returns:
        voltage (scenario, node in network order), last step (scenario,) [pu], iterations (scenario,).
    """
    n = len(diagonal)
    varies = len(variable_position) > 0 or dead.shape[0] > 0
    voltage = np.empty((n_scenarios, n), dtype=np.complex128)
    last_step = np.empty(n_scenarios)
    iterations = np.empty(n_scenarios, dtype=np.int64)
    n_blocks = (n_scenarios + LANES - 1) // LANES
    for block in prange(n_blocks):
        first = block * LANES
        count = min(LANES, n_scenarios - first)
        vr = np.zeros((n, LANES))
        vi = np.zeros((n, LANES))
        xr = np.empty((n, LANES))
        xi = np.empty((n, LANES))
        change = np.empty(LANES)
        taken = np.zeros(LANES, dtype=np.int64)
        n_devices = device_p.shape[1]
        p = np.empty((n_devices, LANES))
        q = np.empty((n_devices, LANES))
        scale = np.empty(LANES)
        for b in range(LANES):  # lanes beyond the last scenario repeat it
            scenario = first + min(b, count - 1)
            row = min(scenario, device_p.shape[0] - 1)
            for e in range(n_devices):
                p[e, b] = device_p[row, e]
                q[e, b] = device_q[row, e]
            scale[b] = source_pu[min(scenario, len(source_pu) - 1)]
            if start.shape[0] > 0:
                row = min(scenario, start.shape[0] - 1)
                for i in range(n):
                    vr[i, b] = start[row, order[i]].real
                    vi[i, b] = start[row, order[i]].imag
        if varies:
            lanes_re = np.empty((len(base_re), LANES))
            lanes_im = np.empty((len(base_re), LANES))
            for k in range(len(base_re)):
                lanes_re[k, :] = base_re[k]
                lanes_im[k, :] = base_im[k]
            for b in range(LANES):
                scenario = first + min(b, count - 1)
                for k in range(len(variable_position)):
                    factor = state[scenario, variable_a[k]] * state[scenario, variable_b[k]]
                    lanes_re[variable_position[k], b] += variable_value[k].real * factor
                    lanes_im[variable_position[k], b] += variable_value[k].imag * factor
                if dead.shape[0] > 0:
                    for i in range(n):
                        if dead[scenario, i]:
                            lanes_re[diagonal[i], b] += 1.0
            factorise_lanes(lanes_re, lanes_im, row_start, column, diagonal, update_start, update_target, update_source)
        for iteration in range(max_iterations + 1):
            for i in range(n):
                for b in range(LANES):
                    xr[i, b] = source_re[i] * scale[b]
                    xi[i, b] = source_im[i] * scale[b]
            if iteration > 0 or start.shape[0] > 0:  # the first pass without a start gives the no-load voltages
                _add_device_currents(
                    vr, vi, xr, xi, p, q, kind, device, plus, minus, into_plus, into_minus, share, per_rated, zip_p, zip_q, band, power_outside
                )
            if varies:
                _substitute_lanes(lanes_re, lanes_im, row_start, column, diagonal, xr, xi)
            else:
                _substitute(base_re, base_im, row_start, column, diagonal, xr, xi)
            _accept(vr, vi, xr, xi, change)
            for b in range(LANES):
                if not change[b] <= tolerance * tolerance:
                    taken[b] = iteration + 1
            if _settled(change, tolerance * tolerance):
                break
        for b in range(count):
            last_step[first + b] = np.sqrt(change[b])
            iterations[first + b] = taken[b] + 1
            for i in range(n):
                voltage[first + b, order[i]] = complex(vr[i, b], vi[i, b])
    return voltage, last_step, iterations
