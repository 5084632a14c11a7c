"""Linear systems with the Jacobian of solved scenarios: what derivatives are made of.

The Jacobian of a scenario is the nodal admittance at its taps plus the slopes of its devices at its voltages, in real
coordinates; LANES of them are factorised and solved at a time.
"""

from __future__ import annotations

import numpy as np

from tieline.errors import InputError
from tieline.powerflow.kernel.compiled import entry
from tieline.powerflow.kernel.factors import solve_own, solve_own_transposed
from tieline.powerflow.kernel.lane_traffic import load_block
from tieline.powerflow.kernel.lanes import LANES, gather, load, scatter, store
from tieline.powerflow.kernel.linearised import linearise, with_own_rows
from tieline.powerflow.kernel.prepare import differing_states, prepare
from tieline.powerflow.kernel.system import Inputs, real_rows
from tieline.powerflow.kernel.threads import over_threads
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, FloatArray, IntArray


def solve_with_jacobian(
    solution: Solution,
    rows: IntArray,
    right_sides: ComplexArray,
    *,
    transposed: bool = False,
) -> ComplexArray:
    """Solve J x = b, or J^T x = b, with complex numbers standing for their real and imaginary parts.

    Args:
        solution: solved scenarios.
        rows: scenario that each right-hand side belongs to, (row,).
        right_sides: b, (row, node).
        transposed: solve with the transposed Jacobian.

    Returns:
        x, (row, node); NaN for scenarios without an answer.

    Raises:
        InputError: if generators hold voltages or inverters follow characteristics, which lets their powers follow every change.
    """
    require_fixed_q(solution)
    solved = Inputs(
        p_kw=_of(solution.p_kw, rows),
        q_kvar=_of(solution.q_kvar, rows),
        state=_of(solution.state, rows),
        source_pu=np.ones((1, len(solution.network.source_nodes))),
        start=solution.v_pu[rows],
    )
    varying = differing_states(solved.state)
    # The Jacobian is that at the solution, hence the voltages it starts from are the solved ones.
    system = prepare(solution.network, solved, varying, use_band=solution.use_band)
    x = np.empty((len(rows), solution.network.n_nodes), dtype=np.complex128)
    n_blocks = -(-len(rows) // LANES)
    over_threads(
        _solve_blocks,
        n_blocks,
        system.pattern.n_positions,
        system,
        real_rows(right_sides),
        transposed,
        real_rows(x),
    )
    x[~solution.converged[rows]] = complex(np.nan, np.nan)
    return x


def require_fixed_q(solution: Solution) -> None:
    """Raise `InputError` if DERs answer to voltages: their powers would follow every change, and no derivative does."""
    if solution.follows_curves:
        raise InputError(
            f"Inverters of feeder '{solution.network.feeder.name}' follow characteristics, and derivatives would have to follow "
            "their powers, which they do not. Solve again with der_kw and der_kvar, for example what the inverters gave, or take "
            "powerflow.with_fixed_q(feeder)."
        )
    if solution.holds_voltages:
        raise InputError(
            f"Generators of feeder '{solution.network.feeder.name}' hold voltages, and derivatives would have to follow their "
            "reactive power, which they do not. Solve again with der_kvar, for example what the generators gave, or take "
            "powerflow.with_fixed_q(feeder)."
        )


def _of(array: FloatArray, rows: IntArray) -> FloatArray:
    if len(array) == 1:
        return array
    return array[rows]


@entry
def _solve_blocks(begin, end, common_system, right_sides, transposed, x):
    """Solve the blocks begin to end.

    Args:
        begin, end: first block, and the one after the last.
        common_system: with the solved voltages as `start`.
        right_sides: (row, 2 * node in network order), real and imaginary parts in turn.
        transposed: solve with the transposed Jacobian.
        x: to be filled, as `right_sides`.
    """
    system, work = with_own_rows(common_system)
    for block in range(begin, end):
        first = block * LANES
        last = min(first + LANES, len(x)) - 1
        load_block(first, last, system, work)
        linearise(system, work)
        rank = system.scenarios.rank
        for node in range(len(rank)):
            store(work.xr, rank[node], gather(right_sides, first, last, 2 * node))
            store(work.xi, rank[node], gather(right_sides, first, last, 2 * node + 1))
        if transposed:
            solve_own_transposed(system.pattern, work)
        else:
            solve_own(system.pattern, work)
        for node in range(len(rank)):
            scatter(x, first, last, 2 * node, load(work.xr, rank[node]))
            scatter(x, first, last, 2 * node + 1, load(work.xi, rank[node]))
