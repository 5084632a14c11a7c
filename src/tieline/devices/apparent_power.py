"""The circle P^2 + Q^2 <= S^2 of an inverter or a generator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.typing import FloatArray


def q_room(s: ArrayLike, p: ArrayLike, xp: Any = np) -> FloatArray:
    """Largest |Q| beside P at apparent power S, all in one unit, shapes as numpy broadcasts; 0 where P takes all.

    Args:
        s, p: apparent and active power.
        xp: the array package, `numpy` or `jax.numpy`.
    """
    room_sq = xp.square(s) - xp.square(p)
    is_full = room_sq <= 0.0
    # a root of 0 has no derivative
    return xp.where(is_full, 0.0, xp.sqrt(xp.where(is_full, 1.0, room_sq)))
