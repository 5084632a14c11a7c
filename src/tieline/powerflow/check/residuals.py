"""The compiled pass behind `balance`: residuals of Kirchhoff's law beside what they may be, LANES scenarios at a time.

Scenarios stand in the lanes in any order, so that those that are worth judging can be picked from all over a batch. They are
measured in two goes. The first takes the larger part of a complex number for its magnitude, which is never more and at least
0.7 of it, so that what passes is sound and needs no square root. Only lanes among which one does not pass are measured exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.check.device_law import (
    fill_factors_of_band,
    power_factor,
    zip_factors,
)
from tieline.powerflow.kernel.arrays import empty, zeros
from tieline.powerflow.kernel.compiled import entry, inlined, leaf, maker
from tieline.powerflow.kernel.lanes import (
    LANES,
    gather_pair_at,
    larger,
    load,
    root,
    smaller,
    spread,
    store,
)
from tieline.powerflow.kernel.prepare import SAMPLE
from tieline.typing import BoolArray, FloatArray, IntArray

SLACK = 1000.0
"""Ten times the most seen on 2e4 scenarios of the reference feeders: the last step may be as many tolerances long as the short
circuit current of a node is times its load current, since it is the remaining error that is held to the tolerance. A small load
beside a stiff source passes it and is an answer all the same: see `voltage_error`."""

LOST = 1e-6
"""Of the load: a hundredth of the accuracy that losses are asked for, where losses are a hundredth of the load."""

NOWHERE = -1
"""The node where the law is broken, while it is not."""


class Answered(NamedTuple):
    """What the scenarios ask and got: `voltage` (scenario, 2 * node), `state` (judged scenario or 1, state), the others
    (scenario or 1, ...); `dead` (0, 0) if no node is.
    """

    voltage: FloatArray
    state: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray
    source_pu: FloatArray
    dead: BoolArray


class Verdict(NamedTuple):
    """By scenario: the largest residual over what it may be (the law holds up to 1; 0 where that is certain without measuring),
    the node of it, and its size [pu].
    """

    ratio: FloatArray
    node: IntArray
    size: FloatArray


class Desk(NamedTuple):
    """What one thread works on, (node, state or device; LANES): the voltages v, the residuals x and what these may be, states
    and powers; of every lane its scenario, source voltage, device current in all, and by how much its worst residual passes what
    it may be.
    """

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
    source_pu: FloatArray
    current: FloatArray
    factor: FloatArray
    serves: FloatArray
    excess: FloatArray


@maker
def _make_desk(n_nodes, n_states, n_devices, n_sources):
    """Arrays that a thread uses again for every group."""
    return Desk(
        scenario=zeros((LANES,), np.int64),
        vr=empty((n_nodes, LANES), np.float64),
        vi=empty((n_nodes, LANES), np.float64),
        xr=empty((n_nodes, LANES), np.float64),
        xi=empty((n_nodes, LANES), np.float64),
        allowed=empty((n_nodes, LANES), np.float64),
        state=empty((n_states, LANES), np.float64),
        p=empty((n_devices, LANES), np.float64),
        q=empty((n_devices, LANES), np.float64),
        typical=zeros((n_devices,), np.float64),
        source_pu=empty((n_sources, LANES), np.float64),
        current=empty((1, LANES), np.float64),
        factor=empty((2, LANES), np.float64),
        serves=empty((1, LANES), np.float64),
        excess=empty((1, LANES), np.float64),
    )


@entry
def judge_groups(begin, end, rows, answered, law, branches, tolerance, verdict):
    """Fill the verdict of the groups of LANES rows begin to end, which begins as that all pass."""
    desk = _make_desk(
        len(law.rounding),
        answered.state.shape[1],
        answered.p_kw.shape[1],
        answered.source_pu.shape[1],
    )
    _add_mean(answered.p_kw, desk.typical)
    _add_mean(answered.q_kvar, desk.typical)
    slack = SLACK * tolerance
    for group in range(begin, end):
        first = group * LANES
        last = min(first + LANES, len(rows)) - 1
        _take_in(first, last, rows, answered, law, desk)
        # The quick measure is too strict by up to a half: what it doubts may still be sound.
        for is_exact in (False, True):
            _add_devices(is_exact, slack, answered.dead, branches, desk)
            _add_entries(law, desk)
            if _all_pass(desk):
                break
        else:
            for b in range(last + 1 - first):
                _pronounce(first + b, b, law, desk, verdict)


@leaf
def _add_mean(rows, typical):
    """Add the mean magnitude over a sample of rows, evenly spread, to what each device typically asks for; not of a single row,
    which is solved without slopes.

    The sample is that of the operating point: in a smaller one a device that few scenarios use could be missing, and all others
    would be held to a current of zero.
    """
    if len(rows) == 1:
        return
    step = (len(rows) + SAMPLE - 1) // SAMPLE
    share = step / len(rows)
    for row in range(0, len(rows), step):
        for k in range(len(typical)):
            if np.isfinite(rows[row, k]):
                typical[k] += share * abs(rows[row, k])


@leaf
def _take_in(first, last, rows, answered, law, desk):
    """Voltages, powers and states of the judged rows first to last into the lanes; the last stands in for those beyond it."""
    for b in range(LANES):
        scenario = rows[min(first + b, last)]
        desk.scenario[b] = scenario
        source_pu = answered.source_pu[_row_of(scenario, answered.source_pu)]
        for k in range(len(source_pu)):
            desk.source_pu[k, b] = source_pu[k]
    for i in range(len(desk.vr)):
        re, im = gather_pair_at(answered.voltage, desk.scenario, 2 * i)
        store(desk.vr, i, re)
        store(desk.vi, i, im)
    for b in range(LANES):
        scenario = desk.scenario[b]
        p_kw = answered.p_kw[_row_of(scenario, answered.p_kw)]
        q_kvar = answered.q_kvar[_row_of(scenario, answered.q_kvar)]
        for k in range(len(desk.p)):
            desk.p[k, b] = p_kw[k]
            desk.q[k, b] = q_kvar[k]
        if len(law.own_column) > 0:
            state = answered.state[_row_of(min(first + b, last), answered.state)]
            for k in range(len(desk.state)):
                desk.state[k, b] = state[k]


@inlined
def _row_of(scenario, rows):
    """The row of a scenario in an array that may have one row for all."""
    return min(scenario, len(rows) - 1)


@leaf
def _add_devices(is_exact, slack, dead, branches, desk):
    """Node currents of the devices of every lane, what these may be off by, and the sum over all devices; exactly, or that for
    the last two never too much.
    """
    vr = desk.vr
    vi = desk.vi
    _clear(desk)
    for k in range(len(branches.device)):
        plus = branches.plus[k]
        minus = branches.minus[k]
        device = branches.device[k]
        dr = load(vr, plus)
        di = load(vi, plus)
        if minus >= 0:
            dr = dr - load(vr, minus)
            di = di - load(vi, minus)
        size_sq = dr * dr + di * di
        if branches.has_pieces[k]:
            fill_factors_of_band(k, size_sq, branches, desk.factor)
            of_p = load(desk.factor, 0)
            of_q = load(desk.factor, 1)
        elif branches.is_constant_power[k]:
            of_p = power_factor(size_sq, branches.inside_p[k, 2])
            of_q = power_factor(size_sq, branches.inside_q[k, 2])
        else:
            of_p, of_q = zip_factors(
                size_sq, branches.inside_p[k], branches.inside_q[k]
            )
        if len(dead) > 0:
            _fill_serves(plus, minus, dead, desk)
            of_p = of_p * load(desk.serves, 0)
            of_q = of_q * load(desk.serves, 0)
        share = spread(branches.share[k])
        g = of_p * (share * load(desk.p, device))
        b = of_q * (share * load(desk.q, device))
        if is_exact:
            admittance = root(g * g + b * b)
            size = root(size_sq)
        else:
            admittance = _larger_part(g, b)
            size = _larger_part(dr, di)
        store(desk.current, 0, load(desk.current, 0) + admittance * size)
        # The iteration takes its slopes at the mean powers: a device that asks for less is known no better.
        typical = spread(branches.share[k] * desk.typical[device]) * larger(of_p, of_q)
        may_miss = spread(slack) * larger(admittance, typical)
        cr = g * dr + b * di
        ci = g * di - b * dr
        _add_current(plus, cr, ci, may_miss, desk)
        if minus >= 0:
            _add_current(minus, spread(0.0) - cr, spread(0.0) - ci, may_miss, desk)


@inlined
def _larger_part(re, im):
    """The larger of |re| and |im|."""
    return larger(larger(re, spread(0.0) - re), larger(im, spread(0.0) - im))


@leaf
def _clear(desk):
    """No device has taken a current yet."""
    zero = spread(0.0)
    for i in range(len(desk.xr)):
        store(desk.xr, i, zero)
        store(desk.xi, i, zero)
        store(desk.allowed, i, zero)
    store(desk.current, 0, zero)


@inlined
def _add_current(node, cr, ci, may_miss, desk):
    """Add a current that leaves a node, and what it may be off by."""
    re = load(desk.xr, node) + cr
    im = load(desk.xi, node) + ci
    allowed = load(desk.allowed, node) + may_miss
    store(desk.xr, node, re)
    store(desk.xi, node, im)
    store(desk.allowed, node, allowed)


@leaf
def _fill_serves(plus, minus, dead, desk):
    """By how much a device between two nodes is served in each lane: at a de-energised one it takes nothing."""
    for b in range(LANES):
        is_dead = dead[min(desk.scenario[b], len(dead) - 1)]
        is_unserved = is_dead[plus] or (minus >= 0 and is_dead[minus])
        desk.serves[0, b] = 0.0 if is_unserved else 1.0


@leaf
def _subtract_source(law, desk):
    """Take the currents that the source brings off its nodes."""
    for row in range(len(law.source_node)):
        node = law.source_node[row]
        re = load(desk.xr, node)
        im = load(desk.xi, node)
        for k in range(len(desk.source_pu)):
            source_pu = load(desk.source_pu, k)
            re = re - spread(law.source_re[row, k]) * source_pu
            im = im - spread(law.source_im[row, k]) * source_pu
        store(desk.xr, node, re)
        store(desk.xi, node, im)


@leaf
def _add_entries(law, desk):
    """Add the currents of the elements node by node: x becomes the residual, `allowed` what it may be."""
    vr = desk.vr
    vi = desk.vi
    state = desk.state
    most = spread(LOST) * larger(load(desk.current, 0), spread(1.0))
    _subtract_source(law, desk)
    excess = spread(0.0)
    for i in range(len(law.rounding)):
        re = load(desk.xr, i)
        im = load(desk.xi, i)
        for e in range(law.start[i], law.start[i + 1]):
            g = spread(law.g[e])
            b = spread(law.b[e])
            column = law.column[e]
            ur = load(vr, column)
            ui = load(vi, column)
            re = re + g * ur - b * ui
            im = im + g * ui + b * ur
        for e in range(law.own_start[i], law.own_start[i + 1]):
            factor = load(state, law.own_state_a[e]) * load(state, law.own_state_b[e])
            g = spread(law.own_g[e])
            b = spread(law.own_b[e])
            column = law.own_column[e]
            ur = factor * load(vr, column)
            ui = factor * load(vi, column)
            re = re + g * ur - b * ui
            im = im + g * ui + b * ur
        allowed = load(desk.allowed, i) + smaller(spread(law.rounding[i]), most)
        store(desk.xr, i, re)
        store(desk.xi, i, im)
        store(desk.allowed, i, allowed)
        # As a difference of squares: neither a root nor a division where nothing is wrong.
        if law.is_judged[i]:
            excess = larger(re * re + im * im - allowed * allowed, excess)
    store(desk.excess, 0, excess)


@leaf
def _all_pass(desk):
    """Whether no residual of any lane is more than it may be."""
    worst = 0.0
    for b in range(LANES):
        worst = max(worst, desk.excess[0, b])
    return worst <= 0.0


@leaf
def _pronounce(row, b, law, desk, verdict):
    """The verdict on lane b, which is judged row number `row`."""
    for i in range(len(law.rounding)):
        if law.is_judged[i]:
            size = np.sqrt(desk.xr[i, b] ** 2 + desk.xi[i, b] ** 2)
            ratio = size / desk.allowed[i, b]
            # The first that is not at most the last one: a residual that is NaN is the worst.
            is_first = verdict.node[row] == NOWHERE
            if is_first or not ratio <= verdict.ratio[row]:
                verdict.node[row] = i
                verdict.ratio[row] = ratio
                verdict.size[row] = size
