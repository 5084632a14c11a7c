"""`Crew`: what the lanes of a thread know of the controls of their scenarios."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.controls.memory import MEMORY
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
        tap=np.zeros((n_regulators, LANES), dtype=np.int64),
        memory=np.zeros((n_controls, LANES), dtype=MEMORY),
        readings=np.zeros((n_readings, LANES)),
        error=np.zeros((n_readings, LANES)),
        re=np.zeros((n_readings, LANES)),
        im=np.zeros((n_readings, LANES)),
        moved=np.zeros((n_readings, LANES)),
        wishes=np.zeros(n_controls, dtype=np.int64),
        is_busy=np.zeros(LANES, dtype=np.bool_),
        is_done=np.zeros(LANES, dtype=np.bool_),
        came_solved=np.zeros(LANES, dtype=np.bool_),
        is_calm=np.ones(LANES, dtype=np.bool_),
    )
