"""The compiled core: many scenarios of one network, side by side.

Chord Newton in real coordinates: the matrix holds the network and the slopes of all devices at one operating voltage of the
batch, is factorised once, and every iteration solves

    (Y + slope) v_new = i_source - (i_devices(v) - slope v)

for LANES scenarios at once, blocks of them over the threads. With slopes of zero this is the fixed point on the nodal
admittance. A block in which a lane needs more than `PATIENCE` iterations goes on with Newton's method: slopes and factors
of each lane at its own last voltages.

Real and imaginary parts are kept apart and the lane axis is last, so that every operation works on whole vector registers.
Everything here is in elimination order (see `elimination`) and per unit. A lane that does not converge leaves the others
untouched.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, prange

from tieline.powerflow.device_currents import slopes, subtract_residual_currents
from tieline.powerflow.factors import back, eliminate_own, forward
from tieline.powerflow.lanes import LANES, gather, larger, load, prefetch, root, scatter, spread, store
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

SHARES_PER_THREAD = 8
"""Work is dealt out in this many shares per thread: enough that one slow share does not keep the others waiting."""

PATIENCE = 20
"""Iterations with common factors before each lane gets its own. Refactorising costs several such iterations; fewer lanes need
it than are saved by waiting.
"""

CAP = 0.4
NEWTON_LIMIT = 30
"""Newton's method doubles the right digits at every step; a lane still without an answer after so many has none."""

LARGEST_STEP = 0.1
"""Newton's steps are cut to this [pu], so that no lane leaps over to one of the solutions at low voltage."""

MARGIN = 1.5
"""On the estimated error: steps show the slow part of an error late. Without it, errors came out up to 1.3 times the estimate."""

ROUNDING = 1e-13
"""Steps this small are made of rounding errors: some hundred units in the last place of a voltage of one per unit."""


class Matrix(NamedTuple):
    """The matrix of a batch, as blocks of four reals (see `factors`).

    `plain` is what all scenarios have in common of the nodal admittance, (position, 4). With the slopes of the devices, `slope`
    (point, 4), added, and eliminated as far as it is common, it becomes `factors`. `first` is the first slot of each own row, -1
    for shared ones, (node,).
    """

    plain: FloatArray
    slope: FloatArray
    factors: FloatArray
    first: IntArray
    n_slots: int


class Variable(NamedTuple):
    """Matrix entries that differ per scenario: value * state[a] * state[b] at a position of a row.

    `state` is (scenario, varying state); `dead` (scenario, node) the nodes without supply, (0, 0) if there are none.
    """

    row: IntArray
    position: IntArray
    value: ComplexArray
    a: IntArray
    b: IntArray
    state: FloatArray
    dead: BoolArray


class Scenarios(NamedTuple):
    """What the scenarios ask; a first axis of one means the same for all.

    `p_kw`, `q_kvar` (scenario, device) consumption; `source_pu` (scenario,); `source_re`, `source_im` (source node,) current at
    one per unit; `start` (scenario, 2 * node in network order) first voltages, real and imaginary parts in turn; `rank` the step of each node.
    """

    p_kw: FloatArray
    q_kvar: FloatArray
    source_pu: FloatArray
    source_re: FloatArray
    source_im: FloatArray
    start: FloatArray
    rank: IntArray


class Workspace(NamedTuple):
    """What one thread works on: voltages v and right-hand sides x (node, LANES), rows of power, own rows (4 * slot, LANES), and of
    every lane its source voltage, its largest step and how that shrinks.
    """

    vr: FloatArray
    vi: FloatArray
    xr: FloatArray
    xi: FloatArray
    power: FloatArray
    own: FloatArray
    scale: FloatArray
    change: FloatArray
    scratch: FloatArray
    no_slope: FloatArray
    before: FloatArray
    quotient: FloatArray
    error: FloatArray
    last: IntArray


