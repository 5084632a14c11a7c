"""Chord Newton: the slopes of all devices at one operating voltage of the batch, one factorisation for all iterations.

With slopes of zero this is the fixed point on the nodal admittance. Scenarios share one pair of factors but for the rows in
which their taps or switches make a difference.

Source: the chord (simplified Newton) method as in C. T. Kelley, Iterative Methods for Linear and Nonlinear Equations, SIAM
1995, ch. 5.4, DOI 10.1137/1.9781611970944; the fixed point on the admittance matrix as in OpenDSS.
"""

from __future__ import annotations

from tieline.powerflow.kernel.compiled import entry, leaf
from tieline.powerflow.kernel.factors import eliminate_own
from tieline.powerflow.kernel.iteration import (
    all_settled,
    fill_own_rows,
    finish,
    iterate,
    update_errors,
)
from tieline.powerflow.kernel.lane_traffic import fetch_ahead, load_block, write_block
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.workspace import make_workspace

PATIENCE = 20
"""Iterations before a scenario is left to Newton's method, whose every iteration costs several of these."""


@entry
def solve_by_chord(begin, end, system, limits, answers):
    """Solve the blocks begin to end.

    Args:
        begin, end: first block, and the one after the last.
        system: what is solved.
        limits: when to stop; iterations end at `PATIENCE` in any case.
        answers: to be filled.
    """
    scenarios = system.scenarios
    final = len(answers.error) - 1
    work = make_workspace(system, 0)
    for block in range(begin, end):
        first = block * LANES
        last = min(first + LANES - 1, final)
        # What comes next from memory is asked for now and arrives while this block iterates.
        fetch_ahead(answers.voltage, first, last)
        fetch_ahead(scenarios.p_kw, first + LANES, min(last + LANES, final))
        fetch_ahead(scenarios.q_kvar, first + LANES, min(last + LANES, final))
        load_block(first, last, system, work)
        factorise_own_rows(system, work)
        for _ in range(min(PATIENCE, limits.max_iterations + 1)):
            iterate(system, work)
            update_errors(limits.tolerance, work)
            if all_settled(limits.tolerance, work):
                break
        finish(system, work)
        write_block(first, last, system, work, answers)


@leaf
def factorise_own_rows(system, work):
    """Factors of the rows in which lanes differ, at their taps and switches."""
    if system.matrix.n_slots > 0:
        fill_own_rows(system.matrix.factors, system, work)
        eliminate_own(system.matrix, system.pattern, work)
