"""`Workspace`: what one thread works on, LANES scenarios at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.kernel.arrays import empty, zeros
from tieline.powerflow.kernel.compiled import leaf, maker
from tieline.powerflow.kernel.lanes import LANES
from tieline.typing import BoolArray, FloatArray, IntArray


class Workspace(NamedTuple):
    """Arrays with a column or a place for each lane; nodes are elimination steps.

    Attributes:
        vr, vi: voltages, (node, LANES) [pu].
        xr, xi: right-hand sides, (node, LANES).
        p_kw, q_kvar: powers of the devices, (device, LANES).
        power: rows of power of the ports.
        state: varying states.
        own_rows: own rows of the matrix, (4 * slot, LANES).
        own_slope: slopes of the ports where each lane has its own, (4 * port, LANES), else (0, LANES).
        scratch: two rows for intermediate results.
        scenario: the scenario in each lane.
        source: current of its source, real and imaginary rows in turn, (2 * source node, LANES).
        change: its largest step.
        before: its largest step before this one.
        quotient: how fast steps shrink.
        error: estimated error of its voltages.
        is_lost: whether it is beyond rescue.
        age: iterations since it began.
        last: those of them after which its error was above the tolerance.
    """

    vr: FloatArray
    vi: FloatArray
    xr: FloatArray
    xi: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray
    power: FloatArray
    state: FloatArray
    own_rows: FloatArray
    own_slope: FloatArray
    scratch: FloatArray
    scenario: IntArray
    source: FloatArray
    change: FloatArray
    before: FloatArray
    quotient: FloatArray
    error: FloatArray
    is_lost: BoolArray
    age: IntArray
    last: IntArray


@maker
def make_workspace(system, n_own_slopes):
    """Arrays that a thread uses again for every block."""
    n_nodes = len(system.pattern.diagonal)
    n_devices = system.scenarios.p_kw.shape[1]
    return Workspace(
        vr=zeros((n_nodes, LANES), np.float64),
        vi=zeros((n_nodes, LANES), np.float64),
        xr=empty((n_nodes, LANES), np.float64),
        xi=empty((n_nodes, LANES), np.float64),
        p_kw=empty((n_devices, LANES), np.float64),
        q_kvar=empty((n_devices, LANES), np.float64),
        power=empty((2 * len(system.ports.term_start), LANES), np.float64),
        state=empty((system.variable.state.shape[1], LANES), np.float64),
        own_rows=empty((4 * system.matrix.n_slots, LANES), np.float64),
        own_slope=empty((4 * n_own_slopes, LANES), np.float64),
        scratch=empty((2, LANES), np.float64),
        scenario=zeros((LANES,), np.int64),
        source=empty((2 * len(system.scenarios.source_re), LANES), np.float64),
        change=empty((1, LANES), np.float64),
        before=empty((1, LANES), np.float64),
        quotient=empty((1, LANES), np.float64),
        error=empty((LANES,), np.float64),
        is_lost=empty((LANES,), np.bool_),
        age=empty((LANES,), np.int64),
        last=empty((LANES,), np.int64),
    )


@leaf
def begin_anew(b, work):
    """Nothing is known yet of the answer in lane b."""
    work.age[b] = 0
    work.last[b] = 0
    work.error[b] = np.inf
    work.is_lost[b] = False
