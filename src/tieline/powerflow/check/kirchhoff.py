"""The end of every solve: scenarios whose currents do not balance have no answer, and it is said where.

`balance` judges; judging all scenarios of a batch would take a quarter as long as solving them. Of a batch with the same lines
closed throughout, the one that took most iterations of every block stands for the others: a fault of the matrix is common to
all, and one of the iteration shows where it was slow. If one fails, or if lines differ, all are judged.

What `balance` doubts is an answer all the same where the voltages are as near to it as was asked for, see `voltage_error`.
"""

from __future__ import annotations

import numpy as np

from tieline.powerflow.check.balance import judge
from tieline.powerflow.check.residuals import Verdict
from tieline.powerflow.check.voltage_error import most_lost_pu, voltage_error_pu
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA

JUDGED_OF = LANES
"""Scenarios of which one is judged, those that were solved side by side."""

NOBODY = np.empty(0, dtype=np.int64)

FINEST_PU = 1e-10
"""Finest tolerance that is judged by: steps as small as this are made of rounding on stiff feeders, so a finer one says no
more about the currents."""


def mark_unbalanced(
    solution: Solution, source_pu: FloatArray, tolerance: float
) -> None:
    """Turn answers that break Kirchhoff's current law into `Outcome.UNBALANCED` with the place for a reason, in place.

    Args:
        solution: solved scenarios.
        source_pu: source voltage, as in `kernel.system.Inputs` [pu].
        tolerance: error of the voltages that was asked for [pu].
    """
    answered = np.flatnonzero(solution.converged)
    rows = answered
    if not _lines_differ(solution):
        rows = _slowest(answered, solution.iterations)
    tolerance = max(tolerance, FINEST_PU)
    verdict = judge(solution, source_pu, tolerance, rows)
    failures = _failures(solution, source_pu, tolerance, rows, verdict)
    # One that fails tells of others that were not judged.
    if len(failures) > 0 and len(rows) < len(answered):
        rows = answered
        verdict = judge(solution, source_pu, tolerance, answered)
        failures = _failures(solution, source_pu, tolerance, rows, verdict)
    for k in failures:
        scenario = int(rows[k])
        solution.reasons[scenario] = _reason(solution, verdict, int(k))
        # Voltages that are wrong are worse than none: nobody is to work on with them.
        solution.outcome[scenario] = Outcome.UNBALANCED
        solution.v_pu[scenario] = complex(np.nan, np.nan)


def _failures(
    solution: Solution,
    source_pu: FloatArray,
    tolerance: float,
    rows: IntArray,
    verdict: Verdict,
) -> IntArray:
    """Which of the judged rows are no answers."""
    is_sound = verdict.ratio <= 1.0  # NaN is not
    if is_sound.all():
        return NOBODY
    doubts = np.flatnonzero(~is_sound)
    most_lost = np.broadcast_to(most_lost_pu(solution), len(solution.outcome))
    is_failure = np.ones(len(doubts), dtype=bool)
    for place, k in enumerate(doubts):
        scenario = int(rows[k])
        # what is missing is known already: where it is much, nothing is to be solved
        if verdict.size[k] <= most_lost[scenario]:
            error = voltage_error_pu(solution, source_pu, scenario)
            is_failure[place] = not error <= tolerance
    return doubts[is_failure]


def _lines_differ(solution: Solution) -> bool:
    """Whether some line is closed in one scenario and open in another."""
    if len(solution.state) == 1:
        return False
    position = solution.state[:, solution.network.states.lines]
    return bool((position != position[0]).any())


def _slowest(answered: IntArray, iterations: IntArray) -> IntArray:
    """Of every `JUDGED_OF` scenarios the one with the most iterations."""
    if len(answered) <= 1:
        return answered
    n_groups = -(-len(answered) // JUDGED_OF)
    if n_groups == 1:
        return answered[[iterations[answered].argmax()]]
    # The last group is filled up with -1, which no maximum chooses.
    count = np.full((n_groups, JUDGED_OF), -1)
    count.flat[: len(answered)] = iterations[answered]
    first = np.arange(n_groups) * JUDGED_OF
    slowest = first + count.argmax(axis=1)
    return answered[slowest]


def _reason(solution: Solution, verdict: Verdict, k: int) -> str:
    """Where the currents balance worst, in words."""
    kva = verdict.size[k] * S_BASE_KVA
    name = solution.network.node_names[verdict.node[k]]
    place = f"It is worst at node '{name}', where {kva:.3g} kVA at rated voltage are missing."
    return f"{Outcome.UNBALANCED.remedy} {place}"
