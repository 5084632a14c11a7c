"""Chord Newton: the slopes of all devices at one operating voltage of the batch, one factorisation for all iterations.

With slopes of zero this is the fixed point on the nodal admittance. Scenarios share one pair of factors but for the rows in
which their taps or switches make a difference.

Source: the chord (simplified Newton) method as in C. T. Kelley, Iterative Methods for Linear and Nonlinear Equations, SIAM
1995, ch. 5.4, DOI 10.1137/1.9781611970944; the fixed point on the admittance matrix as in OpenDSS.
"""

from __future__ import annotations

from tieline.powerflow.kernel.block import (
    fetch_ahead,
    fill_own_rows,
    finish,
    is_settled,
    iterate,
    load_block,
    make_workspace,
    write_block,
)
from tieline.powerflow.kernel.compiled import entry
from tieline.powerflow.kernel.factors import eliminate_own
from tieline.powerflow.kernel.lanes import LANES

PATIENCE = 20
"""Iterations before a scenario is left to Newton's method, whose every iteration costs several of these."""


@entry
def solve_by_chord(
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
    """Solve the blocks begin to end.

    Args:
        begin, end: first block, and the one after the last.
        voltage: to be filled, (scenario, 2 * node in network order), real and imaginary parts in turn [pu].
        errors, taken: to be filled, estimated error [pu] and iterations, (scenario,).
        matrix, pattern, points, variable, scenarios: as described at their classes.
        tolerance: estimated error of the voltages at which a scenario counts as converged [pu].
        max_iterations: give up after so many, or after `PATIENCE`.
    """
    work = make_workspace(len(pattern.diagonal), points, variable.state.shape[1], matrix.n_slots)
    factors, own, own_rows, slope = matrix.factors, work.own, matrix.first, matrix.slope
    final = len(voltage) - 1
    for block in range(begin, end):
        first, last = block * LANES, min(block * LANES + LANES - 1, final)
        fetch_ahead(voltage, first, last)
        fetch_ahead(scenarios.p_kw, first + LANES, min(last + LANES, final))
        fetch_ahead(scenarios.q_kvar, first + LANES, min(last + LANES, final))
        load_block(first, last, variable, scenarios, points, work)
        if matrix.n_slots > 0:
            fill_own_rows(factors, own_rows, pattern, variable, work, own)
            eliminate_own(own, own_rows, pattern)
        for _ in range(min(PATIENCE, max_iterations + 1)):
            iterate(factors, own, own_rows, pattern, points, slope, work.no_slope, scenarios, work)
            if is_settled(tolerance, work):
                break
        finish(factors, own, own_rows, pattern, scenarios.noise, work)
        write_block(first, last, scenarios.rank, points, work, voltage, errors, taken)
