"""Newton's method for scenarios near the load at which the voltage collapses: slopes and factors of each at its last voltages.

Iterations begin at no load and steps are cut, so that the answer is the solution of high voltage; a scenario whose determinant
changes its sign on the way has left it and is given up.
"""

from __future__ import annotations

import numpy as np

from tieline.powerflow.kernel.compiled import entry, leaf
from tieline.powerflow.kernel.iteration import (
    all_settled,
    finish,
    iterate,
    update_errors,
)
from tieline.powerflow.kernel.lane_traffic import load_block, write_block
from tieline.powerflow.kernel.lanes import LANES, load, store
from tieline.powerflow.kernel.linearised import linearise, with_own_rows

NEWTON_LIMIT = 30
"""Newton's method doubles the right digits at every step; a lane without an answer after this number has none."""

LARGEST_STEP = 0.1
"""Newton's steps are cut to this [pu], so that no lane leaps over to one of the solutions at low voltage."""


@entry
def solve_by_newton(begin, end, common_system, limits, answers):
    """Solve the blocks begin to end; arguments as for `chord.solve_by_chord`, iterations are counted from this method's first."""
    system, work = with_own_rows(common_system)
    before_r = np.empty_like(work.vr)
    before_i = np.empty_like(work.vi)
    for block in range(begin, end):
        first = block * LANES
        last = min(first + LANES, len(answers.error)) - 1
        load_block(first, last, system, work)
        # Whatever voltages were given: from zero the first iteration leads to those of no load.
        work.vr[:] = 0.0
        work.vi[:] = 0.0
        for iteration in range(min(NEWTON_LIMIT, limits.max_iterations + 1)):
            linearise(system, work)
            _mark_collapsed(system.pattern, work)
            before_r[:] = work.vr
            before_i[:] = work.vi
            iterate(system, work)
            # The first step, from zero to no load, is meant to be long.
            if iteration > 0:
                _cut_step(system.pattern.n_inner, before_r, before_i, work)
            update_errors(limits.tolerance, work)
            if all_settled(limits.tolerance, work):
                break
        finish(system, work)
        write_block(first, last, system, work, answers)


@leaf
def _mark_collapsed(pattern, work):
    """Mark lanes whose determinant is negative. That of no load is positive and changes its sign where the voltage collapses:
    what lies beyond are solutions of low voltage that no feeder can be operated at.
    """
    own_rows = work.own_rows
    for b in range(LANES):
        sign = 1.0
        # The inverses of the diagonal blocks have the signs of the pivots, and their product that of the determinant.
        for d in pattern.diagonal:
            block = 4 * d
            main = own_rows[block, b] * own_rows[block + 3, b]
            cross = own_rows[block + 1, b] * own_rows[block + 2, b]
            determinant = main - cross
            sign *= np.sign(determinant)
        work.is_lost[b] = work.is_lost[b] or sign < 0.0


@leaf
def _cut_step(first_row, before_r, before_i, work):
    """Go only part of the way from the voltages before where a lane's largest step is above `LARGEST_STEP`."""
    vr = work.vr
    vi = work.vi
    for b in range(LANES):
        work.scratch[0, b] = min(1.0, LARGEST_STEP / np.sqrt(work.change[0, b]))
    share = load(work.scratch, 0)
    for i in range(first_row, len(vr)):
        old_r = load(before_r, i)
        old_i = load(before_i, i)
        store(vr, i, old_r + share * (load(vr, i) - old_r))
        store(vi, i, old_i + share * (load(vi, i) - old_i))
