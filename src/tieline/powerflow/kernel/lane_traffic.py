"""Scenarios into the lanes of a workspace and answers out of them.

Each step stands here twice. A block takes in and hands out LANES consecutive scenarios at once, row by row of the workspace and
in vector registers; that is what most batches need, and it is several times as fast. With controls acting a lane ends when its
scenario does, and the next takes its place while the others go on: those steps touch one column.
"""

from __future__ import annotations

import numpy as np

from tieline.powerflow.kernel.arrays import item
from tieline.powerflow.kernel.compiled import leaf
from tieline.powerflow.kernel.lanes import (
    LANES,
    gather,
    load,
    prefetch,
    scatter,
    spread,
    store,
)
from tieline.powerflow.kernel.served import is_served, leave_unserved
from tieline.powerflow.kernel.tiles import TILE, gather_tile, scatter_tile
from tieline.powerflow.kernel.workspace import begin_anew

NODES_IN_TILE = TILE // 2
"""A voltage is two numbers."""

PREFETCHED = 1024
"""Rows of up to this many numbers are fetched ahead: a block of them is 128 KiB, a part of a core's own cache."""


@leaf
def load_block(first, last, system, work):
    """Take in the scenarios first to last, at most LANES, and forget the ones before."""
    scenarios = system.scenarios
    dead = system.variable.dead
    # Lanes beyond the last scenario repeat it, lest leftovers that do not converge keep the block from its end.
    for b in range(LANES):
        work.scenario[b] = min(first + b, last)
        load_source(b, min(first + b, last), scenarios, work.source)
        begin_anew(b, work)
    _load_start(first, last, system, work)
    _load_states(first, last, system.variable.state, work)
    _load_powers(first, last, scenarios, system.ports, work)
    if len(dead) > 0:
        for b in range(LANES):
            is_dead = dead[min(first + b, last, len(dead) - 1)]
            leave_unserved(b, is_dead, system.ports, work.power)


@leaf
def load_source(b, scenario, scenarios, source):
    """Rows of the current of the source, or of an ideal one's voltage, in lane b: each of its voltages drives all its nodes."""
    source_pu = scenarios.source_pu[min(scenario, len(scenarios.source_pu) - 1)]
    for node in range(len(scenarios.source_re)):
        re = 0.0
        im = 0.0
        for k in range(len(source_pu)):
            re += scenarios.source_re[node, k] * source_pu[k]
            im += scenarios.source_im[node, k] * source_pu[k]
        source[2 * node, b] = re
        source[2 * node + 1, b] = im


@leaf
def _load_states(first, last, state, work):
    """Take in the varying states of the scenarios first to last."""
    last_row = min(last, len(state) - 1)
    first_row = min(first, last_row)
    for column in range(state.shape[1]):
        store(work.state, column, gather(state, first_row, last_row, column))


@leaf
def _load_start(first, last, system, work):
    """First voltages of some scenarios, but for those of inner nodes; a de-energised node starts and stays at zero."""
    start = system.scenarios.start
    rank = system.scenarios.rank
    dead = system.variable.dead
    # In network order, since the long rows of memory are those of the scenarios; the workspace stays in the cache.
    for node in range(len(rank)):
        i = rank[node]
        if i < system.pattern.n_inner:
            continue
        if len(start) == 1:
            store(work.vr, i, spread(start[0, 2 * node]))
            store(work.vi, i, spread(start[0, 2 * node + 1]))
        else:
            store(work.vr, i, gather(start, first, last, 2 * node))
            store(work.vi, i, gather(start, first, last, 2 * node + 1))
    if len(dead) > 0:
        for b in range(LANES):
            is_dead = dead[min(first + b, last, len(dead) - 1)]
            for i in range(len(rank)):
                if is_dead[i]:
                    work.vr[i, b] = 0.0
                    work.vi[i, b] = 0.0


@leaf
def _load_powers(first, last, scenarios, ports, work):
    """Rows of power of every port from the powers of the devices of the scenarios first to last."""
    _load_columns(first, last, scenarios.p_kw, work.p_kw)
    _load_columns(first, last, scenarios.q_kvar, work.q_kvar)
    for pair in range(len(ports.term_start) - 1):
        p = spread(0.0)
        q = spread(0.0)
        for k in range(item(ports.term_start, pair), item(ports.term_start, pair + 1)):
            device = item(ports.term_device, k)
            p = p + spread(item(ports.term_p, k)) * load(work.p_kw, device)
            q = q + spread(item(ports.term_q, k)) * load(work.q_kvar, device)
        store(work.power, 2 * pair, p)
        store(work.power, 2 * pair + 1, q)


