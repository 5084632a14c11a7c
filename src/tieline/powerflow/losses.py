"""What enters the lines and transformers of every scenario and does not leave them: one compiled pass over their admittances,
and over those of shunts that are a part of one (`Shunt.is_loss`).

    loss = sum over terminals t of  V_t conj(I_t),      I_t = sum over the entries e of t of  y_e state_a state_b V_column

as in `Solution.element_loss_kva`, but without arrays of (scenario, entry), which cost more than the power flow; LANES scenarios
at a time. `series_loss_slope` is the derivative of the active part by the voltages.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.kernel.arrays import empty
from tieline.powerflow.kernel.compiled import entry, inlined, leaf, maker
from tieline.powerflow.kernel.lanes import LANES, gather, load, scatter, spread, store
from tieline.powerflow.kernel.machine_code import (
    in_rows,
    laid_out,
    machine_code,
)
from tieline.powerflow.kernel.plan import PLANS_KEPT
from tieline.powerflow.kernel.prepare import SYSTEMS_KEPT, differing_states
from tieline.powerflow.kernel.system import complex_rows, real_rows
from tieline.powerflow.kernel.threads import over_threads
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

SERIES = ("line", "transformer")
"""Kinds of elements whose power in minus power out is a loss; a capacitor, and mostly a shunt, takes its power on purpose."""


class SeriesEntries(NamedTuple):
    """Admittance entries of lines and transformers, terminal by terminal.

    `node` (terminal,) is where a terminal is tied, `start` (terminal + 1,) the first of its entries; the rest (entry,). Where
    `varies`, an entry is still to be multiplied by its states; elsewhere g and b have those of the batch in them.
    """

    node: IntArray
    start: IntArray
    column: IntArray
    g: FloatArray
    b: FloatArray
    state_a: IntArray
    state_b: IntArray
    varies: BoolArray


class Desk(NamedTuple):
    """What one thread works on, (node or state; LANES): voltages, slopes by them, states; and the sums of p and q, (1, LANES)."""

    vr: FloatArray
    vi: FloatArray
    xr: FloatArray
    xi: FloatArray
    state: FloatArray
    p: FloatArray
    q: FloatArray


def series_loss_kva(
    network: Network, v_pu: ComplexArray, state: FloatArray
) -> ComplexArray:
    """Loss of all lines and transformers together.

    Args:
        network: feeder arrays.
        v_pu: node voltages, (scenario, node) [pu].
        state: state vectors, (scenario or 1, state).

    Returns:
        Complex loss, (scenario,) [kVA]; NaN where the voltages are.
    """
    entries = _entries_at(network, state)
    count = len(v_pu)
    voltage = real_rows(v_pu)
    loss = np.empty((count, 2))
    n_blocks = -(-count // LANES)
    over_threads(
        machine_code(_sum_losses),
        n_blocks,
        len(entries.column),
        loss,
        voltage,
        in_rows(state),
        entries,
    )
    return complex_rows(loss)[:, 0] * S_BASE_KVA


def series_loss_slope(
    network: Network, v_pu: ComplexArray, state: FloatArray
) -> ComplexArray:
    """Derivative of the active loss by the voltages, dRe + j dIm.

    Loss is Re(V^H Y V): its derivative is Y V, the currents, and Y^H V, by the entries turned round.

    Args:
        network: feeder arrays.
        v_pu: node voltages, (scenario, node) [pu].
        state: state vectors, (scenario or 1, state).

    Returns:
        (scenario, node) [kW/pu]; NaN where the voltages are.
    """
    entries = _entries_at(network, state)
    count = len(v_pu)
    slope = np.empty_like(v_pu)
    n_blocks = -(-count // LANES)
    over_threads(
        _sum_slopes,
        n_blocks,
        len(entries.column),
        real_rows(slope),
        real_rows(v_pu),
        np.ascontiguousarray(state),
        entries,
    )
    return slope * S_BASE_KVA


@lru_cache(maxsize=PLANS_KEPT)
def series_entries(network: Network) -> SeriesEntries:
    """The entries of a network; a network never changes, and is its own key."""
    e = network.entries
    terminals = network.terminals
    lossy_shunts = {
        ("shunt", shunt.name) for shunt in network.feeder.shunts if shunt.is_loss
    }
    is_shunt_loss = np.array([element in lossy_shunts for element in network.elements])
    is_series = network.is_kind(*SERIES) | is_shunt_loss[terminals.element]
    series = np.flatnonzero(is_series[e.row])
    # Terminal by terminal, so that each current is complete before it meets its voltage.
    series = series[np.argsort(e.row[series], kind="stable")]
    rows, start = np.unique(e.row[series], return_index=True)
    return SeriesEntries(
        node=terminals.node[rows],
        start=np.append(start, len(series)).astype(np.int64),
        column=e.column[series],
        g=np.ascontiguousarray(e.value[series].real),
        b=np.ascontiguousarray(e.value[series].imag),
        state_a=e.state_a[series],
        state_b=e.state_b[series],
        varies=np.zeros(len(series), dtype=bool),
    )


def _entries_at(network: Network, state: FloatArray) -> SeriesEntries:
    """The entries of a network at the states of a batch, (scenario or 1, state)."""
    if len(state) == 1:
        return _entries_at_one(network, state[0].tobytes())
    return _of_states(series_entries(network), state)


@lru_cache(maxsize=SYSTEMS_KEPT)
def _entries_at_one(network: Network, state_bytes: bytes) -> SeriesEntries:
    """The same for one state; a network never changes, and is its own key."""
    return _of_states(series_entries(network), np.frombuffer(state_bytes)[None])


def _of_states(entries: SeriesEntries, state: FloatArray) -> SeriesEntries:
    """The entries at the states of a batch, (scenario or 1, state): most are the same in all scenarios."""
    is_state_varying = differing_states(state)
    varies = is_state_varying[entries.state_a]
    varies |= is_state_varying[entries.state_b]
    first_state = state[0]
    common = first_state[entries.state_a] * first_state[entries.state_b]
    factor = np.where(varies, 1.0, common)
    g = entries.g * factor
    b = entries.b * factor
    return laid_out(entries._replace(g=g, b=b, varies=varies))


@maker
def _make_desk(n_nodes, n_states):
    """Arrays that a thread uses again for every block."""
    return Desk(
        vr=empty((n_nodes, LANES), np.float64),
        vi=empty((n_nodes, LANES), np.float64),
        xr=empty((n_nodes, LANES), np.float64),
        xi=empty((n_nodes, LANES), np.float64),
        state=empty((n_states, LANES), np.float64),
        p=empty((1, LANES), np.float64),
        q=empty((1, LANES), np.float64),
    )


@entry
def _sum_losses(begin, end, loss, voltage, state, entries):
    """Fill `loss` (scenario, 2) for the blocks begin to end; `voltage` (scenario, 2 * node) has both parts in turn."""
    desk = _make_desk(voltage.shape[1] // 2, state.shape[1])
    for block in range(begin, end):
        first = block * LANES
        last = min(first + LANES, len(loss)) - 1
        _take_in(first, last, voltage, state, entries, desk)
        _sum_loss(entries, desk)
        scatter(loss, first, last, 0, load(desk.p, 0))
        scatter(loss, first, last, 1, load(desk.q, 0))


@entry
def _sum_slopes(begin, end, slope, voltage, state, entries):
    """Fill `slope` (scenario, 2 * node) for the blocks begin to end; `voltage` has both parts in turn as well."""
    desk = _make_desk(voltage.shape[1] // 2, state.shape[1])
    for block in range(begin, end):
        first = block * LANES
        last = min(first + LANES, len(slope)) - 1
        _take_in(first, last, voltage, state, entries, desk)
        _sum_slope(entries, desk)
        for node in range(len(desk.xr)):
            xr = load(desk.xr, node)
            xi = load(desk.xi, node)
            scatter(slope, first, last, 2 * node, xr)
            scatter(slope, first, last, 2 * node + 1, xi)


@leaf
def _take_in(first, last, voltage, state, entries, desk):
    """Voltages and states of the scenarios first to last into the lanes; the last stands in for those beyond it."""
    for node in range(len(desk.vr)):
        vr = gather(voltage, first, last, 2 * node)
        vi = gather(voltage, first, last, 2 * node + 1)
        store(desk.vr, node, vr)
        store(desk.vi, node, vi)
    # One state vector for all leaves nothing that varies.
    if len(state) == 1:
        return
    for k in range(len(entries.varies)):
        if entries.varies[k]:
            for column in (entries.state_a[k], entries.state_b[k]):
                store(desk.state, column, gather(state, first, last, column))


@inlined
def _admittance(k, entries, desk):
    """Conductance and susceptance of an entry in every lane."""
    g = spread(entries.g[k])
    b = spread(entries.b[k])
    if entries.varies[k]:
        factor = load(desk.state, entries.state_a[k])
        factor = factor * load(desk.state, entries.state_b[k])
        g = g * factor
        b = b * factor
    return g, b


@leaf
def _sum_loss(entries, desk):
    """Active and reactive loss of every lane [pu]."""
    p = spread(0.0)
    q = spread(0.0)
    for t in range(len(entries.node)):
        re = spread(0.0)
        im = spread(0.0)
        for k in range(entries.start[t], entries.start[t + 1]):
            g, b = _admittance(k, entries, desk)
            vr = load(desk.vr, entries.column[k])
            vi = load(desk.vi, entries.column[k])
            re = re + g * vr - b * vi
            im = im + g * vi + b * vr
        vr = load(desk.vr, entries.node[t])
        vi = load(desk.vi, entries.node[t])
        p = p + vr * re + vi * im
        q = q + vi * re - vr * im
    store(desk.p, 0, p)
    store(desk.q, 0, q)


@leaf
def _sum_slope(entries, desk):
    """Derivative of the active loss of every lane by its voltages [1/pu]."""
    for node in range(len(desk.xr)):
        store(desk.xr, node, spread(0.0))
        store(desk.xi, node, spread(0.0))
    for t in range(len(entries.node)):
        node = entries.node[t]
        ur = load(desk.vr, node)
        ui = load(desk.vi, node)
        re = spread(0.0)
        im = spread(0.0)
        for k in range(entries.start[t], entries.start[t + 1]):
            g, b = _admittance(k, entries, desk)
            column = entries.column[k]
            vr = load(desk.vr, column)
            vi = load(desk.vi, column)
            re = re + g * vr - b * vi
            im = im + g * vi + b * vr
            # by the entries turned round
            pull_re = g * ur + b * ui
            pull_im = g * ui - b * ur
            _add(desk, column, pull_re, pull_im)
        _add(desk, node, re, im)


@inlined
def _add(desk, node, re, im):
    """Add to the slope by the voltage of a node."""
    xr = load(desk.xr, node)
    xi = load(desk.xi, node)
    store(desk.xr, node, xr + re)
    store(desk.xi, node, xi + im)
