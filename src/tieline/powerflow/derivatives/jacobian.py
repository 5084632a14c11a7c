"""Linear systems with the Jacobian of solved scenarios: what derivatives are made of.

The Jacobian of a scenario is the nodal admittance at its taps plus the slopes of its devices at its voltages, in real
coordinates; LANES of them are factorised and solved at a time.
"""

from __future__ import annotations

import numpy as np

from tieline.powerflow.kernel.block import fill_own_rows, load_block, make_workspace
from tieline.powerflow.kernel.compiled import entry
from tieline.powerflow.kernel.device_currents import slopes
from tieline.powerflow.kernel.factors import eliminate_own, solve_own, solve_own_transposed
from tieline.powerflow.kernel.held_positions import parts, plan_of, scenarios_of
from tieline.powerflow.kernel.lanes import LANES, gather, load, scatter, store
from tieline.powerflow.kernel.matrix import admittance_of_many, admittance_of_one, make_matrix
from tieline.powerflow.kernel.newton import add_slopes
from tieline.powerflow.kernel.threads import over_threads
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, FloatArray, IntArray


def solve_with_jacobian(
    solution: Solution, rows: IntArray, given: ComplexArray, *, transposed: bool = False
) -> ComplexArray:
    """Solve J x = given, or J^T x = given, with complex numbers standing for their real and imaginary parts.

    Args:
        solution: solved scenarios.
        rows: scenario that each row of `given` belongs to, (row,).
        given: right-hand sides, (row, node).
        transposed: solve with the transposed Jacobian.

    Returns:
        x, (row, node); NaN for scenarios without an answer.
    """
    network = solution.network
    state = _of(solution.state, rows)
    varying = (state != state[0]).any(axis=0)
    plan = plan_of(network, state, varying, solution.use_band)
    admittance = (
        admittance_of_many(network, plan, state, varying)
        if varying.any()
        else admittance_of_one(network, plan, state[0])
    )
    matrix = make_matrix(plan, admittance, None)
    scenarios = scenarios_of(
        network,
        plan,
        _of(solution.p_kw, rows),
        _of(solution.q_kvar, rows),
        np.ones(1),
        solution.v_pu[rows],
    )
    answer = np.empty((len(rows), network.n_nodes), dtype=np.complex128)
    arguments = (matrix, plan.pattern, plan.points, admittance.variable, scenarios)
    n_blocks = -(-len(rows) // LANES)
    over_threads(
        _solve_blocks,
        n_blocks,
        plan.pattern.n_positions,
        parts(answer),
        parts(given),
        transposed,
        *arguments,
    )
    answer[~solution.converged[rows]] = complex(np.nan, np.nan)
    return answer


def _of(array: FloatArray, rows: IntArray) -> FloatArray:
    return array if len(array) == 1 else array[rows]


@entry
def _solve_blocks(
    begin, end, answer, given, transposed, matrix, pattern, points, variable, scenarios
):
    """Solve the blocks begin to end.

    Args:
        begin, end: first block, and the one after the last.
        answer: to be filled, (scenario, 2 * node in network order), real and imaginary parts in turn.
        given: right-hand sides, as `answer`.
        transposed: solve with the transposed Jacobian.
        matrix, pattern, points, variable: as described at their classes.
        scenarios: powers and, as `start`, the solved voltages.
    """
    work = make_workspace(len(pattern.diagonal), points, variable.state.shape[1], 0)
    own, own_slope = (
        np.empty((4 * len(pattern.column), LANES)),
        np.empty((4 * len(points.kind), LANES)),
    )
    rank, every_row = scenarios.rank, pattern.row_start[:-1]
    for block in range(begin, end):
        first, last = block * LANES, min(block * LANES + LANES, len(answer)) - 1
        load_block(first, last, variable, scenarios, points, work)
        slopes(work.vr, work.vi, work.power, points, own_slope)
        fill_own_rows(matrix.plain, every_row, pattern, variable, work, own)
        add_slopes(own_slope, points, own)
        eliminate_own(own, every_row, pattern)
        for node in range(len(rank)):
            store(work.xr, rank[node], gather(given, first, last, 2 * node))
            store(work.xi, rank[node], gather(given, first, last, 2 * node + 1))
        if transposed:
            solve_own_transposed(own, pattern, work.xr, work.xi)
        else:
            solve_own(own, pattern, work.xr, work.xi)
        for node in range(len(rank)):
            scatter(answer, first, last, 2 * node, load(work.xr, rank[node]))
            scatter(answer, first, last, 2 * node + 1, load(work.xi, rank[node]))
