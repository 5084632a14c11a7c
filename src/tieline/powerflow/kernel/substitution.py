"""The two halves of an iteration: from device currents forward through the lower factor, and back through the upper one.

Both walk through the nodes once and hold what belongs to a node in registers: a row of lanes that is written and read again costs
as much as the arithmetic on it.
"""

from __future__ import annotations

from tieline.powerflow.kernel.arrays import item
from tieline.powerflow.kernel.compiled import inlined, leaf
from tieline.powerflow.kernel.device_currents import residual_current
from tieline.powerflow.kernel.factors import (
    less_block,
    own_block,
    pair,
    store_pair,
    times_block,
)
from tieline.powerflow.kernel.lanes import (
    above,
    larger_size,
    load,
    spread,
    spread_block,
    store,
)


@leaf
def forward(system, work):
    """x <- L^-1 (source current - residual currents of the devices at v) in the rows of the iteration.

    No current enters the inner rows.
    """
    matrix = system.matrix
    pattern = system.pattern
    ports = system.ports
    shared = matrix.factors
    own_rows = work.own_rows
    size = len(pattern.diagonal)
    # its nodes are the last to be eliminated
    first_source = size - len(system.scenarios.source_re)
    for i in range(pattern.n_inner, size):
        ar = spread(0.0)
        ai = spread(0.0)
        if i >= first_source:
            ar = load(work.source, 2 * (i - first_source))
            ai = load(work.source, 2 * (i - first_source) + 1)
        for k in range(item(ports.end_start, i), item(ports.end_start, i + 1)):
            cr, ci = residual_current(k, i, ports, matrix.slope, work)
            ar = ar - cr
            ai = ai - ci
        begin = item(pattern.active_start, i)
        end = item(pattern.diagonal, i)
        first = item(matrix.first, i)
        if first < 0:
            for p in range(begin, end):
                j = item(pattern.column, p)
                m0, m1, m2, m3 = spread_block(shared, p)
                jr, ji = pair(work.xr, work.xi, j)
                ar, ai = less_block(ar, ai, m0, m1, m2, m3, jr, ji)
        else:
            shift = first - item(pattern.row_start, i)
            for p in range(begin, end):
                j = item(pattern.column, p)
                jr, ji = pair(work.xr, work.xi, j)
                # An own row keeps its multipliers of shared rows among the shared ones: they are common to all lanes.
                if item(matrix.first, j) < 0:
                    m0, m1, m2, m3 = spread_block(shared, p)
                    ar, ai = less_block(ar, ai, m0, m1, m2, m3, jr, ji)
                else:
                    m0, m1, m2, m3 = own_block(own_rows, p + shift)
                    ar, ai = less_block(ar, ai, m0, m1, m2, m3, jr, ji)
        store_pair(work.xr, work.xi, i, ar, ai)


@inlined
def voltage_of_row(i, xr, xi, system, work):
    """Row i of U^-1 x, given v in the later rows."""
    matrix = system.matrix
    pattern = system.pattern
    shared = matrix.factors
    own_rows = work.own_rows
    begin = item(pattern.diagonal, i) + 1
    end = item(pattern.row_start, i + 1)
    first = item(matrix.first, i)
    if first < 0:
        for p in range(begin, end):
            j = item(pattern.column, p)
            m0, m1, m2, m3 = spread_block(shared, p)
            jr, ji = pair(work.vr, work.vi, j)
            xr, xi = less_block(xr, xi, m0, m1, m2, m3, jr, ji)
        m0, m1, m2, m3 = spread_block(shared, begin - 1)
    else:
        # Right of the diagonal an own row meets own rows only, since each of these mixes it in.
        shift = first - item(pattern.row_start, i)
        for p in range(begin, end):
            j = item(pattern.column, p)
            m0, m1, m2, m3 = own_block(own_rows, p + shift)
            jr, ji = pair(work.vr, work.vi, j)
            xr, xi = less_block(xr, xi, m0, m1, m2, m3, jr, ji)
        m0, m1, m2, m3 = own_block(own_rows, begin - 1 + shift)
    return times_block(m0, m1, m2, m3, xr, xi)


@leaf
def back(system, work):
    """v <- U^-1 x in the rows of the iteration.

    `work.change` becomes the largest squared step |v_new - v_old|^2 of those above the noise of their node, or NaN where v is not
    finite.
    """
    pattern = system.pattern
    noise = system.scenarios.noise
    most = spread(0.0)
    for i in range(len(pattern.diagonal) - 1, pattern.n_inner - 1, -1):
        xr, xi = pair(work.xr, work.xi, i)
        nr, ni = voltage_of_row(i, xr, xi, system, work)
        er = nr - load(work.vr, i)
        ei = ni - load(work.vi, i)
        step = er * er + ei * ei
        if item(noise, i) > 0.0:
            step = above(step, item(noise, i))
        most = larger_size(most, step)
        store_pair(work.vr, work.vi, i, nr, ni)
    store(work.change, 0, most)


@leaf
def back_inner(system, work):
    """The voltages of the inner nodes, into which no current goes, from all others."""
    zero = spread(0.0)
    for i in range(system.pattern.n_inner - 1, -1, -1):
        nr, ni = voltage_of_row(i, zero, zero, system, work)
        store_pair(work.vr, work.vi, i, nr, ni)
