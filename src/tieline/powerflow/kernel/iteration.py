"""The steps of one iteration on LANES scenarios, and when these are solved.

Every iteration solves

    (Y + slope) v_new = i_source - (i_devices(v) - slope v)

with slopes of the devices at some operating voltage. Real and imaginary parts are kept apart and the lane axis is last, so that
every operation works on whole vector registers. Everything here is in elimination order (see `elimination`) and per unit. A
lane that does not converge leaves the others untouched.
"""

from __future__ import annotations

import numpy as np

from tieline.powerflow.kernel.compiled import leaf
from tieline.powerflow.kernel.lanes import LANES, larger, load, root, spread, store
from tieline.powerflow.kernel.substitution import back, back_inner, forward

MARGIN = 1.5
"""On the estimated error: steps show the slow part of an error late. Without it, errors came out up to 1.3 times the estimate."""

ROUNDING = 1e-13
"""Steps this small are made of rounding errors: some hundred units in the last place of a voltage of one per unit."""


@leaf
def fill_own_rows(common, system, work):
    """The own rows of each lane before factorising, (4 * slot, LANES), in the columns of own rows.

    Args:
        common: what all lanes have in common there, (position, 4): the factors, whose shared rows are eliminated already, or the
            plain matrix where every row is an own one.
        system: with the entries that vary, which are added at the states of the lanes.
        work: of which `own` is filled.
    """
    pattern = system.pattern
    first_slot = system.matrix.first
    own_rows = work.own_rows
    for i in range(system.matrix.begin, len(pattern.diagonal)):
        if first_slot[i] < 0:
            continue
        shift = first_slot[i] - pattern.row_start[i]
        for p in range(pattern.row_start[i], pattern.row_start[i + 1]):
            # In the columns of shared rows stand multipliers, which stay with the common factors.
            if first_slot[pattern.column[p]] >= 0:
                for c in range(4):
                    store(own_rows, 4 * (p + shift) + c, spread(common[p, c]))
    _add_varying_entries(system, work)
    if len(system.variable.dead) > 0:
        _hold_dead_nodes(system, work)


@leaf
def _add_varying_entries(system, work):
    """Add the entries that differ per scenario to the own rows."""
    variable = system.variable
    own_rows = work.own_rows
    for k in range(len(variable.row)):
        row = variable.row[k]
        slot = (
            variable.position[k]
            + system.matrix.first[row]
            - system.pattern.row_start[row]
        )
        product = load(work.state, variable.a[k]) * load(work.state, variable.b[k])
        value = variable.value[k]
        real = spread(value.real) * product
        imag = spread(value.imag) * product
        # A complex number as a block of four reals: (re, -im; im, re).
        block = 4 * slot
        m0 = load(own_rows, block)
        m1 = load(own_rows, block + 1)
        m2 = load(own_rows, block + 2)
        m3 = load(own_rows, block + 3)
        store(own_rows, block, m0 + real)
        store(own_rows, block + 1, m1 - imag)
        store(own_rows, block + 2, m2 + imag)
        store(own_rows, block + 3, m3 + real)


@leaf
def _hold_dead_nodes(system, work):
    """One on the diagonal of de-energised nodes: without a current they end at zero voltage."""
    pattern = system.pattern
    dead = system.variable.dead
    for b in range(LANES):
        is_dead = dead[min(work.scenario[b], len(dead) - 1)]
        for i in range(len(is_dead)):
            if is_dead[i]:
                slot = (
                    pattern.diagonal[i] + system.matrix.first[i] - pattern.row_start[i]
                )
                work.own_rows[4 * slot, b] += 1.0
                work.own_rows[4 * slot + 3, b] += 1.0


@leaf
def iterate(system, work):
    """One iteration on all nodes but the inner ones."""
    forward(system, work)
    back(system, work)


@leaf
def update_errors(tolerance, work):
    """Estimate the error of every lane after an iteration.

    An iteration that contracts by q per step is within step * q / (1 - q) of the answer (Banach). For q the last two quotients
    of steps speak: the earlier one if they fall, what they are growing to if they rise. Steps of `ROUNDING` say nothing about q
    any more. A lane that has converged stays so; one that begins has no quotient yet, and one stands for it.
    """
    step = root(load(work.change, 0))
    store(work.change, 0, step)
    store(work.scratch, 0, step / load(work.before, 0))
    for b in range(LANES):
        if work.age[b] == 0:
            # The step before was that of another scenario, or at other taps.
            work.scratch[0, b] = 1.0
            work.quotient[0, b] = 1.0
        work.age[b] += 1
    latest = load(work.scratch, 0)
    earlier = load(work.quotient, 0)
    q = larger(earlier, latest + latest - earlier)
    store(work.before, 0, step)
    store(work.quotient, 0, q)
    store(work.scratch, 0, spread(MARGIN) * step * q / (spread(1.0) - q))
    for b in range(LANES):
        _update_error(b, tolerance, work)
    # From here on the quotient is that of the last two steps, the earlier one of the next iteration.
    store(work.quotient, 0, latest)


@leaf
def _update_error(b, tolerance, work):
    """The error of lane b from its step, its quotient and the estimate that both make, which stands in `scratch`."""
    step = work.change[0, b]
    if work.is_lost[b]:
        work.error[b] = np.inf
        work.last[b] = work.age[b]
        return
    if work.error[b] <= tolerance and np.isfinite(step):
        return  # its further steps, for the sake of other lanes, only improve it
    # A quotient of two rounding errors is no contraction: the step itself is the estimate.
    if step <= ROUNDING or not np.isfinite(step):
        work.error[b] = step
    else:
        work.error[b] = work.scratch[0, b] if work.quotient[0, b] < 1.0 else np.inf
    if not work.error[b] <= tolerance:
        work.last[b] = work.age[b]


@leaf
def all_settled(tolerance, work):
    """Whether each lane has converged or is beyond rescue, so that it does not keep the others waiting."""
    for b in range(LANES):
        is_beyond_rescue = work.is_lost[b] or not np.isfinite(work.change[0, b])
        if not (is_beyond_rescue or work.error[b] <= tolerance):
            return False
    return True


@leaf
def finish(system, work):
    """The voltages of the inner nodes from all others."""
    back_inner(system, work)
