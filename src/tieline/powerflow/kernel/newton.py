"""Newton's method for scenarios near the load at which the voltage collapses: slopes and factors of each at its last voltages.

Iterations begin at no load and steps are cut, so that the answer is the solution of high voltage; a scenario whose determinant
changes its sign on the way has left it and is given up.
"""

from __future__ import annotations

import numpy as np

from tieline.powerflow.kernel.block import (
    fill_own_rows,
    finish,
    is_settled,
    iterate,
    load_block,
    make_workspace,
    write_block,
)
from tieline.powerflow.kernel.compiled import entry, leaf
from tieline.powerflow.kernel.device_currents import slopes
from tieline.powerflow.kernel.factors import eliminate_own
from tieline.powerflow.kernel.lanes import LANES, load, spread, store

NEWTON_LIMIT = 30
"""Newton's method doubles the right digits at every step; a lane still without an answer after so many has none."""

LARGEST_STEP = 0.1
"""Newton's steps are cut to this [pu], so that no lane leaps over to one of the solutions at low voltage."""


@entry
def solve_by_newton(
    begin,
    end,
    voltage,
    errors,
    taken,
    matrix,
    pattern,
    points,
    variable,
    scenarios,
    tolerance,
    max_iterations,
):
    """Solve the blocks begin to end; arguments as for `chord.solve_by_chord`, iterations are counted from this method's first."""
    work = make_workspace(len(pattern.diagonal), points, variable.state.shape[1], 0)
    own, own_slope = (
        np.empty((4 * len(pattern.column), LANES)),
        np.empty((4 * len(points.kind), LANES)),
    )
    before_r, before_i = np.empty_like(work.vr), np.empty_like(work.vi)
    every_row = pattern.row_start[:-1]
    for block in range(begin, end):
        first, last = block * LANES, min(block * LANES + LANES, len(voltage)) - 1
        load_block(first, last, variable, scenarios, points, work)
        work.vr[:], work.vi[:] = 0.0, 0.0  # the first iteration leads from here to no load
        for iteration in range(min(NEWTON_LIMIT, max_iterations + 1)):
            slopes(work.vr, work.vi, work.power, points, own_slope)
            fill_own_rows(matrix.plain, every_row, pattern, variable, work, own)
            add_slopes(own_slope, points, own)
            eliminate_own(own, every_row, pattern)
            _mark_collapsed(own, pattern, work.is_lost)
            before_r[:], before_i[:] = work.vr, work.vi
            iterate(
                matrix.factors,
                own,
                every_row,
                pattern,
                points,
                matrix.slope,
                own_slope,
                scenarios,
                work,
            )
            if iteration > 0:
                _cut_step(pattern.n_inner, before_r, before_i, work)
            if is_settled(tolerance, work):
                break
        finish(matrix.factors, own, every_row, pattern, scenarios.noise, work)
        write_block(first, last, scenarios.rank, points, work, voltage, errors, taken)


@leaf
def add_slopes(own_slope, points, own):
    """Add the slope of every point to the matrix of each lane; all rows are own."""
    for t in range(len(points.kind)):
        for k in range(4):
            position = points.into[t, k]
            if position >= 0:
                sign = spread(1.0 if k == 0 or k == 3 else -1.0)
                for c in range(4):
                    store(
                        own,
                        4 * position + c,
                        load(own, 4 * position + c) + sign * load(own_slope, 4 * t + c),
                    )


@leaf
def _mark_collapsed(own, pattern, is_lost):
    """Mark lanes whose determinant is negative. That of no load is positive and changes its sign where the voltage collapses:
    what lies beyond are solutions of low voltage that no feeder can be operated at.
    """
    for b in range(LANES):
        sign = 1.0
        for d in pattern.diagonal:
            sign *= np.sign(
                own[4 * d, b] * own[4 * d + 3, b] - own[4 * d + 1, b] * own[4 * d + 2, b]
            )
        is_lost[b] = is_lost[b] or sign < 0.0


@leaf
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
