"""`solve_following`: a batch whose inverters follow their characteristics, with regulators and capacitors that act.

Inverters act in seconds, regulators and capacitors in tens of seconds: taps are held while inverters settle (`settling`), then
those controls act once whose delay is over, with the inverters held, and so on until all rest. OpenDSS does the same, where an
inverter control has no delay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.batch import Batch
from tieline.powerflow.inverters.points import scenarios_of
from tieline.powerflow.inverters.request import Request
from tieline.powerflow.inverters.responses import Run
from tieline.powerflow.inverters.settling import Settling, fill_rows, mark_hunting
from tieline.powerflow.inverters.table import InverterTable
from tieline.powerflow.kernel.system import MAX_ROUNDS
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, FloatArray, IntArray


class Acted(NamedTuple):
    """What controls have made of a batch: its solution, and what they remember, (scenario, control). Where they have acted its
    outcome is `CONTROL_LIMIT`, and it has taps and states but no voltages.
    """

    solution: Solution
    memory: np.ndarray


ActOnce = Callable[[Batch, np.ndarray | None], Acted]
"""Regulators and capacitors act once, or rest, at given powers; None: they remember nothing yet."""


def solve_following(
    network: Network,
    batch: Batch,
    tolerance: float,
    run_held: Run,
    act_once: ActOnce | None,
) -> Solution:
    """Solve a batch with every inverter on its characteristic.

    Args:
        network: of a feeder with inverter controls.
        batch: what is asked; P of inverters is what they would like to give.
        tolerance: of the power flow [pu].
        run_held: the power flow at given powers, taps and steps.
        act_once: lets regulators and capacitors act; None if none act.

    Returns:
        The solution with what the inverters inject in `p_kw` and `q_kvar`; scenarios that do not come to rest are marked.
    """
    request = Request.of(network, batch)
    first_seen = _first_seen(request.table, batch)
    settling = Settling(batch, request, run_held, tolerance)
    solution = settling.settled(first_seen)
    if act_once is None:
        return solution
    again = partial(Settling, run=run_held, tolerance=tolerance, before=settling)
    return _in_turns(batch, request, again, act_once, solution)


def _first_seen(table: InverterTable, batch: Batch) -> FloatArray:
    """What the inverters are thought to see at first, (scenario, inverter) [pu]: the given voltages, else rated ones."""
    rated = np.ones((batch.n_scenarios, table.count))
    if batch.start is None:
        return rated
    return rated * table.seen_pu(batch.start)


def _in_turns(
    batch: Batch,
    request: Request,
    settling_of: Callable[[Batch, Request], Settling],
    act_once: ActOnce,
    solution: Solution,
) -> Solution:
    """Taps and inverters in turn, until neither moves any more, from a solution with all inverters at rest."""
    solution = _with_own_positions(solution)
    rows = np.flatnonzero(solution.converged)
    memory = None
    for _ in range(MAX_ROUNDS):
        # none is left where none has an answer, at the first voltages or after a move
        if len(rows) == 0:
            return solution
        round_end = act_once(_standing(batch, solution, rows), memory)
        has_moved = round_end.solution.outcome == Outcome.CONTROL_LIMIT
        idle = np.flatnonzero(~has_moved)
        fill_rows(solution, rows[idle], round_end.solution.of_scenarios(idle))
        # those that rest are done with; the others go on from where their controls have moved to
        rows = rows[has_moved]
        if len(rows) == 0:
            return solution
        memory = round_end.memory[has_moved]
        _move(solution, rows, round_end.solution, has_moved)
        scenarios = _asking(batch, solution, rows)
        settling = settling_of(scenarios, request.rows(rows))
        seen_pu = request.table.seen_pu(solution.v_pu[rows])
        fill_rows(solution, rows, settling.settled(seen_pu))
        has_answer = solution.converged[rows]
        rows = rows[has_answer]
        memory = memory[has_answer]
    mark_hunting(solution, np.isin(np.arange(batch.n_scenarios), rows))
    return solution


def _with_own_positions(solution: Solution) -> Solution:
    """The solution with taps and states for each scenario, to be written to."""
    count = solution.n_scenarios
    taps = _rows_for_each(solution.taps, count)
    state = _rows_for_each(solution.state, count)
    return replace(solution, taps=taps, state=state)


def _move(
    solution: Solution, rows: IntArray, target: Solution, has_moved: BoolArray
) -> None:
    """Write taps and states of scenarios whose controls have moved, in place."""
    solution.taps[rows] = target.taps[has_moved]
    state = _rows_for_each(target.state, target.n_scenarios)
    solution.state[rows] = state[has_moved]


def _rows_for_each(array: np.ndarray, count: int) -> np.ndarray:
    """A row for each scenario, to be written to, of an array that may have one row for all."""
    return np.array(np.broadcast_to(array, (count, array.shape[1])), order="C")


def _asking(batch: Batch, solution: Solution, rows: IntArray) -> Batch:
    """What some scenarios ask at the taps and voltages of a solution."""
    scenarios = scenarios_of(batch, rows, solution.v_pu[rows])
    return replace(scenarios, tap=solution.taps[rows], state=solution.state[rows])


def _standing(batch: Batch, solution: Solution, rows: IntArray) -> Batch:
    """The same at the powers that its inverters inject."""
    scenarios = _asking(batch, solution, rows)
    return replace(scenarios, p_kw=solution.p_kw[rows], q_kvar=solution.q_kvar[rows])
