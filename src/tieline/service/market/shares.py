"""How what a bus takes is split over its loads."""

from __future__ import annotations

import numpy as np

from tieline.typing import FloatArray


def shares_of(nominal_kw: FloatArray) -> FloatArray:
    """Share of each load at a bus in what the bus takes, (load,): by its size, or the same where none has any."""
    total_kw = nominal_kw.sum()
    if total_kw <= 0:
        return np.full(len(nominal_kw), 1 / len(nominal_kw))
    return nominal_kw / total_kw
