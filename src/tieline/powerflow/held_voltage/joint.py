"""Newton's method on voltages and reactive powers of one scenario together.

    Y v - i_source + i_devices(v, q) = 0            (or v = v_source at a node that an ideal source holds)
    mean |v across| - v_held = 0                    for each holder that is within its limits, q = limit for the others

in real and imaginary parts. It finds the way from no load to an operating point, where to solve at guessed reactive powers could
mean a network that has no solution. Holders that would have to leave their limits are fixed there one set after the other, and
freed again where the voltage is then on the wrong side. Steps are halved while they do not bring the equations nearer.

Source: bordered current equations as in V. M. da Costa, N. Martins, J. L. R. Pereira, "Developments in the Newton Raphson power
flow formulation based on current injections", IEEE Trans. Power Systems 14(4), 1999.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tieline.network.voltage_holders import VoltageHolders
from tieline.powerflow.held_voltage.case import JointCase
from tieline.typing import BoolArray, ComplexArray, FloatArray

MOST_STEPS = 60
"""Newton's method needs about ten from no load; a scenario that needs more is not near an answer."""

MOST_SETS = 20
"""Sets of holders at their limits that are tried: each is settled in few, unless two of them trade places for ever."""

MOST_HALVINGS = 8
"""A step cut to less than this leads nowhere."""

EXACT = 1e-10
"""Largest step of a voltage [pu] after which no other one follows: the next would be its square."""


class JointAnswer(NamedTuple):
    """Voltages (node,) [pu], what the holders inject (holder,) [kvar], and the steps of Newton's method that it took."""

    v_pu: ComplexArray
    injected_kvar: FloatArray
    steps: int


def solve_jointly(
    case: JointCase, *, within_rounding: bool = False
) -> JointAnswer | None:
    """Voltages and reactive powers of the holders; None if Newton's method finds none.

    `within_rounding`: it ends where the equations are off by no more than rounding, which beside switches without impedance may
    leave more than `EXACT` in the voltages: enough to begin another method at.
    """
    for start in case.starts():
        answer = _solve_from(case, start, within_rounding)
        if answer is None:
            continue
        if case.is_balanced(answer.v_pu, answer.injected_kvar):
            return answer
    return None


def _solve_from(
    case: JointCase, v_pu: ComplexArray, within_rounding: bool
) -> JointAnswer | None:
    """Solve with one set of holders at their limits after the other until the set is the right one."""
    holders = case.holders
    injected_kvar = np.clip(
        np.zeros(holders.count), holders.low_kvar, holders.high_kvar
    )
    is_at_limit = case.is_dead(case.no_load())
    steps = 0
    for _ in range(MOST_SETS):
        answer = _newton(case, v_pu, injected_kvar, is_at_limit, within_rounding)
        if answer is None:
            return None
        v_pu, injected_kvar, steps_of_set = answer
        steps += steps_of_set
        changes = limit_changes(holders, injected_kvar, case.gap(v_pu), is_at_limit)
        if not changes.any():
            return JointAnswer(v_pu, injected_kvar, steps)
        is_at_limit ^= changes
        injected_kvar = np.clip(injected_kvar, holders.low_kvar, holders.high_kvar)
    return None


def limit_changes(
    holders: VoltageHolders,
    injected_kvar: FloatArray,
    gap: FloatArray,
    is_at_limit: BoolArray,
) -> BoolArray:
    """Holders that must be fixed at a limit that they have passed, or freed because their voltage is on the other side of what
    they hold, (..., holder).
    """
    has_passed = (injected_kvar < holders.low_kvar) | (
        injected_kvar > holders.high_kvar
    )
    # at the highest kvar a voltage above the held one asks for less, at the lowest one below it for more
    is_freed = np.where(injected_kvar >= holders.high_kvar, gap > 0, gap < 0)
    return np.where(is_at_limit, is_freed, has_passed)


# a search that runs away ends where a step is not finite, and until then says nothing
@np.errstate(all="ignore")
def _newton(
    case: JointCase,
    v_pu: ComplexArray,
    injected_kvar: FloatArray,
    is_at_limit: BoolArray,
    within_rounding: bool,
) -> JointAnswer | None:
    """Solve with a given set of holders at their limits."""
    n_nodes = len(v_pu)
    size = _size(case, v_pu, injected_kvar, is_at_limit)
    for steps in range(1, MOST_STEPS + 1):
        step = _step(case, v_pu, injected_kvar, is_at_limit)
        if step is None or not np.isfinite(step).all():
            return None
        v_step = step[:n_nodes] + 1j * step[n_nodes : 2 * n_nodes]
        q_step = step[2 * n_nodes :]
        is_balanced = within_rounding and size <= EXACT
        if is_balanced or np.abs(v_step).max() <= EXACT:
            return JointAnswer(v_pu + v_step, injected_kvar + q_step, steps)
        factor = 1.0
        for _ in range(MOST_HALVINGS):
            next_v = v_pu + factor * v_step
            next_kvar = injected_kvar + factor * q_step
            next_size = _size(case, next_v, next_kvar, is_at_limit)
            if next_size < size:
                break
            factor /= 2
        # where no part of a step helps the smallest is taken all the same: it may lead over a ridge
        v_pu = next_v
        injected_kvar = next_kvar
        size = next_size
    return None


def _size(
    case: JointCase,
    v_pu: ComplexArray,
    injected_kvar: FloatArray,
    is_at_limit: BoolArray,
) -> float:
    """Largest residual of all equations [pu]; infinite where some are not finite."""
    gap = np.where(is_at_limit, 0.0, case.gap(v_pu))
    with np.errstate(all="ignore"):
        missing = np.abs(case.residual(v_pu, injected_kvar))
        # what rounding leaves is no measure of a step
        residual = np.maximum(missing - case.rounding(v_pu), 0.0).max()
    largest = max(residual, np.abs(gap).max(initial=0.0))
    return float(largest) if np.isfinite(largest) else np.inf


def _step(
    case: JointCase,
    v_pu: ComplexArray,
    injected_kvar: FloatArray,
    is_at_limit: BoolArray,
) -> FloatArray | None:
    """Newton's step, real parts, imaginary parts, kvar; None where the equations are singular."""
    of_nodes, by_kvar, of_gap = case.slopes(v_pu, injected_kvar)
    residual = case.residual(v_pu, injected_kvar)
    is_held = (~is_at_limit).astype(float)
    # the equation of a holder at its limit says that it stays there
    stays = sparse.diags_array(is_at_limit.astype(float))
    of_gap = sparse.diags_array(is_held) @ of_gap
    matrix = sparse.block_array([[of_nodes, by_kvar], [of_gap, stays]], format="csc")
    gap = is_held * case.gap(v_pu)
    right_side = -np.concatenate([residual.real, residual.imag, gap])
    try:
        return splu(matrix).solve(right_side)
    except RuntimeError:
        return None