@njit(cache=True, parallel=True, error_model="numpy")
def solve_batch(voltage, n_threads, matrix, pattern, points, variable, scenarios, tolerance, max_iterations):
    """Solve all scenarios.

    Args:
        voltage: to be filled, (scenario, 2 * node in network order), real and imaginary parts in turn [pu]. Made by NumPy, which asks for huge pages: a tenth of the
            time of a large batch would go into page faults otherwise.
        n_threads: how many.
        matrix, pattern, points, variable, scenarios: as described at their classes.
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
        work = _workspace(len(pattern.diagonal), points, matrix.n_slots)
        for block in range(share * n_blocks // n_shares, (share + 1) * n_blocks // n_shares):
            first, last = block * LANES, min(block * LANES + LANES, n_scenarios) - 1
            _prefetch(voltage, first, last)
            _prefetch(scenarios.p_kw, first + LANES, min(last + LANES, n_scenarios - 1))
            _prefetch(scenarios.q_kvar, first + LANES, min(last + LANES, n_scenarios - 1))
            _solve_block(first, last, matrix, pattern, points, variable, scenarios, tolerance, max_iterations, work)
            for scenario in range(first, last + 1):
                errors[scenario] = work.error[scenario - first]
                taken[scenario] = work.last[scenario - first] + 1
            _write_voltages(first, last, scenarios.rank, work, voltage)
    return errors, taken


@njit(cache=True, error_model="numpy", _nrt=False)
def _prefetch(rows, first, last):
    """Ask for the cache lines of some rows"""
    for row in range(first, min(last, len(rows) - 1) + 1):
        for column in range(0, rows.shape[1], 8):
            prefetch(rows, row, column)


@njit(cache=True)
def _workspace(n_nodes, points, n_slots):
    """Arrays that a thread uses again for every block."""
    return Workspace(
        vr=np.zeros((n_nodes, LANES)),
        vi=np.zeros((n_nodes, LANES)),
        xr=np.empty((n_nodes, LANES)),
        xi=np.empty((n_nodes, LANES)),
        power=np.empty((2 * len(points.term_start), LANES)),
        own=np.empty((4 * n_slots, LANES)),
        scale=np.empty((1, LANES)),
        change=np.empty((1, LANES)),
        scratch=np.empty((2, LANES)),
        no_slope=np.empty((0, LANES)),
        before=np.empty((1, LANES)),
        quotient=np.empty((1, LANES)),
        error=np.empty(LANES),
        last=np.empty(LANES, dtype=np.int64),
    )


@njit(cache=True, error_model="numpy")
def _solve_block(first, last, matrix, pattern, points, variable, scenarios, tolerance, max_iterations, work):
    """Solve the scenarios first to last, at most LANES; the answer stands in `work`."""
    work.last[:] = 0
    work.error[:] = np.inf
    for b in range(LANES):
        work.scale[0, b] = scenarios.source_pu[min(first + b, last, len(scenarios.source_pu) - 1)]
    _load_start(first, last, scenarios, variable, work)
    _load_power(first, last, scenarios.p_kw, scenarios.q_kvar, points, work.power)
    if matrix.n_slots > 0:
        _fill_own_rows(first, last, matrix.factors, matrix.first, pattern, variable, work.own)
        eliminate_own(work.own, matrix.first, pattern)
    for iteration in range(min(PATIENCE, max_iterations + 1)):
        _iterate(matrix.factors, work.own, matrix.first, pattern, points, matrix.slope, work.no_slope, scenarios, work)
        if _is_settled(iteration, iteration, tolerance, work):
            break
    has_answers = True
    for b in range(LANES):
        has_answers = has_answers and work.error[b] <= tolerance
    if has_answers or max_iterations < PATIENCE:
        _finish(matrix.factors, work.own, matrix.first, pattern, work)
    else:
        _newton(first, last, matrix, pattern, points, variable, scenarios, tolerance, max_iterations, work)


@njit(cache=True, error_model="numpy")
def _newton(first, last, matrix, pattern, points, variable, scenarios, tolerance, max_iterations, work):
    """Newton's method for all lanes of a block, from the no-load voltages, with steps cut to `LARGEST_STEP`."""
    work.error[:] = np.inf
    work.vr[:], work.vi[:] = 0.0, 0.0  # the first iteration leads from here to no load
    every = pattern.row_start[:-1]
    own, own_slope = np.empty((4 * len(pattern.column), LANES)), np.empty((4 * len(points.kind), LANES))
    before_r, before_i = np.empty_like(work.vr), np.empty_like(work.vi)
    for iteration in range(min(NEWTON_LIMIT, max_iterations + 1 - PATIENCE)):
        slopes(work.vr, work.vi, work.power, points, own_slope, work.scratch)
        _fill_own_rows(first, last, matrix.plain, every, pattern, variable, own)
        _add_slopes(own_slope, points, own)
        eliminate_own(own, every, pattern)
        before_r[:], before_i[:] = work.vr, work.vi
        _iterate(matrix.factors, own, every, pattern, points, matrix.slope, own_slope, scenarios, work)
        if iteration > 0:
            _cut_step(pattern.n_inner, before_r, before_i, work)
        if _is_settled(iteration, PATIENCE + iteration, tolerance, work):
            break
    _refuse_low_voltage(own, pattern, work.error)
    _finish(matrix.factors, own, every, pattern, work)


