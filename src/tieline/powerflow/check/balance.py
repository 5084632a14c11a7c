"""How well currents balance: Kirchhoff's current law at every node, and with it the balance of power (compiled: `residuals`).

What is missing between source, load, loss and shunts is the sum of V_n conj(r_n), small where all residuals r_n are (see `law`).
The nodes of an ideal source, which delivers whatever is asked, are left out; de-energised nodes are not, since a device may push
current there.

What r_n may be:

- the voltages are known to the tolerance, hence the current of a device to tolerance |i| / |v|, times `SLACK`; for i that of the
  scenario or of the mean one of the batch, whose slopes the iteration uses, whichever is larger; what is more is doubted, and
  `voltage_error` decides;
- sums are rounded: `ROUNDING` times the last digit of sum |y| |V|, though never more than `LOST` of all device currents together,
  or of one per unit where these are less: digits that are worth more than that are missing from the answer.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tieline.network.network import Network
from tieline.network.supply import dead_nodes, dead_nodes_per_scenario
from tieline.powerflow.check.law import LAWS_KEPT, branches_of, law_of
from tieline.powerflow.check.residuals import (
    NOWHERE,
    Answered,
    Verdict,
    judge_groups,
)
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.machine_code import in_rows, machine_code
from tieline.powerflow.kernel.system import real_rows
from tieline.powerflow.kernel.threads import over_threads
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, FloatArray, IntArray

NO_DEAD_NODES = np.empty((0, 0), dtype=bool)


def judge(
    solution: Solution, source_pu: FloatArray, tolerance: float, rows: IntArray
) -> Verdict:
    """How well the currents balance in some scenarios.

    Args:
        solution: solved scenarios.
        source_pu: source voltage, as in `kernel.system.Inputs` [pu].
        tolerance: error of the voltages that was asked for [pu].
        rows: scenarios to be judged, those with an answer.
    """
    network = solution.network
    count = len(rows)
    verdict = Verdict(np.zeros(count), np.zeros(count, np.int64), np.zeros(count))
    verdict.node.fill(NOWHERE)
    if count == 0:
        return verdict
    state = solution.state
    judged_state = state
    if len(state) != 1:
        judged_state = state[rows]
    law = law_of(network, judged_state)
    branches = branches_of(network, solution.use_band)
    answered = Answered(
        voltage=real_rows(solution.v_pu),
        state=in_rows(judged_state),
        p_kw=in_rows(solution.p_kw),
        q_kvar=in_rows(solution.q_kvar),
        source_pu=in_rows(network.drive_parts(source_pu)),
        dead=_dead_rows(solution),
    )
    n_groups = -(-count // LANES)
    over_threads(
        machine_code(judge_groups),
        n_groups,
        len(law.column),
        rows,
        answered,
        law,
        branches,
        tolerance,
        verdict,
    )
    return verdict


def _dead_rows(solution: Solution) -> BoolArray:
    """De-energised nodes, (scenario or 1, node), or (0, 0) if there are none."""
    network = solution.network
    state = solution.state
    if len(state) == 1:
        return _dead_row(network, state[0].tobytes())
    dead = dead_nodes_per_scenario(network, state)
    if dead.strides[0] == 0:  # the same row for all
        dead = dead[:1]
    return _asked_if_any(dead)


@lru_cache(maxsize=LAWS_KEPT)
def _dead_row(network: Network, state_bytes: bytes) -> BoolArray:
    """Those of one state; a network never changes, and is its own key."""
    state = np.frombuffer(state_bytes)
    return _asked_if_any(dead_nodes(network, state)[None])


def _asked_if_any(dead: BoolArray) -> BoolArray:
    """Compiled code skips the question for every device of every lane if there is nothing to ask."""
    if not dead.any():
        return NO_DEAD_NODES
    return np.ascontiguousarray(dead)
