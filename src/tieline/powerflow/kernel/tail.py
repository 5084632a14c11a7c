"""`Tail`: the last rows of the factors, which are solved again and again while the right-hand side of all others stays.

Controls look at the voltages of these rows only, and taps and steps stand in them only (see `elimination`). While device currents
stay as they are, what a move makes of those voltages is hence known from these rows alone: they are few, and an iteration on a
feeder of thousands of nodes costs ten times as much.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.kernel.arrays import empty, zeros
from tieline.powerflow.kernel.compiled import leaf, maker
from tieline.powerflow.kernel.lanes import LANES, load, store
from tieline.typing import FloatArray


class Tail(NamedTuple):
    """What a thread knows of the last rows.

    Attributes:
        begin: the first of them.
        yr, yi: right-hand sides half way through, (row, LANES).
        old_r, old_i: voltages before the iteration, (row, LANES) [pu].
        change: the largest squared step of each lane, (1, LANES).
    """

    begin: int
    yr: FloatArray
    yi: FloatArray
    old_r: FloatArray
    old_i: FloatArray
    change: FloatArray


@maker
def make_tail(system):
    """Arrays that a thread uses again in every iteration. Own rows stand in the tail, wherever they begin."""
    pattern = system.pattern
    begin = max(pattern.n_inner, min(pattern.tail, system.matrix.begin))
    n_rows = len(pattern.diagonal) - begin
    return Tail(
        begin,
        yr=empty((n_rows, LANES), np.float64),
        yi=empty((n_rows, LANES), np.float64),
        old_r=empty((n_rows, LANES), np.float64),
        old_i=empty((n_rows, LANES), np.float64),
        change=zeros((1, LANES), np.float64),
    )


@leaf
def keep_tail(tail, work):
    """Keep the voltages of the tail, from which steps are measured."""
    for k in range(len(tail.yr)):
        store(tail.old_r, k, load(work.vr, tail.begin + k))
        store(tail.old_i, k, load(work.vi, tail.begin + k))
