"""The circle P^2 + Q^2 <= S^2 of an inverter or a generator."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tieline.typing import FloatArray


def q_room(s: ArrayLike, p: ArrayLike) -> FloatArray:
    """Largest |Q| beside P at apparent power S, all in one unit, shapes as numpy broadcasts; 0 where P takes all."""
    return np.sqrt(np.maximum(np.square(s) - np.square(p), 0.0))
