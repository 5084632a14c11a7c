"""How far voltages are outside a band, and how many of them: what tasks penalise and count."""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.typing import FloatArray

ROUNDING_PU = 1e-5
"""A voltage this far outside the limits is at the limit: programs keep limits to about that."""


def outside_pu(
    v_pu: FloatArray, band_pu: tuple[float, float], xp: Any = np
) -> FloatArray:
    """Distance of each voltage from the band, (episode, point) [pu]; 0 inside.

    Args:
        v_pu: (episode, point).
        band_pu: lowest and highest allowed.
        xp: the array package, `numpy` or `jax.numpy`.
    """
    lowest, highest = band_pu
    farther = xp.maximum(lowest - v_pu, v_pu - highest)
    return xp.maximum(farther, 0.0)


def count_outside(
    v_pu: FloatArray, band_pu: tuple[float, float], xp: Any = np
) -> FloatArray:
    """Number of voltages outside the band, (episode,); arguments as of `outside_pu`."""
    is_outside = outside_pu(v_pu, band_pu, xp) > ROUNDING_PU
    return is_outside.sum(axis=1).astype(float)
