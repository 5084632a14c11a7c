"""How far limits of the network are missed in each step, and how many.

A miss is in per unit of voltage, or of a branch's limit: 1e-4 is a hundredth of a percent of either.
"""

from __future__ import annotations

import numpy as np

from tieline.opf import Replay
from tieline.typing import FloatArray, IntArray

NOTICED = 1e-4
"""A miss above this is a violation: what is below can be read from no meter."""


def misses(replay: Replay) -> FloatArray:
    """By how much each limit is missed, below 0 where it is kept, (step, limit): low, then high voltages, then branches."""
    limits = replay.problem.limits
    below = limits.v_min_pu - replay.vm_pu
    above = replay.vm_pu - limits.v_max_pu
    over = replay.flow / limits.flows.limit - 1
    return np.hstack([below, above, over])


def miss_of_steps(replay: Replay) -> FloatArray:
    """The largest miss of each step, 0 if all limits are kept, (step,); NaN without a power flow."""
    largest = np.maximum(misses(replay).max(axis=1), 0.0)
    # a step without a power flow keeps nothing
    return np.where(replay.solution.converged, largest, np.nan)


def violations_of_steps(replay: Replay) -> IntArray:
    """How many limits are missed by more than `NOTICED` in each step, (step,)."""
    return np.asarray((misses(replay) > NOTICED).sum(axis=1), dtype=np.int64)
