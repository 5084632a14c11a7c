"""`FlowRows`: branch limits to first order around an AC solution, by the unknowns of its linear model.

A branch's current or power depends on the voltages at its ends alone, so a row has a handful of numbers. Rows stand only for
limits that some AC solution on the way has broken: most never bind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.linear.blocks import above, down_the_diagonal
from tieline.opf.replay import Replay
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class FlowRows:
    """matrix dx <= room, relative to `FlowLimits.scale`.

    Attributes:
        step, limit: which limit each row stands for, (row,).
        matrix: (row, step x unknown).
        room: (row,).
    """

    step: IntArray
    limit: IntArray
    matrix: sparse.csr_array
    room: FloatArray


def no_rows(n_moved: int) -> FlowRows:
    """No limit is watched yet."""
    empty = np.empty(0, dtype=np.int64)
    return FlowRows(empty, empty, sparse.csr_array((0, n_moved)), np.empty(0))


def around(replay: Replay, is_watched: BoolArray) -> FlowRows:
    """Rows of the watched limits, (step, limit)."""
    flows = replay.problem.limits.flows
    n_moved = 2 * replay.solution.v_pu.size
    over = flows.over(replay.flow)
    parts = [no_rows(n_moved)]
    for limit in np.flatnonzero(is_watched.any(axis=0)).tolist():
        steps = np.flatnonzero(is_watched[:, limit])
        matrix = _by_voltages(replay, limit) * (1 / flows.scale[limit])
        limits = np.full(len(steps), limit)
        parts.append(
            FlowRows(steps, limits, matrix[steps], -over[steps, limit]),
        )
    return FlowRows(
        np.concatenate([part.step for part in parts]),
        np.concatenate([part.limit for part in parts]),
        above(*(part.matrix for part in parts)),
        np.concatenate([part.room for part in parts]),
    )


def _by_voltages(replay: Replay, limit: int) -> sparse.csr_array:
    """Derivative of one branch's flow in every step by the real and imaginary voltages of that step, (step, step x unknown)."""
    solution = replay.solution
    flows = replay.problem.limits.flows
    weight = np.zeros((solution.n_scenarios, len(flows)))
    weight[:, limit] = 1.0
    slope = flows.pull_back(solution, weight)
    by_unknowns = np.hstack([slope.real, slope.imag])
    by_step = [sparse.csr_array(row[None, :]) for row in by_unknowns]
    return down_the_diagonal(by_step)