@leaf
def _load_columns(first, last, array, rows):
    """Columns of the scenarios first to last of a (scenario or 1, column) array as rows of lanes."""
    last_row = min(last, len(array) - 1)
    first_row = min(first, last_row)
    n_columns = array.shape[1]
    n_in_tiles = n_columns - n_columns % TILE
    for column in range(0, n_in_tiles, TILE):
        tile = gather_tile(array, first_row, last_row, column)
        store(rows, column, tile[0])
        store(rows, column + 1, tile[1])
        store(rows, column + 2, tile[2])
        store(rows, column + 3, tile[3])
        store(rows, column + 4, tile[4])
        store(rows, column + 5, tile[5])
        store(rows, column + 6, tile[6])
        store(rows, column + 7, tile[7])
    for column in range(n_in_tiles, n_columns):
        store(rows, column, gather(array, first_row, last_row, column))


@leaf
def write_block(first, last, system, work, answers):
    """Write estimated errors, infinite where the voltage has collapsed, iterations and voltages of some scenarios."""
    for scenario in range(first, last + 1):
        b = scenario - first
        answers.error[scenario] = (
            work.error[b] if is_served(b, system.ports, work) else np.inf
        )
        answers.iterations[scenario] = work.last[b] + 1
    _write_voltages(first, last, system.scenarios.rank, answers.voltage, work)


@leaf
def _write_voltages(first, last, rank, voltage, work):
    """Write the voltages of the scenarios first to last, the nodes of a tile at a time."""
    vr = work.vr
    vi = work.vi
    n_in_tiles = len(rank) - len(rank) % NODES_IN_TILE
    for node in range(0, n_in_tiles, NODES_IN_TILE):
        a = item(rank, node)
        b = item(rank, node + 1)
        c = item(rank, node + 2)
        d = item(rank, node + 3)
        tile = (
            load(vr, a),
            load(vi, a),
            load(vr, b),
            load(vi, b),
            load(vr, c),
            load(vi, c),
            load(vr, d),
            load(vi, d),
        )
        scatter_tile(voltage, first, last, 2 * node, tile)
    for node in range(n_in_tiles, len(rank)):
        scatter(voltage, first, last, 2 * node, load(vr, item(rank, node)))
        scatter(voltage, first, last, 2 * node + 1, load(vi, item(rank, node)))


@leaf
def fetch_ahead(rows, first, last):
    """Ask for the cache lines of some rows, soon to be read or written, unless they would push out what is worked on."""
    if rows.shape[1] > PREFETCHED:
        return
    for row in range(first, min(last, len(rows) - 1) + 1):
        for column in range(0, rows.shape[1], 8):
            prefetch(rows, row, column)


@leaf
def load_lane_scenario(b, scenario, system, work):
    """Take the powers and the source voltage of a scenario into lane b, and forget the one before."""
    scenarios = system.scenarios
    dead = system.variable.dead
    begin_anew(b, work)
    work.scenario[b] = scenario
    load_source(b, scenario, scenarios, work.source)
    p_kw = scenarios.p_kw[min(scenario, len(scenarios.p_kw) - 1)]
    q_kvar = scenarios.q_kvar[min(scenario, len(scenarios.q_kvar) - 1)]
    load_lane_powers(b, p_kw, q_kvar, system.ports, work.power)
    if len(dead) > 0:
        is_dead = dead[min(scenario, len(dead) - 1)]
        leave_unserved(b, is_dead, system.ports, work.power)


@leaf
def load_lane_powers(b, p_kw, q_kvar, ports, power):
    """Rows of power of every port in lane b from the powers of the devices, (device,)."""
    for pair in range(len(ports.term_start) - 1):
        p = 0.0
        q = 0.0
        for k in range(ports.term_start[pair], ports.term_start[pair + 1]):
            device = ports.term_device[k]
            p += ports.term_p[k] * p_kw[device]
            q += ports.term_q[k] * q_kvar[device]
        power[2 * pair, b] = p
        power[2 * pair + 1, b] = q


@leaf
def load_lane_states(b, scenario, state, work):
    """Varying states of lane b, from a row of its own."""
    for k in range(len(work.state)):
        work.state[k, b] = state[scenario, k]


@leaf
def load_lane_voltages(b, scenario, voltage, system, work):
    """First voltages of lane b, but for those of inner nodes; a de-energised node starts and stays at zero."""
    rank = system.scenarios.rank
    dead = system.variable.dead
    row = min(scenario, len(voltage) - 1)
    dead_row = min(scenario, len(dead) - 1)
    for node in range(len(rank)):
        i = rank[node]
        if i >= system.pattern.n_inner:
            is_dead = dead_row >= 0 and dead[dead_row, i]
            work.vr[i, b] = 0.0 if is_dead else voltage[row, 2 * node]
            work.vi[i, b] = 0.0 if is_dead else voltage[row, 2 * node + 1]


@leaf
def write_lane_voltages(b, rank, begin, end, voltage, work):
    """Write down the voltages of lane b at the elimination steps begin to end."""
    scenario = work.scenario[b]
    for node in range(len(rank)):
        i = rank[node]
        if begin <= i < end:
            voltage[scenario, 2 * node] = work.vr[i, b]
            voltage[scenario, 2 * node + 1] = work.vi[i, b]
