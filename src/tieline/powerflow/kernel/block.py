"""A block: LANES scenarios of one network on their way from inputs to voltages, and the steps of an iteration.

Every iteration solves

    (Y + slope) v_new = i_source - (i_devices(v) - slope v)

with slopes of the devices at some operating voltage. Real and imaginary parts are kept apart and the lane axis is last, so that
every operation works on whole vector registers. Everything here is in elimination order (see `elimination`) and per unit. A
lane that does not converge leaves the others untouched.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.kernel.compiled import entry, leaf, maker
from tieline.powerflow.kernel.device_currents import slopes, subtract_residual_currents
from tieline.powerflow.kernel.factors import back, forward
from tieline.powerflow.kernel.lanes import (
    LANES,
    gather,
    larger,
    load,
    prefetch,
    root,
    scatter,
    spread,
    store,
)
from tieline.powerflow.kernel.served import is_served, leave_unserved
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

PREFETCHED = 1024
"""Rows of up to so many numbers are fetched ahead: a block of them is 128 KiB, a part of a core's own cache."""

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

    `state` is (scenario or 1, varying state); `dead` (scenario or 1, node) the nodes without supply, (0, 0) if there are none.
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
    one per unit; `start` (scenario, 2 * node in network order) first voltages, real and imaginary parts in turn; `rank` the step
    of each node; `noise` and `newton_noise` (node,) in elimination order the squared steps of either method that are made of
    rounding errors, see `network.sections`.
    """

    p_kw: FloatArray
    q_kvar: FloatArray
    source_pu: FloatArray
    source_re: FloatArray
    source_im: FloatArray
    start: FloatArray
    rank: IntArray
    noise: FloatArray
    newton_noise: FloatArray


class Workspace(NamedTuple):
    """What one thread works on: voltages v and right-hand sides x (node, LANES), rows of power, varying states, own rows
    (4 * slot, LANES), and of every lane the scenario in it, its source voltage, its largest step, how that shrinks, the
    iterations since it began, and what is known of its answer.
    """

    scenario: IntArray
    vr: FloatArray
    vi: FloatArray
    xr: FloatArray
    xi: FloatArray
    power: FloatArray
    state: FloatArray
    own: FloatArray
    scale: FloatArray
    change: FloatArray
    scratch: FloatArray
    no_slope: FloatArray
    before: FloatArray
    quotient: FloatArray
    error: FloatArray
    is_lost: BoolArray
    age: IntArray
    last: IntArray


@maker
def make_workspace(n_nodes, points, n_states, n_slots):
    """Arrays that a thread uses again for every block."""
    return Workspace(
        scenario=np.zeros(LANES, dtype=np.int64),
        vr=np.zeros((n_nodes, LANES)),
        vi=np.zeros((n_nodes, LANES)),
        xr=np.empty((n_nodes, LANES)),
        xi=np.empty((n_nodes, LANES)),
        power=np.empty((2 * len(points.term_start), LANES)),
        state=np.empty((n_states, LANES)),
        own=np.empty((4 * n_slots, LANES)),
        scale=np.empty((1, LANES)),
        change=np.empty((1, LANES)),
        scratch=np.empty((1, LANES)),
        no_slope=np.empty((0, LANES)),
        before=np.empty((1, LANES)),
        quotient=np.empty((1, LANES)),
        error=np.empty(LANES),
        is_lost=np.empty(LANES, dtype=np.bool_),
        age=np.empty(LANES, dtype=np.int64),
        last=np.empty(LANES, dtype=np.int64),
    )


@leaf
def load_block(first, last, variable, scenarios, points, work):
    """Take in the scenarios first to last, at most LANES, and forget the ones before."""
    for b in range(LANES):
        work.scale[0, b] = scenarios.source_pu[min(first + b, last, len(scenarios.source_pu) - 1)]
        begin_anew(b, work)
    _load_start(first, last, scenarios, variable, work)
    _load_states(first, last, variable.state, work)
    _load_power(first, last, scenarios.p_kw, scenarios.q_kvar, points, work.power)
    for b in range(LANES if len(variable.dead) > 0 else 0):
        leave_unserved(
            b, variable.dead[min(first + b, last, len(variable.dead) - 1)], points, work.power
        )


@leaf
def _load_states(first, last, state, work):
    """Take in the varying states of the scenarios first to last."""
    for b in range(LANES):
        work.scenario[b] = min(first + b, last)
    last_state = min(last, len(state) - 1)
    for column in range(state.shape[1]):
        store(work.state, column, gather(state, min(first, last_state), last_state, column))


@leaf
def begin_anew(b, work):
    """Nothing is known yet of the answer in lane b."""
    work.age[b], work.last[b], work.error[b], work.is_lost[b] = 0, 0, np.inf, False


@leaf
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
            if variable.dead[min(first + b, last, len(variable.dead) - 1), i]:
                vr[i, b], vi[i, b] = 0.0, 0.0


@leaf
def _load_power(first, last, p_kw, q_kvar, points, power):
    """Rows of power of every point from the powers of the devices of the scenarios first to last."""
    term_start, device, of_p, of_q = (
        points.term_start,
        points.term_device,
        points.term_p,
        points.term_q,
    )
    last_p, last_q = min(last, len(p_kw) - 1), min(last, len(q_kvar) - 1)
    first_p, first_q = min(first, last_p), min(first, last_q)
    for pair in range(len(term_start) - 1):
        p, q = spread(0.0), spread(0.0)
        for k in range(term_start[pair], term_start[pair + 1]):
            p = p + spread(of_p[k]) * gather(p_kw, first_p, last_p, device[k])
            q = q + spread(of_q[k]) * gather(q_kvar, first_q, last_q, device[k])
        store(power, 2 * pair, p)
        store(power, 2 * pair + 1, q)


@leaf
def fill_own_rows(common, first_slot, pattern, variable, work, own):
    """The own rows of each lane before factorising, (4 * slot, LANES), in the columns of own rows; varying entries at the states
    of the lanes.
    """
    row_start, column = pattern.row_start, pattern.column
    for i in range(len(pattern.diagonal)):
        shift = first_slot[i] - row_start[i]
        for p in range(row_start[i], row_start[i + 1] if first_slot[i] >= 0 else row_start[i]):
            if first_slot[column[p]] >= 0:
                for c in range(4):
                    store(own, 4 * (p + shift) + c, spread(common[p, c]))
    for k in range(len(variable.row)):
        slot = variable.position[k] + first_slot[variable.row[k]] - row_start[variable.row[k]]
        product = load(work.state, variable.a[k]) * load(work.state, variable.b[k])
        real, imag = (
            spread(variable.value[k].real) * product,
            spread(variable.value[k].imag) * product,
        )
        store(own, 4 * slot, load(own, 4 * slot) + real)
        store(own, 4 * slot + 1, load(own, 4 * slot + 1) - imag)
        store(own, 4 * slot + 2, load(own, 4 * slot + 2) + imag)
        store(own, 4 * slot + 3, load(own, 4 * slot + 3) + real)
    for b in range(LANES if len(variable.dead) > 0 else 0):
        scenario = min(work.scenario[b], len(variable.dead) - 1)
        for i in range(variable.dead.shape[1]):
            if variable.dead[scenario, i]:
                slot = pattern.diagonal[i] + first_slot[i] - pattern.row_start[i]
                own[4 * slot, b] += 1.0
                own[4 * slot + 3, b] += 1.0


@leaf
def iterate(factors, own, first, pattern, points, slope, own_slope, scenarios, work):
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
    subtract_residual_currents(work.vr, work.vi, work.power, points, slope, own_slope, xr, xi)
    forward(factors, own, first, pattern, xr, xi)
    back(
        factors,
        own,
        first,
        pattern,
        pattern.n_inner,
        n,
        scenarios.noise,
        xr,
        xi,
        work.vr,
        work.vi,
        work.change,
    )


@leaf
def is_settled(tolerance, work):
    """Update the error of every lane after an iteration; True when each has converged or is beyond rescue.

    An iteration that contracts by q per step is within step * q / (1 - q) of the answer (Banach). For q the last two quotients
    of steps speak: the earlier one if they fall, what they are growing to if they rise. Steps of `ROUNDING` say nothing about q
    any more. A lane that has converged stays so; one that begins has no quotient yet, and one stands for it.
    """
    now = root(load(work.change, 0))
    store(work.change, 0, now)
    store(work.scratch, 0, now / load(work.before, 0))
    for b in range(LANES):
        if work.age[b] == 0:
            work.scratch[0, b], work.quotient[0, b] = 1.0, 1.0
        work.age[b] += 1
    latest, earlier = load(work.scratch, 0), load(work.quotient, 0)
    q = larger(earlier, latest + latest - earlier)
    store(work.before, 0, now)
    store(work.quotient, 0, q)
    store(work.scratch, 0, spread(MARGIN) * now * q / (spread(1.0) - q))
    settled = True
    for b in range(LANES):
        step = work.change[0, b]
        if work.is_lost[b]:
            work.error[b] = np.inf
            work.last[b] = work.age[b]
            continue
        if work.error[b] <= tolerance and np.isfinite(step):
            continue
        if step <= ROUNDING or not np.isfinite(step):
            work.error[b] = step
        else:
            work.error[b] = work.scratch[0, b] if work.quotient[0, b] < 1.0 else np.inf
        if not work.error[b] <= tolerance:
            work.last[b] = work.age[b]
            settled = settled and not np.isfinite(
                step
            )  # a lane beyond rescue does not keep the others waiting
    store(work.quotient, 0, latest)
    return settled


@leaf
def finish(factors, own, first, pattern, noise, work):
    """The voltages of the inner nodes from all others."""
    first_row = np.int64(0)  # a bare 0 would compile `back` once more
    for i in range(pattern.n_inner):
        store(work.xr, i, spread(0.0))
        store(work.xi, i, spread(0.0))
    xr, xi, vr, vi = work.xr, work.xi, work.vr, work.vi
    back(
        factors, own, first, pattern, first_row, pattern.n_inner, noise, xr, xi, vr, vi, work.change
    )


@leaf
def write_block(first, last, rank, points, work, voltage, errors, taken):
    """Write estimated errors, infinite where the voltage has collapsed, iterations and voltages of the scenarios first to last.

    Voltages go node by node: one row of lanes in, as many streams out as there are lanes.
    """
    for scenario in range(first, last + 1):
        errors[scenario] = (
            work.error[scenario - first] if is_served(scenario - first, points, work) else np.inf
        )
        taken[scenario] = work.last[scenario - first] + 1
    for node in range(len(rank)):
        scatter(voltage, first, last, 2 * node, load(work.vr, rank[node]))
        scatter(voltage, first, last, 2 * node + 1, load(work.vi, rank[node]))


@leaf
def fetch_ahead(rows, first, last):
    """Ask for the cache lines of some rows, soon to be read or written, unless they would push out what is worked on."""
    if rows.shape[1] > PREFETCHED:
        return
    for row in range(first, min(last, len(rows) - 1) + 1):
        for column in range(0, rows.shape[1], 8):
            prefetch(rows, row, column)


@entry
def slopes_at(v, p_kw, q_kvar, points, rank):
    """Slopes of all points at one voltage vector (node in network order) and one set of powers (device,), (point, 4)."""
    work = make_workspace(len(rank), points, 0, 0)
    for node in range(len(rank)):
        work.vr[rank[node], :], work.vi[rank[node], :] = v[node].real, v[node].imag
    _load_power(0, 0, p_kw.reshape(1, -1), q_kvar.reshape(1, -1), points, work.power)
    out = np.empty((4 * len(points.kind), LANES))
    slopes(work.vr, work.vi, work.power, points, out)
    return out[:, 0].copy().reshape(-1, 4)
