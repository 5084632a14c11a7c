"""`Tail`: the last rows of the factors, which are solved again and again while the right-hand side of all others stays.

Controls look at the voltages of these rows only, and taps and steps stand in them only (see `elimination`). While device currents
stay as they are, what a move makes of those voltages is hence known from these rows alone. An iteration through all rows comes in
three parts: `forward_head`, `solve_tail`, which may be done more than once, and `back_head`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.kernel.arrays import empty, item, zeros
from tieline.powerflow.kernel.compiled import leaf, maker
from tieline.powerflow.kernel.device_currents import residual_current
from tieline.powerflow.kernel.factors import less_block, own_block, pair, store_pair
from tieline.powerflow.kernel.lanes import (
    LANES,
    above,
    larger_size,
    load,
    spread,
    spread_block,
    store,
)
from tieline.powerflow.kernel.substitution import voltage_of_row
from tieline.powerflow.kernel.system import System
from tieline.typing import FloatArray


def has_tail(system: System) -> bool:
    """Whether the factors end in a short tail that holds all rows in which lanes differ."""
    pattern = system.pattern
    n_rows = len(pattern.diagonal)
    return pattern.tail < n_rows and pattern.tail <= system.matrix.begin


class Tail(NamedTuple):
    """What a thread knows of the last rows.

    Attributes:
        begin: the first of them.
        own: the first of those in which lanes differ; what is solved forward before it stays when taps move.
        yr, yi: what is solved forward, L^-1 of the right-hand side, (row, LANES).
        old_r, old_i: voltages before the iteration, (row, LANES) [pu].
        change: the largest squared step of each lane, (1, LANES).
    """

    begin: int
    own: int
    yr: FloatArray
    yi: FloatArray
    old_r: FloatArray
    old_i: FloatArray
    change: FloatArray


@maker
def make_tail(system):
    """Arrays that a thread uses again in every iteration."""
    pattern = system.pattern
    n_rows = len(pattern.diagonal) - pattern.tail
    return Tail(
        begin=pattern.tail,
        own=system.matrix.begin,
        yr=empty((n_rows, LANES), np.float64),
        yi=empty((n_rows, LANES), np.float64),
        old_r=empty((n_rows, LANES), np.float64),
        old_i=empty((n_rows, LANES), np.float64),
        change=zeros((1, LANES), np.float64),
    )


@leaf
def forward_head(system, tail, work):
    """`substitution.forward` in the rows before the own ones; in these as far as the others go into them.

    Keeps the voltages of the tail, from which its steps are measured, and its right-hand sides.
    """
    matrix = system.matrix
    pattern = system.pattern
    ports = system.ports
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
        for p in range(item(pattern.active_start, i), item(pattern.diagonal, i)):
            j = item(pattern.column, p)
            if j >= tail.own:
                break
            m0, m1, m2, m3 = spread_block(matrix.factors, p)
            jr, ji = pair(work.xr, work.xi, j)
            ar, ai = less_block(ar, ai, m0, m1, m2, m3, jr, ji)
        store_pair(work.xr, work.xi, i, ar, ai)
    for i in range(tail.begin, size):
        vr, vi = pair(work.vr, work.vi, i)
        store_pair(tail.old_r, tail.old_i, i - tail.begin, vr, vi)
        xr, xi = pair(work.xr, work.xi, i)
        store_pair(tail.yr, tail.yi, i - tail.begin, xr, xi)


@leaf
def solve_tail(system, tail, work):
    """v of the tail at the factors of now, from x, which stays as `forward_head` has left it.

    `tail.change` becomes the largest squared step from the voltages that were kept, as `work.change` does in `substitution.back`.
    """
    matrix = system.matrix
    pattern = system.pattern
    noise = system.scenarios.noise
    begin = tail.begin
    size = len(pattern.diagonal)
    for i in range(tail.own, size):
        ar, ai = pair(work.xr, work.xi, i)
        first = item(matrix.first, i)
        row_start = item(pattern.row_start, i)
        # from the right, until the columns of the other rows begin
        for p in range(item(pattern.diagonal, i) - 1, row_start - 1, -1):
            j = item(pattern.column, p)
            if j < tail.own:
                break
            jr, ji = pair(tail.yr, tail.yi, j - begin)
            if item(matrix.first, j) < 0:
                m0, m1, m2, m3 = spread_block(matrix.factors, p)
                ar, ai = less_block(ar, ai, m0, m1, m2, m3, jr, ji)
            else:
                m0, m1, m2, m3 = own_block(work.own_rows, p + first - row_start)
                ar, ai = less_block(ar, ai, m0, m1, m2, m3, jr, ji)
        store_pair(tail.yr, tail.yi, i - begin, ar, ai)
    most = spread(0.0)
    for i in range(size - 1, begin - 1, -1):
        yr, yi = pair(tail.yr, tail.yi, i - begin)
        nr, ni = voltage_of_row(i, yr, yi, system, work)
        er = nr - load(tail.old_r, i - begin)
        ei = ni - load(tail.old_i, i - begin)
        step = above(er * er + ei * ei, item(noise, i))
        most = larger_size(most, step)
        store_pair(work.vr, work.vi, i, nr, ni)
    store(tail.change, 0, most)


@leaf
def back_head(system, tail, work):
    """`substitution.back` in the rows before the tail; `work.change` speaks for those of the tail as well."""
    pattern = system.pattern
    noise = system.scenarios.noise
    most = load(tail.change, 0)
    for i in range(tail.begin - 1, pattern.n_inner - 1, -1):
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
