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
from tieline.powerflow.inverters.asked import Asked
from tieline.powerflow.inverters.points import scenarios_of
from tieline.powerflow.inverters.responses import Run
from tieline.powerflow.inverters.settling import Settling, fill_rows, mark_hunting
from tieline.powerflow.inverters.table import InverterTable
from tieline.powerflow.kernel.system import MAX_ROUNDS
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import FloatArray, IntArray


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
    asked = Asked.of(network, batch)
    first_seen = _first_seen(asked.table, batch)
    settling = Settling(batch, asked, run_held, tolerance)
    solution = settling.settled(first_seen)
    if act_once is None:
        return solution
    again = partial(Settling, run=run_held, tolerance=tolerance, before=settling)
    return _in_turns(batch, asked, again, act_once, solution)


def _first_seen(table: InverterTable, batch: Batch) -> FloatArray:
    """What the inverters are thought to see at first, (scenario, inverter) [pu]: the given voltages, else rated ones."""
    rated = np.ones((batch.n_scenarios, table.count))
    if batch.start is None:
        return rated
    return rated * table.seen_pu(batch.start)


def _in_turns(
    batch: Batch,
    asked: Asked,
    settling_of: Callable[[Batch, Asked], Settling],
    act_once: ActOnce,
    solution: Solution,
) -> Solution:
    """Taps and inverters in turn, until neither moves any more, from a solution with all inverters at rest."""
    count = batch.n_scenarios
    solution = replace(
        solution,
        taps=_rows_for_each(solution.taps, count),
        state=_rows_for_each(solution.state, count),
    )
    memory = None
    rows = np.flatnonzero(solution.converged)
    for _ in range(MAX_ROUNDS):
        standing = _standing(batch, solution, rows)
        acted = act_once(standing, memory)
        moved = np.flatnonzero(acted.solution.outcome == Outcome.CONTROL_LIMIT)
        at_rest = np.setdiff1d(np.arange(len(rows)), moved)
        fill_rows(solution, rows[at_rest], acted.solution.of_scenarios(at_rest))
        if len(moved) == 0:
            return solution
        rows = rows[moved]
        memory = acted.memory[moved]
        solution.taps[rows] = acted.solution.taps[moved]
        solution.state[rows] = _rows_for_each(acted.solution.state, len(acted.memory))[
            moved
        ]
        asking = _asking(batch, solution, rows)
        seen_pu = asked.table.seen_pu(asking.start)
        settling = settling_of(asking, asked.rows(rows))
        fill_rows(solution, rows, settling.settled(seen_pu))
        has_answer = solution.converged[rows]
        rows = rows[has_answer]
        memory = memory[has_answer]
        if len(rows) == 0:
            return solution
    is_hunting = np.isin(np.arange(count), rows)
    mark_hunting(solution, is_hunting)
    return solution


def _rows_for_each(array: np.ndarray, count: int) -> np.ndarray:
    """A row for each scenario, to be written to, of an array that may have one row for all."""
    return np.array(np.broadcast_to(array, (count, array.shape[1])), order="C")


def _asking(batch: Batch, solution: Solution, rows: IntArray) -> Batch:
    """What some scenarios ask at the taps and voltages of a solution."""
    points = scenarios_of(batch, rows, solution.v_pu[rows])
    return replace(points, tap=solution.taps[rows], state=solution.state[rows])


def _standing(batch: Batch, solution: Solution, rows: IntArray) -> Batch:
    """The same at the powers that its inverters inject."""
    asking = _asking(batch, solution, rows)
    return replace(asking, p_kw=solution.p_kw[rows], q_kvar=solution.q_kvar[rows])