@njit(cache=True, error_model="numpy", _nrt=False)
def _cut_step(first_row, before_r, before_i, work):
    """Go only part of the way from the voltages before where a lane's largest step is above `LARGEST_STEP`."""
    vr, vi = work.vr, work.vi
    for b in range(LANES):
        work.scratch[0, b] = min(1.0, LARGEST_STEP / np.sqrt(work.change[0, b]))
    part = load(work.scratch, 0)
    for i in range(first_row, len(vr)):
        old_r, old_i = load(before_r, i), load(before_i, i)
        store(vr, i, old_r + part * (load(vr, i) - old_r))
        store(vi, i, old_i + part * (load(vi, i) - old_i))


@njit(cache=True, error_model="numpy", _nrt=False)
def _refuse_low_voltage(own, pattern, error):
    """Call lanes without an answer whose factors have a negative determinant: that of no load is positive and changes its sign
    only where the voltage collapses.
    """
    for b in range(LANES):
        sign = 1.0
        for d in pattern.diagonal:
            sign *= np.sign(own[4 * d, b] * own[4 * d + 3, b] - own[4 * d + 1, b] * own[4 * d + 2, b])
        if not sign > 0.0 and np.isfinite(error[b]):
            error[b] = np.inf


@njit(cache=True, error_model="numpy", _nrt=False)
def _iterate(factors, own, first, pattern, points, slope, own_slope, scenarios, work):
    """One iteration on all nodes but the inner ones."""
    xr, xi, scale = work.xr, work.xi, load(work.scale, 0)
    n = len(pattern.diagonal)
    first_source = n - len(scenarios.source_re)
    for i in range(pattern.n_inner, first_source):
        store(xr, i, spread(0.0))
        store(xi, i, spread(0.0))
    for i in range(first_source, n):
        store(xr, i, spread(scenarios.source_re[i - first_source]) * scale)
        store(xi, i, spread(scenarios.source_im[i - first_source]) * scale)
    subtract_residual_currents(work.vr, work.vi, work.power, points, slope, own_slope, xr, xi, work.scratch)
    forward(factors, own, first, pattern, xr, xi)
    back(factors, own, first, pattern, pattern.n_inner, n, xr, xi, work.vr, work.vi, work.change)


@njit(cache=True, error_model="numpy", _nrt=False)
def _finish(factors, own, first, pattern, work):
    """The voltages of the inner nodes from all others."""
    for i in range(pattern.n_inner):
        store(work.xr, i, spread(0.0))
        store(work.xi, i, spread(0.0))
    back(factors, own, first, pattern, 0, pattern.n_inner, work.xr, work.xi, work.vr, work.vi, work.change)


@njit(cache=True, error_model="numpy", _nrt=False)
def _is_settled(iteration, so_far, tolerance, work):
    """Update the error of every lane; True when each has converged or is beyond rescue.

    An iteration that contracts by q per step is within step * q / (1 - q) of the answer (Banach). For q the last two quotients
    of steps speak: the earlier one if they fall, what they are growing to if they rise. Steps of `ROUNDING` say nothing about q
    any more. A lane that has converged stays so.
    """
    now = root(load(work.change, 0))
    store(work.change, 0, now)
    latest = now / load(work.before, 0) if iteration > 0 else spread(1.0)
    earlier = load(work.quotient, 0) if iteration > 0 else latest
    q = larger(earlier, latest + latest - earlier)
    store(work.before, 0, now)
    store(work.quotient, 0, q)
    store(work.scratch, 0, spread(MARGIN) * now * q / (spread(1.0) - q))
    settled = True
    for b in range(LANES):
        step = work.change[0, b]
        if work.error[b] <= tolerance and np.isfinite(step):
            continue
        if step <= ROUNDING or not np.isfinite(step):
            work.error[b] = step
        else:
            work.error[b] = work.scratch[0, b] if work.quotient[0, b] < 1.0 else np.inf
        if not work.error[b] <= tolerance:
            work.last[b] = so_far + 1
            settled = settled and not np.isfinite(step)  # a lane beyond rescue does not keep the others waiting
    store(work.quotient, 0, latest)
    return settled


