"""`Crew`: what the lanes of a thread know of the controls of their scenarios."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.kernel.compiled import maker
from tieline.powerflow.kernel.lanes import LANES
from tieline.typing import BoolArray, FloatArray, IntArray


class Crew(NamedTuple):
    """Arrays with a column or a place for each lane.

    Attributes:
        tap, is_reversed: taps, and whether a regulator is in its reverse mode, (regulator, LANES).
        seen, before: readings now and an iteration before, (reading, LANES).
        error: how far off they may be.
        moves: what the controls of one lane want, (control,).
        is_busy: whether there is a scenario in a lane.
        is_done: whether it is to leave the lane, which the next may then have.
        came_solved: whether it was solved already when it came, and no control has moved since.
        is_calm: whether its steps have shrunk fast ever since its controls last moved.
    """

    tap: IntArray
    is_reversed: BoolArray
    seen: FloatArray
    before: FloatArray
    error: FloatArray
    moves: IntArray
    is_busy: BoolArray
    is_done: BoolArray
    came_solved: BoolArray
    is_calm: BoolArray


@maker
def make_crew(settings, n_readings):
    """Arrays that a thread uses for all its scenarios, no lane busy."""
    n_regulators = len(settings.regulators)
    return Crew(
        tap=np.zeros((n_regulators, LANES), dtype=np.int64),
        is_reversed=np.zeros((n_regulators, LANES), dtype=np.bool_),
        seen=np.zeros((n_readings, LANES)),
        before=np.zeros((n_readings, LANES)),
        error=np.zeros((n_readings, LANES)),
        moves=np.zeros(n_regulators + len(settings.capacitors), dtype=np.int64),
        is_busy=np.zeros(LANES, dtype=np.bool_),
        is_done=np.zeros(LANES, dtype=np.bool_),
        came_solved=np.zeros(LANES, dtype=np.bool_),
        is_calm=np.ones(LANES, dtype=np.bool_),
    )
