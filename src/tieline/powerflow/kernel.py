"""The compiled core: many scenarios of one network, side by side.

Fixed point on the factorised nodal admittance, v <- Y^-1 (i_source + i_devices(v)), for LANES scenarios at once and blocks of
them over the threads. Real and imaginary parts are kept apart and the lane axis is last, so that every operation works on whole
vector registers. Scenarios share one pair of factors but for the rows in which their taps or switches make a difference.

Everything here is in elimination order (see `network.pattern`) and per unit. A lane that does not converge leaves the others
untouched.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, prange

from tieline.powerflow.device_currents import subtract_device_currents
from tieline.powerflow.factors import back, factorise, forward
from tieline.powerflow.lanes import LANES, load, spread, store
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

SHARES_PER_THREAD = 8
"""Work is dealt out in this many shares per thread: enough that one slow share does not keep the others waiting."""

ROUNDING = 1e-13
"""Steps this small are made of rounding errors: some hundred units in the last place of a voltage of one per unit."""


class Variable(NamedTuple):
    """Matrix entries that differ per scenario: value * state[a] * state[b] in a slot of the own rows.

    `state` is (scenario, varying state); `dead` (scenario, node) the nodes without supply; all are empty if nothing varies.
    """

    slot: IntArray
    value: ComplexArray
    a: IntArray
    b: IntArray
    state: FloatArray
    dead: BoolArray


class Scenarios(NamedTuple):
    """What the scenarios ask, per unit; a first axis of one means the same for all.

    `p`, `q` (scenario, device) consumption; `source_pu` (scenario,); `source_re`, `source_im` (node,) current at one per unit;
    `start` (scenario, node in network order) first voltages, or (0, node) to start from no load; `rank` the step of each node.
    """

    p: FloatArray
    q: FloatArray
    source_pu: FloatArray
    source_re: FloatArray
    source_im: FloatArray
    start: ComplexArray
    rank: IntArray


class Workspace(NamedTuple):
    """What one thread works on: voltages v and right-hand sides x (node, LANES), powers (device, LANES), own rows (slot, LANES),
    and of every lane its last step and quotient of steps.
    """

    vr: FloatArray
    vi: FloatArray
    xr: FloatArray
    xi: FloatArray
    p: FloatArray
    q: FloatArray
    own_re: FloatArray
    own_im: FloatArray
    scale: FloatArray
    change: FloatArray
    scratch: FloatArray
    before: FloatArray
    quotient: FloatArray
    error: FloatArray
    last: IntArray


@njit(cache=True, parallel=True, error_model="numpy")
def solve_batch(voltage, n_threads, re, im, own, pattern, variable, devices, scenarios, tolerance, max_iterations):
    """Solve all scenarios.

    Args:
        voltage: to be filled, (scenario, node in network order) [pu]. Made by NumPy, which asks for huge pages: a tenth of the
            time of a large batch would go into page faults otherwise.
        n_threads: how many.
        re, im: factors that all scenarios share, (position,).
        own: rows that each scenario factorises for itself.
        pattern, variable, devices, scenarios: as described at their classes.
        tolerance: estimated error of the voltages at which a scenario counts as converged [pu].
        max_iterations: give up after so many.

    Returns:
        Estimated error (scenario,) [pu], iterations (scenario,).
    """
    n_scenarios = len(voltage)
    errors = np.empty(n_scenarios)
    taken = np.empty(n_scenarios, dtype=np.int64)
    n_blocks = (n_scenarios + LANES - 1) // LANES
    n_shares = min(n_blocks, SHARES_PER_THREAD * n_threads)
    for share in prange(n_shares):
        work = _workspace(len(pattern.diagonal), scenarios.p.shape[1], len(own.re))
        for block in range(share * n_blocks // n_shares, (share + 1) * n_blocks // n_shares):
            first = block * LANES
            count = min(LANES, n_scenarios - first)
            _solve_block(
                first,
                count,
                re,
                im,
                own,
                pattern,
                variable,
                devices,
                scenarios,
                tolerance,
                max_iterations,
                work,
                voltage,
                errors,
                taken,
            )
    return errors, taken


@njit(cache=True)
def _workspace(n_nodes, n_devices, n_slots):
    """Arrays that a thread uses again for every block."""
    return Workspace(
        vr=np.zeros((n_nodes, LANES)),
        vi=np.zeros((n_nodes, LANES)),
        xr=np.empty((n_nodes, LANES)),
        xi=np.empty((n_nodes, LANES)),
        p=np.empty((n_devices, LANES)),
        q=np.empty((n_devices, LANES)),
        own_re=np.empty((n_slots, LANES)),
        own_im=np.empty((n_slots, LANES)),
        scale=np.empty((1, LANES)),
        change=np.empty((1, LANES)),
        scratch=np.empty((2, LANES)),
        before=np.empty(LANES),
        quotient=np.empty(LANES),
        error=np.empty(LANES),
        last=np.empty(LANES, dtype=np.int64),
    )


@njit(cache=True, error_model="numpy")
def _solve_block(
    first, count, re, im, own, pattern, variable, devices, scenarios, tolerance, max_iterations, work, voltage, errors, taken
):
    """Solve up to LANES scenarios from `first` on; writes rows of voltage, errors, taken."""
    n = len(pattern.diagonal)
    vr, vi, xr, xi, p, q = work.vr, work.vi, work.xr, work.xi, work.p, work.q
    own_re, own_im, scale, change, last = work.own_re, work.own_im, work.scale, work.change, work.last
    error = work.error
    last[:] = 0
    work.quotient[:] = 1.0
    _fill_own_rows(first, count, re, im, own, pattern, variable, own_re, own_im)
    _load_block(first, count, scenarios, p, q, scale, vr, vi)
    has_start = scenarios.start.shape[0] > 0
    for iteration in range(max_iterations + 1):
        for i in range(n):
            store(xr, i, spread(scenarios.source_re[i]) * load(scale, 0))
            store(xi, i, spread(scenarios.source_im[i]) * load(scale, 0))
        if iteration > 0 or has_start:  # the first pass without a start gives the no-load voltages
            subtract_device_currents(vr, vi, xr, xi, p, q, devices, work.scratch)
        forward(re, im, own_re, own_im, own.first, pattern, xr, xi)
        back(re, im, own_re, own_im, own.first, pattern, xr, xi, vr, vi, change)
        if _is_settled(iteration, change, work.before, work.quotient, error, last, tolerance):
            break
    for b in range(count):
        errors[first + b] = error[b]
        taken[first + b] = last[b] + 1
    for node in range(n):  # node by node: one row of lanes in, as many streams out as there are lanes
        i = scenarios.rank[node]
        for b in range(count):
            voltage[first + b, node] = complex(vr[i, b], vi[i, b])


@njit(cache=True, error_model="numpy")
def _is_settled(iteration, change, before, quotient, error, last, tolerance):
    """Update the error of every lane; True when each has converged or is beyond rescue.

    A fixed point that contracts by q per step is within step * q / (1 - q) of the answer (Banach); q is taken as the larger of
    the last two quotients of steps. Steps of `ROUNDING` say nothing about q any more.
    """
    settled = True
    for b in range(LANES):
        now = np.sqrt(change[0, b])
        latest = now / before[b] if iteration > 0 else 1.0
        q = max(latest, quotient[b])
        if now <= ROUNDING or not np.isfinite(now):
            error[b] = now
        else:
            error[b] = now * q / (1.0 - q) if q < 1.0 else np.inf
        before[b], quotient[b] = now, latest
        if not error[b] <= tolerance:
            last[b] = iteration + 1
            settled = settled and not np.isfinite(now)  # a lane beyond rescue does not keep the others waiting
    return settled


@njit(cache=True, error_model="numpy")
def _load_block(first, count, scenarios, p, q, scale, vr, vi):
    """Copy powers, source voltage and start of a block into lanes; lanes beyond the last scenario repeat it."""
    _gather(first, count, scenarios.p, p)
    _gather(first, count, scenarios.q, q)
    for b in range(LANES):
        scale[0, b] = scenarios.source_pu[min(first + min(b, count - 1), len(scenarios.source_pu) - 1)]
    start = scenarios.start
    if start.shape[0] == 0:
        vr[:] = 0.0  # what the last block left here may be NaN
        vi[:] = 0.0
    elif start.shape[0] == 1:
        for node in range(vr.shape[0]):
            store(vr, scenarios.rank[node], spread(start[0, node].real))
            store(vi, scenarios.rank[node], spread(start[0, node].imag))
    elif start.shape[0] > 1:
        for node in range(vr.shape[0]):
            i = scenarios.rank[node]
            for b in range(LANES):
                v = start[first + min(b, count - 1), node]
                vr[i, b], vi[i, b] = v.real, v.imag


@njit(cache=True, error_model="numpy")
def _gather(first, count, rows, lanes):
    """Rows of scenarios (scenario or 1, k) as columns of lanes (k, LANES)."""
    if rows.shape[0] == 1:
        for k in range(rows.shape[1]):
            store(lanes, k, spread(rows[0, k]))
        return
    for k in range(rows.shape[1]):
        for b in range(count):
            lanes[k, b] = rows[first + b, k]
        for b in range(count, LANES):
            lanes[k, b] = lanes[k, count - 1]


@njit(cache=True, error_model="numpy")
def _fill_own_rows(first, count, re, im, own, pattern, variable, own_re, own_im):
    """The own rows of each lane, filled in and factorised; (slot, LANES)."""
    for k in range(len(own.re)):
        store(own_re, k, spread(own.re[k]))
        store(own_im, k, spread(own.im[k]))
    for b in range(LANES if len(own.re) > 0 else 0):
        scenario = first + min(b, count - 1)
        for k in range(len(variable.slot)):
            factor = variable.state[scenario, variable.a[k]] * variable.state[scenario, variable.b[k]]
            own_re[variable.slot[k], b] += variable.value[k].real * factor
            own_im[variable.slot[k], b] += variable.value[k].imag * factor
        for i in range(len(pattern.diagonal)):
            if variable.dead[scenario, i]:
                own_re[own.first[i] + pattern.diagonal[i] - pattern.row_start[i], b] += 1.0
    factorise(re, im, own_re, own_im, own.first, pattern)