@njit(cache=True, error_model="numpy", _nrt=False)
def _load_start(first, last, scenarios, variable, work):
    """First voltages of the scenarios first to last; a de-energised node starts and stays at zero."""
    start, rank, vr, vi = scenarios.start, scenarios.rank, work.vr, work.vi
    for node in range(len(rank)):
        i = rank[node]
        if len(start) == 1:
            store(vr, i, spread(start[0, 2 * node]))
            store(vi, i, spread(start[0, 2 * node + 1]))
        else:
            store(vr, i, gather(start, first, last, 2 * node))
            store(vi, i, gather(start, first, last, 2 * node + 1))
    for b in range(LANES if len(variable.dead) > 0 else 0):
        for i in range(len(rank)):
            if variable.dead[min(first + b, last), i]:
                vr[i, b], vi[i, b] = 0.0, 0.0


@njit(cache=True, error_model="numpy", _nrt=False)
def _load_power(first, last, p_kw, q_kvar, points, power):
    """Rows of power of every point from the powers of the devices of the scenarios first to last."""
    term_start, device, of_p, of_q = points.term_start, points.term_device, points.term_p, points.term_q
    last_p, last_q = min(last, len(p_kw) - 1), min(last, len(q_kvar) - 1)
    first_p, first_q = min(first, last_p), min(first, last_q)
    for pair in range(len(term_start) - 1):
        p, q = spread(0.0), spread(0.0)
        for k in range(term_start[pair], term_start[pair + 1]):
            p = p + spread(of_p[k]) * gather(p_kw, first_p, last_p, device[k])
            q = q + spread(of_q[k]) * gather(q_kvar, first_q, last_q, device[k])
        store(power, 2 * pair, p)
        store(power, 2 * pair + 1, q)


@njit(cache=True, error_model="numpy", _nrt=False)
def _fill_own_rows(first, last, common, first_slot, pattern, variable, own):
    """The own rows of each lane before factorising, (4 * slot, LANES), in the columns of own rows."""
    row_start, column = pattern.row_start, pattern.column
    for i in range(len(pattern.diagonal)):
        shift = first_slot[i] - row_start[i]
        for p in range(row_start[i], row_start[i + 1] if first_slot[i] >= 0 else row_start[i]):
            if first_slot[column[p]] >= 0:
                for c in range(4):
                    store(own, 4 * (p + shift) + c, spread(common[p, c]))
    for b in range(LANES if len(variable.row) > 0 else 0):
        scenario = min(first + b, last)
        for k in range(len(variable.row)):
            slot = variable.position[k] + first_slot[variable.row[k]] - pattern.row_start[variable.row[k]]
            value = variable.value[k] * variable.state[scenario, variable.a[k]] * variable.state[scenario, variable.b[k]]
            own[4 * slot, b] += value.real
            own[4 * slot + 1, b] -= value.imag
            own[4 * slot + 2, b] += value.imag
            own[4 * slot + 3, b] += value.real
        for i in range(variable.dead.shape[1]):
            if variable.dead[scenario, i]:
                slot = pattern.diagonal[i] + first_slot[i] - pattern.row_start[i]
                own[4 * slot, b] += 1.0
                own[4 * slot + 3, b] += 1.0


@njit(cache=True, error_model="numpy", _nrt=False)
def _add_slopes(own_slope, points, own):
    """Add the slope of every point to the matrix of each lane; all rows are own."""
    for t in range(len(points.kind)):
        for k in range(4):
            position = points.into[t, k]
            if position >= 0:
                sign = spread(1.0 if k == 0 or k == 3 else -1.0)
                for c in range(4):
                    store(own, 4 * position + c, load(own, 4 * position + c) + sign * load(own_slope, 4 * t + c))


@njit(cache=True, error_model="numpy", _nrt=False)
def _write_voltages(first, last, rank, work, voltage):
    """From lanes to rows of scenarios, node by node: one row of lanes in, as many streams out as there are lanes."""
    for node in range(len(rank)):
        scatter(voltage, first, last, 2 * node, load(work.vr, rank[node]))
        scatter(voltage, first, last, 2 * node + 1, load(work.vi, rank[node]))


@njit(cache=True, error_model="numpy")
def slopes_at(v, p_kw, q_kvar, points, rank):
    """Slopes of all points at one voltage vector (node in network order) and one set of powers (device,), (point, 4)."""
    work = _workspace(len(rank), points, 0)
    for node in range(len(rank)):
        work.vr[rank[node], :], work.vi[rank[node], :] = v[node].real, v[node].imag
    _load_power(0, 0, p_kw.reshape(1, -1), q_kvar.reshape(1, -1), points, work.power)
    out = np.empty((4 * len(points.kind), LANES))
    slopes(work.vr, work.vi, work.power, points, out, work.scratch)
    return out[:, 0].copy().reshape(-1, 4)
