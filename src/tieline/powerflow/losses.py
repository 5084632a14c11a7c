"""What enters the lines and transformers of every scenario and does not leave them: one compiled pass over their admittances,
and over those of shunts that are a part of one (`Shunt.is_loss`).

    loss = sum over terminals t of  V_t conj(I_t),      I_t = sum over the entries e of t of  y_e state_a state_b V_column

as in `Solution.element_loss_kva`, but without arrays of (scenario, entry), which cost more than the power flow.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.kernel.compiled import entry, leaf
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.plan import PLANS_KEPT
from tieline.powerflow.kernel.system import complex_rows, real_rows
from tieline.powerflow.kernel.threads import over_threads
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

SERIES = ("line", "transformer")
"""Kinds of elements whose power in minus power out is a loss; a capacitor, and mostly a shunt, takes its power on purpose."""


class SeriesEntries(NamedTuple):
    """Admittance entries of lines and transformers, terminal by terminal.

    `node` (terminal,) is where a terminal is tied, `start` (terminal + 1,) the first of its entries; the rest (entry,).
    """

    node: IntArray
    start: IntArray
    column: IntArray
    g: FloatArray
    b: FloatArray
    state_a: IntArray
    state_b: IntArray


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
    entries = series_entries(network)
    count = len(v_pu)
    voltage = real_rows(v_pu)
    loss = np.empty((count, 2))
    n_blocks = -(-count // LANES)
    over_threads(
        _sum_losses,
        n_blocks,
        len(entries.column),
        loss,
        voltage,
        np.ascontiguousarray(state),
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
    entries = series_entries(network)
    count = len(v_pu)
    slope = np.zeros_like(v_pu)
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
    )


@entry
def _sum_losses(begin, end, loss, voltage, state, entries):
    """Fill `loss` (scenario, 2) for the blocks begin to end; `voltage` (scenario, 2 * node) has both parts in turn."""
    end_scenario = min(end * LANES, len(loss))
    for scenario in range(begin * LANES, end_scenario):
        row = min(scenario, len(state) - 1)
        _sum_loss(loss[scenario], voltage[scenario], state[row], entries)


@leaf
def _sum_loss(loss, v, state, entries):
    """Active and reactive loss of one scenario [pu]."""
    p = 0.0
    q = 0.0
    for t in range(len(entries.node)):
        re = 0.0
        im = 0.0
        for k in range(entries.start[t], entries.start[t + 1]):
            factor = state[entries.state_a[k]] * state[entries.state_b[k]]
            g = entries.g[k] * factor
            b = entries.b[k] * factor
            column = 2 * entries.column[k]
            vr = v[column]
            vi = v[column + 1]
            re += g * vr - b * vi
            im += g * vi + b * vr
        node = 2 * entries.node[t]
        vr = v[node]
        vi = v[node + 1]
        p += vr * re + vi * im
        q += vi * re - vr * im
    loss[0] = p
    loss[1] = q


@entry
def _sum_slopes(begin, end, slope, voltage, state, entries):
    """Add to `slope` (scenario, 2 * node) for the blocks begin to end; `voltage` has both parts in turn as well."""
    end_scenario = min(end * LANES, len(slope))
    for scenario in range(begin * LANES, end_scenario):
        row = min(scenario, len(state) - 1)
        _sum_slope(slope[scenario], voltage[scenario], state[row], entries)


@leaf
def _sum_slope(slope, v, state, entries):
    """Derivative of the active loss of one scenario by its voltages [1/pu]."""
    for t in range(len(entries.node)):
        node = 2 * entries.node[t]
        re = 0.0
        im = 0.0
        for k in range(entries.start[t], entries.start[t + 1]):
            factor = state[entries.state_a[k]] * state[entries.state_b[k]]
            g = entries.g[k] * factor
            b = entries.b[k] * factor
            column = 2 * entries.column[k]
            re += g * v[column] - b * v[column + 1]
            im += g * v[column + 1] + b * v[column]
            slope[column] += g * v[node] + b * v[node + 1]
            slope[column + 1] += g * v[node + 1] - b * v[node]
        slope[node] += re
        slope[node + 1] += im
