"""Inverters brought to rest while all else stands: rounds of a power flow at given powers and an agreement of curves and grid.

    1   solve at the powers P_k, Q_k of the inverters: they see the voltages m_k
    2   where curves and the grid linearised there agree they would see u, and inject P(u), Q(u): `balance`
    3   again with these, until m_k is the u that was expected

The linearised grid is that of the mean of the batch: a chord, near enough, and steep curves or their corners cost no round,
because step 2 has them exactly. A scenario that it does not bring to rest gets one of its own. At the end inverters inject what
their curves say at the voltages they see, to the tolerance of the power flow.
"""

from __future__ import annotations

import numpy as np

from tieline.powerflow.batch import Batch
from tieline.powerflow.inverters.balance import (
    Equations,
    GridPoint,
    Response,
    agreed_pu,
    open_rows,
)
from tieline.powerflow.inverters.points import scenarios_of, with_powers
from tieline.powerflow.inverters.request import Request
from tieline.powerflow.inverters.responses import Responses, Run
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, FloatArray, IntArray

SLACK = 10.0
"""Voltages seen may be off by this many tolerances of the power flow, which leaves as much in the voltages themselves."""

AGREED_CLOSER = 0.1
"""Curves and the linearised grid agree to this part of that, so that a round ends near enough to be the last."""

NEARER = 0.02
"""A round comes no nearer than this part of its gap: what is worked out beyond is lost in the next power flow."""

COMMON_ROUNDS = 10
"""A round on the common response is ten to a hundred times nearer than the one before; who needs more gets one of its own."""

MOST_ROUNDS = 30

MATRICES_AT_ONCE = 256
"""Scenarios whose matrices, one for each, are in memory together."""


class Settling:
    """A batch whose inverters are to rest at its taps and steps.

    Args:
        batch: what is asked.
        request: what is asked of the inverters in it.
        run: the power flow at given powers.
        tolerance: of the power flow [pu].
        before: the same batch, or a larger one, at other taps, whose common response is near enough.
    """

    def __init__(
        self,
        batch: Batch,
        request: Request,
        run: Run,
        tolerance: float,
        before: Settling | None = None,
    ) -> None:
        self._batch = batch
        self._request = request
        self._run = run
        self._tolerance_pu = SLACK * tolerance
        self._responses = Responses(batch, run, request)
        if before is not None:
            self._responses.common = before.common_response

    @property
    def common_response(self) -> Response:
        """The response of the grid that all scenarios share."""
        return self._responses.common

    def settled(self, seen_pu: FloatArray) -> Solution:
        """All scenarios with their inverters at rest; `seen_pu` is what these are thought to see, (scenario, inverter) [pu]."""
        table = self._request.table
        expected_pu = np.where(seen_pu > 0, seen_pu, 1.0)
        p_kw, q_kvar = self._request.at(expected_pu)
        solution = self._run(with_powers(self._batch, table.device, p_kw, q_kvar))
        for number in range(MOST_ROUNDS):
            grid_pu = table.seen_pu(solution.v_pu)
            rows = np.flatnonzero(self._is_open(solution, grid_pu, expected_pu))
            if len(rows) == 0:
                return solution
            # the scenarios that rest stay as they are
            expected_pu[rows] = self._agreed(
                rows,
                expected_pu[rows],
                grid_pu[rows],
                solution,
                has_own=number >= COMMON_ROUNDS,
            )
            self._solve_anew(rows, expected_pu[rows], solution)
        grid_pu = table.seen_pu(solution.v_pu)
        mark_hunting(solution, self._is_open(solution, grid_pu, expected_pu))
        return solution

    def _is_open(
        self, solution: Solution, grid_pu: FloatArray, expected_pu: FloatArray
    ) -> BoolArray:
        """Scenarios with an answer in which an inverter sees another voltage than it injects for, (scenario,)."""
        gap_pu = grid_pu - expected_pu
        return open_rows(gap_pu, self._tolerance_pu) & solution.converged

    def _agreed(
        self,
        rows: IntArray,
        start_pu: FloatArray,
        grid_pu: FloatArray,
        solution: Solution,
        *,
        has_own: bool,
    ) -> FloatArray:
        """Where curves and the linearised grid of some scenarios agree, (row, inverter) [pu]."""
        device = self._request.table.device
        agreement_pu = np.empty_like(start_pu)
        for first in range(0, len(rows), MATRICES_AT_ONCE):
            part = slice(first, first + MATRICES_AT_ONCE)
            scenarios = rows[part]
            p_kw = -solution.p_kw[scenarios][:, device]
            q_kvar = -solution.q_kvar[scenarios][:, device]
            grid = GridPoint(grid_pu[part], p_kw, q_kvar)
            response = self._response(scenarios, has_own=has_own)
            equations = Equations(grid, response, self._request.rows(scenarios))
            tolerance_pu = self._agreement_pu(start_pu[part], grid)
            agreement_pu[part] = agreed_pu(start_pu[part], equations, tolerance_pu)
        return agreement_pu

    def _agreement_pu(self, start_pu: FloatArray, grid: GridPoint) -> FloatArray:
        """How well curves and the linearised grid are to agree, (row,) [pu]."""
        gap_pu = np.abs(start_pu - grid.seen_pu).max(axis=1)
        return np.maximum(NEARER * gap_pu, AGREED_CLOSER * self._tolerance_pu)

    def _response(self, rows: IntArray, *, has_own: bool) -> Response:
        if has_own:
            return self._responses.of_each(rows)
        return self._responses.common

    def _solve_anew(
        self, rows: IntArray, seen_pu: FloatArray, solution: Solution
    ) -> None:
        """Solve some scenarios with inverters that inject for these voltages; their answers go into the solution."""
        scenarios = scenarios_of(self._batch, rows, solution.v_pu[rows])
        p_kw, q_kvar = self._request.rows(rows).at(seen_pu)
        device = self._request.table.device
        answer = self._run(with_powers(scenarios, device, p_kw, q_kvar))
        fill_rows(solution, rows, answer)


def fill_rows(solution: Solution, rows: IntArray, part: Solution) -> None:
    """Put the answers of some scenarios where they belong, in place; taps and states stay."""
    solution.v_pu[rows] = part.v_pu
    solution.outcome[rows] = part.outcome
    solution.iterations[rows] += part.iterations
    solution.p_kw[rows] = part.p_kw
    solution.q_kvar[rows] = part.q_kvar


def mark_hunting(solution: Solution, is_hunting: BoolArray) -> None:
    """Take the answer from scenarios in which something does not come to rest, in place."""
    solution.outcome[is_hunting] = Outcome.CONTROL_LIMIT
    solution.v_pu[is_hunting] = np.nan
