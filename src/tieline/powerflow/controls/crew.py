"""`Crew`: what the lanes of a thread know of the controls of their scenarios."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.controls.memory import MEMORY
from tieline.powerflow.controls.meters import Sheet
from tieline.powerflow.kernel.arrays import zeros
from tieline.powerflow.kernel.compiled import maker
from tieline.powerflow.kernel.lanes import LANES
from tieline.typing import BoolArray, FloatArray, IntArray


class Crew(NamedTuple):
    """Arrays with a column or a place for each lane.

    Attributes:
        node: node of each elimination step, (step,).
        tap: taps, (regulator, LANES).
        memory: what the controls remember, (control, LANES).
        sheet: what the meters show.
        wishes: what the controls of one lane want, (control,).
        step: how far the voltages of the tail have moved in the present iteration, taps included, (1, LANES) [pu].
        reach: how far they did in the iteration before, (LANES,) [pu].
        quotient: the most that was left of such a step in the next iteration, (LANES,).
        share: of its last move that a reading may still be off, (1, LANES).
        outside: by how much a reading may lie outside of the band of its regulator, at most, (1, LANES) [V].
        is_busy: whether there is a scenario in a lane.
        is_done: whether it is to leave the lane, which the next may then have.
        came_solved: whether it was solved already when it came, and no control has moved since.
        is_calm: whether its steps have shrunk fast ever since its controls last moved.
        is_current: whether the factors are those of its taps.
        was_stale: whether they were not when they were last worked out.
        waits: whether anything that its controls have entered may wait.
    """

    node: IntArray
    tap: IntArray
    memory: np.ndarray
    sheet: Sheet
    wishes: IntArray
    step: FloatArray
    reach: FloatArray
    quotient: FloatArray
    share: FloatArray
    outside: FloatArray
    is_busy: BoolArray
    is_done: BoolArray
    came_solved: BoolArray
    is_calm: BoolArray
    is_current: BoolArray
    was_stale: BoolArray
    waits: BoolArray


@maker
def make_crew(settings, n_readings, rank):
    """Arrays that a thread uses for all its scenarios, no lane busy; `rank` is the elimination step of each node, (node,)."""
    n_regulators = len(settings.regulators)
    n_controls = n_regulators + len(settings.capacitors)
    node_of_step = zeros((len(rank),), np.int64)
    for node in range(len(rank)):
        node_of_step[rank[node]] = node
    return Crew(
        node=node_of_step,
        tap=zeros((n_regulators, LANES), np.int64),
        memory=zeros((n_controls, LANES), MEMORY),
        sheet=Sheet(
            readings=zeros((n_readings, LANES), np.float64),
            re=zeros((n_readings, LANES), np.float64),
            im=zeros((n_readings, LANES), np.float64),
            old_re=zeros((n_readings, LANES), np.float64),
            old_im=zeros((n_readings, LANES), np.float64),
            moved=zeros((n_readings, LANES), np.float64),
            error=zeros((n_readings, LANES), np.float64),
        ),
        wishes=zeros((n_controls,), np.int64),
        step=zeros((1, LANES), np.float64),
        reach=zeros((LANES,), np.float64),
        quotient=zeros((LANES,), np.float64),
        share=zeros((1, LANES), np.float64),
        outside=zeros((1, LANES), np.float64),
        is_busy=zeros((LANES,), np.bool_),
        is_done=zeros((LANES,), np.bool_),
        came_solved=zeros((LANES,), np.bool_),
        is_calm=zeros((LANES,), np.bool_),
        is_current=zeros((LANES,), np.bool_),
        was_stale=zeros((LANES,), np.bool_),
        waits=zeros((LANES,), np.bool_),
    )
