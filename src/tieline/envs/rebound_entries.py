"""What is seen of flexible loads with a rebound: five numbers for each, as the published tasks show them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.devices.rebound_load import ReboundLoads
from tieline.typing import FloatArray

REBOUND_WORDS = (
    "curtailed_share",
    "shifted_share",
    "returned_share",
    "owed_steps_share",
    "owed_share",
)
"""Of each load, in the order of `rebound_entries`; all between 0 and 1."""


def rebound_entries(
    devices: ReboundLoads,
    curtailed_kw: FloatArray,
    shifted_kw: FloatArray,
    returned_kw: FloatArray,
    owed_kw: FloatArray,
    xp: Any = np,
) -> FloatArray:
    """The entries of each device, (episode, device, 5).

    Args:
        devices: the loads, whose caps are above 0.
        curtailed_kw, shifted_kw, returned_kw: in the step before, (episode, device).
        owed_kw: what comes back in each of the next steps, (episode, device, lag).
        xp: the array package, `numpy` or `jax.numpy`.
    """
    lags = devices.n_lags
    number = np.arange(1, lags + 1)
    # until the last return, whatever is due before it
    steps_owed = ((owed_kw > 0) * number).max(axis=2)
    shares = (
        curtailed_kw / devices.curtail_max_kw,
        shifted_kw / devices.shift_max_kw,
        returned_kw / devices.shift_max_kw,
        steps_owed / lags,
        owed_kw.sum(axis=2) / (lags * devices.shift_max_kw),
    )
    return xp.stack(shares, axis=2)
