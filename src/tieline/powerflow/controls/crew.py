"""`Crew`: what the lanes of a thread know of the controls of their scenarios."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.controls.memory import MEMORY
from tieline.powerflow.kernel.arrays import zeros
from tieline.powerflow.kernel.compiled import maker
from tieline.powerflow.kernel.lanes import LANES
from tieline.typing import BoolArray, FloatArray, IntArray


class Crew(NamedTuple):
    """Arrays with a column or a place for each lane.

    Attributes:
        tap: taps, (regulator, LANES).
        memory: what the controls remember, (control, LANES).
        readings, error: what the meters show and how far off that may be, (reading, LANES).
        re, im: the phasors or complex powers that the readings come from.
        moved: how far these have moved in the last iteration.
        wishes: what the controls of one lane want, (control,).
        is_busy: whether there is a scenario in a lane.
        is_done: whether it is to leave the lane, which the next may then have.
        came_solved: whether it was solved already when it came, and no control has moved since.
        is_calm: whether its steps have shrunk fast ever since its controls last moved.
    """

    tap: IntArray
    memory: np.ndarray
    readings: FloatArray
    error: FloatArray
    re: FloatArray
    im: FloatArray
    moved: FloatArray
    wishes: IntArray
    is_busy: BoolArray
    is_done: BoolArray
    came_solved: BoolArray
    is_calm: BoolArray


@maker
def make_crew(settings, n_readings):
    """Arrays that a thread uses for all its scenarios, no lane busy."""
    n_regulators = len(settings.regulators)
    n_controls = n_regulators + len(settings.capacitors)
    return Crew(
        tap=zeros((n_regulators, LANES), np.int64),
        memory=zeros((n_controls, LANES), MEMORY),
        readings=zeros((n_readings, LANES), np.float64),
        error=zeros((n_readings, LANES), np.float64),
        re=zeros((n_readings, LANES), np.float64),
        im=zeros((n_readings, LANES), np.float64),
        moved=zeros((n_readings, LANES), np.float64),
        wishes=zeros((n_controls,), np.int64),
        is_busy=zeros((LANES,), np.bool_),
        is_done=zeros((LANES,), np.bool_),
        came_solved=zeros((LANES,), np.bool_),
        is_calm=zeros((LANES,), np.bool_),
    )
