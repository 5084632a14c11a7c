"""A batch whose inverters follow characteristics: rounds of a power flow at given powers and an agreement of curves and grid.

    1   solve at the powers P_k, Q_k of the inverters: they see the voltages m_k
    2   where curves and the grid linearised there agree they would see u, and inject P(u), Q(u): `balance`
    3   again with these, until m_k is the u that was expected

The linearised grid is that of the mean of the batch (a chord: near enough, and steep curves or their corners cost no round,
because step 2 has them exactly); a scenario that it does not bring to rest gets one of its own. At the end inverters inject what
their curves say at the voltages they see, to the tolerance of the power flow.

Inverters act in seconds, regulators and capacitors in tens of seconds: taps are held while inverters settle, then move with the
inverters held, and so on until both rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.batch import Batch
from tieline.powerflow.inverters.balance import (
    GridPoint,
    Response,
    agreed_pu,
    open_rows,
)
from tieline.powerflow.inverters.table import InverterTable, inverter_table
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, FloatArray, IntArray

SLACK = 10.0
"""Voltages seen may be off by this many tolerances of the power flow, which leaves as much in the voltages themselves."""

CHORD_ROUNDS = 10
"""A round on the common response is ten to a hundred times nearer than the one before; who needs more gets one of its own."""

MOST_ROUNDS = 30

MOST_TURNS = 20
"""Turns of inverters and taps; a scenario beyond them hunts and is marked `CONTROL_LIMIT`."""

NUDGE = 0.01
"""Part of its rating by which an inverter is moved to find the response: small beside what bends the grid, large beside the
tolerance."""

ROWS_AT_ONCE = 256
"""Scenarios whose matrices, one a scenario, are in memory together; and power flows of a response."""

Run = Callable[[Batch], Solution]


@dataclass(frozen=True, eq=False)
class _Asked:
    """What a batch asks of its inverters: P that they would like to give and Q of those without a curve, (scenario, inverter)
    [kW, kvar]; ratings, (scenario or 1, inverter) [kVA].
    """

    table: InverterTable
    wanted_kw: FloatArray
    given_kvar: FloatArray
    kva: FloatArray

    def at(self, v_pu: FloatArray, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """P and Q at the voltages seen, (row, inverter)."""
        return self.table.curves.powers(
            v_pu, self.wanted_kw[rows], self.given_kvar[rows], _rows(self.kva, rows)
        )


def solve_following(
    network: Network,
    batch: Batch,
    tolerance: float,
    run_held: Run,
    run_acting: Run | None = None,
) -> Solution:
    """Solve a batch with every inverter on its characteristic.

    Args:
        network: of a feeder with inverter controls.
        batch: what is asked; P of inverters is what they would like to give.
        tolerance: of the power flow [pu].
        run_held: the power flow at given powers, taps and steps.
        run_acting: the same with regulators and capacitors acting; None if none act.

    Returns:
        The solution with what the inverters inject in `p_kw` and `q_kvar`; scenarios that do not come to rest are marked.
    """
    table = inverter_table(network)
    count = batch.n_scenarios
    shape = (count, table.count)
    asked = _Asked(
        table,
        np.broadcast_to(-batch.p_kw[:, table.device], shape),
        np.broadcast_to(-batch.q_kvar[:, table.device], shape),
        _ratings(table, batch, network.devices.n_loads),
    )
    seen_pu = _first_seen(table, batch)
    solution = _settled(network, batch, tolerance, run_held, asked, seen_pu)
    if run_acting is None:
        return solution
    return _turns(batch, tolerance, run_held, run_acting, asked, solution)


def _ratings(table: InverterTable, batch: Batch, n_loads: int) -> FloatArray:
    """Of the inverters, (scenario or 1, inverter) [kVA]."""
    if batch.der_kva is None:
        return table.kva[None]
    return batch.der_kva[:, table.device - n_loads]


def _first_seen(table: InverterTable, batch: Batch) -> FloatArray:
    """What the inverters are thought to see at first, (scenario, inverter) [pu]: the given voltages, else rated ones."""
    rated = np.ones((batch.n_scenarios, table.count))
    if batch.start is None:
        return rated
    started = table.seen_pu(batch.start)
    return np.where(started > 0, started, rated)


def _turns(
    batch: Batch,
    tolerance: float,
    run_held: Run,
    run_acting: Run,
    asked: _Asked,
    solution: Solution,
) -> Solution:
    """Taps and inverters in turn, until neither moves any more."""
    network = solution.network
    for _ in range(MOST_TURNS):
        standing = _standing(batch, solution)
        moved = run_acting(
            replace(standing, p_kw=solution.p_kw, q_kvar=solution.q_kvar)
        )
        has_moved = _has_moved(solution, moved)
        if not has_moved.any():
            return replace(moved, iterations=solution.iterations + moved.iterations)
        seen_pu = asked.table.seen_pu(moved.v_pu)
        batch_there = _standing(batch, moved)
        solution = _settled(network, batch_there, tolerance, run_held, asked, seen_pu)
    _mark(solution, has_moved & solution.converged)
    return solution


def _standing(batch: Batch, solution: Solution) -> Batch:
    """The batch with taps, steps and first voltages of a solution."""
    return replace(
        batch,
        start=np.nan_to_num(solution.v_pu),
        tap=solution.taps,
        state=solution.state,
    )


def _has_moved(before: Solution, after: Solution) -> BoolArray:
    """Scenarios in which a tap or a step is elsewhere, (scenario,); those without an answer rest."""
    other_tap = (before.taps != after.taps).any(axis=1)
    other_state = (before.state != after.state).any(axis=1)
    return (other_tap | other_state) & after.converged


def _mark(solution: Solution, hunting: BoolArray) -> None:
    solution.outcome[hunting] = Outcome.CONTROL_LIMIT
    solution.v_pu[hunting] = np.nan


def _settled(
    network: Network,
    batch: Batch,
    tolerance: float,
    run: Run,
    asked: _Asked,
    seen_pu: FloatArray,
) -> Solution:
    """All inverters at rest at given taps and steps; `seen_pu` is where they are thought to be, (scenario, inverter)."""
    every = np.arange(batch.n_scenarios)
    expected_pu = np.where(np.isnan(seen_pu), 1.0, seen_pu)
    points = _asking(batch, asked, every, *asked.at(expected_pu, every))
    solution = run(points)
    responses = _Responses(batch, run, asked)
    for number in range(MOST_ROUNDS):
        grid_pu = asked.table.seen_pu(solution.v_pu)
        is_open = open_rows(grid_pu - expected_pu, SLACK * tolerance)
        is_open &= solution.converged
        rows = np.flatnonzero(is_open)
        if len(rows) == 0:
            return solution
        for part in np.array_split(rows, -(-len(rows) // ROWS_AT_ONCE)):
            response = responses.of(part, own=number >= CHORD_ROUNDS)
            expected_pu[part] = _agreed(
                asked, part, expected_pu[part], grid_pu[part], solution, response
            )
        powers = asked.at(expected_pu[rows], rows)
        _fill(solution, rows, run(_asking(batch, asked, rows, *powers, solution)))
    grid_pu = asked.table.seen_pu(solution.v_pu)
    is_open = open_rows(grid_pu - expected_pu, SLACK * tolerance)
    _mark(solution, is_open & solution.converged)
    return solution


def _agreed(
    asked: _Asked,
    rows: IntArray,
    start_pu: FloatArray,
    grid_pu: FloatArray,
    solution: Solution,
    response: Response,
) -> FloatArray:
    device = asked.table.device
    grid = GridPoint(
        grid_pu, -solution.p_kw[rows][:, device], -solution.q_kvar[rows][:, device]
    )
    return agreed_pu(start_pu, grid, response, lambda v_pu: asked.at(v_pu, rows))


class _Responses:
    """The response of the grid to its inverters at the mean of a batch, or at single scenarios."""

    def __init__(self, batch: Batch, run: Run, asked: _Asked) -> None:
        self._batch = batch
        self._run = run
        self._asked = asked

    def of(self, rows: IntArray, *, own: bool) -> Response:
        """That of some scenarios, common to all or each its `own`."""
        if not own:
            return self._common
        each = [self._at(_one(self._batch, row), row) for row in rows.tolist()]
        by_kw = None
        if each[0].by_kw is not None:
            by_kw = np.concatenate([one.by_kw for one in each])
        return Response(by_kw, np.concatenate([one.by_kvar for one in each]))

    @cached_property
    def _common(self) -> Response:
        return self._at(_mean(self._batch), None)

    def _at(self, point: Batch, row: int | None) -> Response:
        """Found by moving each inverter a little, in one batch."""
        asked = self._asked
        count = asked.table.count
        wanted_kw = _mean_row(asked.wanted_kw) if row is None else asked.wanted_kw[row]
        given = _mean_row(asked.given_kvar) if row is None else asked.given_kvar[row]
        kva = (
            _mean_row(asked.kva)
            if row is None
            else _rows(asked.kva, np.array([row]))[0]
        )
        base_p, base_q = asked.table.curves.powers(
            np.ones((1, count)), wanted_kw[None], given[None], kva[None]
        )
        # an inverter of no size moves nothing, but is moved all the same
        nudge = np.where(kva > 0, NUDGE * kva, NUDGE)
        still = np.zeros((count + 1, count))
        moved = np.vstack([np.zeros(count), np.diag(nudge)])
        by_kvar = self._difference(point, base_p + still, base_q + moved, nudge)
        if not asked.table.curves.lowers_p.any():
            return Response(None, by_kvar)
        by_kw = self._difference(point, base_p + moved, base_q + still, nudge)
        return Response(by_kw, by_kvar)

    def _difference(
        self, point: Batch, p_kw: FloatArray, q_kvar: FloatArray, nudge: FloatArray
    ) -> FloatArray:
        """Change of each voltage seen per unit that each inverter is moved, (1, voltage, inverter); row 0 is not moved."""
        asked = self._asked
        seen = []
        for first in range(0, len(p_kw), ROWS_AT_ONCE):
            part = slice(first, first + ROWS_AT_ONCE)
            solution = self._run(_repeated(point, asked, p_kw[part], q_kvar[part]))
            seen.append(asked.table.seen_pu(solution.v_pu))
        seen_pu = np.concatenate(seen)
        change = (seen_pu[1:] - seen_pu[0]) / nudge[:, None]
        # where a power flow has no answer an inverter is taken to move nothing
        return np.nan_to_num(change).T[None]


def _rows(array: np.ndarray, rows: IntArray) -> np.ndarray:
    """Some rows of an array that may have one for all."""
    if len(array) == 1:
        return array
    return array[rows]


def _asking(
    batch: Batch,
    asked: _Asked,
    rows: IntArray,
    p_kw: FloatArray,
    q_kvar: FloatArray,
    solution: Solution | None = None,
) -> Batch:
    """Some rows of a batch with powers of its inverters, (row, inverter), begun at the voltages of a solution."""
    start = batch.start if solution is None else solution.v_pu
    return replace(
        batch,
        n_scenarios=len(rows),
        p_kw=_with_devices(_rows(batch.p_kw, rows), asked.table.device, -p_kw),
        q_kvar=_with_devices(_rows(batch.q_kvar, rows), asked.table.device, -q_kvar),
        tap=_rows(batch.tap, rows),
        state=_rows(batch.state, rows),
        source_pu=_rows(batch.source_pu, rows),
        start=None if start is None else _rows(start, rows),
        bad=_rows(batch.bad, rows),
    )


def _with_devices(rows: FloatArray, device: IntArray, values: FloatArray) -> FloatArray:
    # row by row in memory, as compiled code wants it
    power = np.empty((len(values), rows.shape[1]))
    power[:] = rows
    power[:, device] = values
    return power


def _repeated(
    point: Batch, asked: _Asked, p_kw: FloatArray, q_kvar: FloatArray
) -> Batch:
    """One scenario as often as there are powers of the inverters, (row, inverter)."""
    count = len(p_kw)
    every = np.zeros(count, dtype=np.int64)
    return _asking(
        replace(point, bad=np.zeros(1, dtype=bool)), asked, every, p_kw, q_kvar
    )


def _one(batch: Batch, row: int) -> Batch:
    rows = np.array([row])
    device = np.empty(0, dtype=np.int64)
    del device
    return replace(
        batch,
        n_scenarios=1,
        p_kw=_rows(batch.p_kw, rows),
        q_kvar=_rows(batch.q_kvar, rows),
        tap=_rows(batch.tap, rows),
        state=_rows(batch.state, rows),
        source_pu=_rows(batch.source_pu, rows),
        start=None,
        bad=np.zeros(1, dtype=bool),
    )


def _mean(batch: Batch) -> Batch:
    """The mean of a batch as one scenario; lines stand as in the first: half a line is none."""
    return replace(
        batch,
        n_scenarios=1,
        p_kw=_mean_row(batch.p_kw)[None],
        q_kvar=_mean_row(batch.q_kvar)[None],
        tap=batch.tap[:1],
        state=batch.state[:1],
        source_pu=_mean_row(batch.source_pu)[None],
        start=None,
        bad=np.zeros(1, dtype=bool),
    )


def _mean_row(rows: np.ndarray) -> np.ndarray:
    """Over the rows that are finite."""
    sound = rows[np.isfinite(rows).all(axis=1)]
    return sound.mean(axis=0) if len(sound) else np.zeros_like(rows[0])


def _fill(solution: Solution, rows: IntArray, part: Solution) -> None:
    """Put the answers of some scenarios where they belong, in place."""
    solution.v_pu[rows] = part.v_pu
    solution.outcome[rows] = part.outcome
    solution.iterations[rows] += part.iterations
    solution.p_kw[rows] = part.p_kw
    solution.q_kvar[rows] = part.q_kvar
