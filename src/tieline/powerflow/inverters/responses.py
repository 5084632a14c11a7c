"""`Responses`: what the grid answers to its inverters, at the mean of a batch or at single scenarios.

    R_q = d u / d Q,   R_p = d u / d P

found by moving each inverter a little in a power flow of its own, all of them one batch: whatever else answers in that power flow
(voltage bands, generators that hold a voltage) is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from tieline.powerflow.batch import Batch
from tieline.powerflow.inverters.balance import Response
from tieline.powerflow.inverters.points import mean_of, scenarios_of, with_powers
from tieline.powerflow.inverters.request import Request
from tieline.powerflow.solution import Solution
from tieline.typing import FloatArray, IntArray

NUDGE = 0.01
"""Part of its rating by which an inverter is moved: small beside what bends the grid, large beside the tolerance."""

FLOWS_AT_ONCE = 256
"""Power flows of a response that are in memory together."""

Run = Callable[[Batch], Solution]


class Responses:
    """Of a batch, with the power flow `run` at given powers."""

    def __init__(self, batch: Batch, run: Run, request: Request) -> None:
        self._batch = batch
        self._run = run
        self._request = request

    @cached_property
    def common(self) -> Response:
        """That of the mean, for all scenarios."""
        return self._at(mean_of(self._batch), self._request.mean())

    def of_each(self, rows: IntArray) -> Response:
        """That of every one of some scenarios."""
        responses = []
        for row in rows:
            scenario = np.array([row])
            point = scenarios_of(self._batch, scenario)
            responses.append(self._at(point, self._request.rows(scenario)))
        by_kvar = np.concatenate([one.by_kvar for one in responses])
        by_kw = [one.by_kw for one in responses if one.by_kw is not None]
        # all or none: it hangs on their curves
        if not by_kw:
            return Response(None, by_kvar)
        return Response(np.concatenate(by_kw), by_kvar)

    def _at(self, point: Batch, request: Request) -> Response:
        count = request.table.count
        p_kw, q_kvar = request.at(np.ones((1, count)))
        # an inverter of no size moves nothing
        sized = np.flatnonzero(request.kva[0] > 0)
        nudges = NUDGE * request.kva[0, sized]
        # no move first, which the others are compared with
        moves = np.zeros((len(sized) + 1, count))
        moves[1 + np.arange(len(sized)), sized] = nudges
        by_kvar = np.zeros((1, count, count))
        changes_pu = self._changes(point, p_kw + 0.0 * moves, q_kvar + moves)
        by_kvar[0, :, sized] = changes_pu / nudges[:, None]
        if not request.table.curves.lowers_p.any():
            return Response(None, by_kvar)
        by_kw = np.zeros_like(by_kvar)
        changes_pu = self._changes(point, p_kw + moves, q_kvar + 0.0 * moves)
        by_kw[0, :, sized] = changes_pu / nudges[:, None]
        return Response(by_kw, by_kvar)

    def _changes(
        self, point: Batch, p_kw: FloatArray, q_kvar: FloatArray
    ) -> FloatArray:
        """Change of each voltage seen against the first of these powers, (move, voltage); rows of powers are moves."""
        table = self._request.table
        parts_pu = []
        for first in range(0, len(p_kw), FLOWS_AT_ONCE):
            part = slice(first, first + FLOWS_AT_ONCE)
            every = np.zeros(len(p_kw[part]), dtype=np.int64)
            scenarios = scenarios_of(point, every)
            solution = self._run(
                with_powers(scenarios, table.device, p_kw[part], q_kvar[part])
            )
            parts_pu.append(table.seen_pu(solution.v_pu))
        seen_pu = np.concatenate(parts_pu)
        # where a power flow has no answer an inverter is taken to move nothing
        return np.nan_to_num(seen_pu[1:] - seen_pu[0])
