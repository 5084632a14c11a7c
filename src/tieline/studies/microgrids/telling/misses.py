"""How far limits of the network are missed in each step, and how many.

A voltage is missed in pu, a branch in shares of its limit: 1e-4 is a hundredth of a percent of either.
"""

from __future__ import annotations

import numpy as np

from tieline.opf import Replay
from tieline.typing import FloatArray, IntArray

NOTICED = 1e-4
"""A miss above this is a violation: what is below can be read from no meter."""


def voltage_misses(replay: Replay) -> FloatArray:
    """By how much each voltage is below its lowest or above its highest, below 0 within, (step, point) [pu]."""
    limits = replay.problem.limits
    below = limits.v_min_pu - replay.vm_pu
    above = replay.vm_pu - limits.v_max_pu
    return np.maximum(below, above)


def branch_misses(replay: Replay) -> FloatArray:
    """By how much each limit of a branch is exceeded, of the limit, below 0 where it is kept, (step, row)."""
    return replay.problem.limits.flows.over(replay.flow)


def voltage_miss_of_steps(replay: Replay) -> FloatArray:
    """The largest miss of a voltage in each step, 0 if all are kept, (step,) [pu]; NaN without a power flow."""
    return _largest(replay, voltage_misses(replay))


def branch_miss_of_steps(replay: Replay) -> FloatArray:
    """The same of branches, of their limits."""
    return _largest(replay, branch_misses(replay))


def _largest(replay: Replay, misses: FloatArray) -> FloatArray:
    largest = misses.max(axis=1, initial=0.0)
    # a step without a power flow keeps nothing
    return np.where(replay.solution.converged, largest, np.nan)


def violations_of_steps(replay: Replay) -> IntArray:
    """How many limits are missed by more than `NOTICED` in each step, (step,); a step without a power flow is not judged."""
    voltages = (voltage_misses(replay) > NOTICED).sum(axis=1)
    branches = (branch_misses(replay) > NOTICED).sum(axis=1)
    return np.asarray(voltages + branches, dtype=np.int64)
