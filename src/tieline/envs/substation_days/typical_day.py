"""The typical day: the mean of some days by time of day."""

from __future__ import annotations

import numpy as np

from tieline.envs.substation_days.series import STEP_H
from tieline.typing import FloatArray, IntArray

BINS = round(24 / STEP_H)
"""Times of day that are told apart."""


class TypicalDay:
    """Means by time of day.

    Args:
        hour: local time in the middle of each step, (day, step) [h].
        values: of each step, (day, step, ...).
    """

    def __init__(self, hour: FloatArray, values: FloatArray):
        times = _time_bins(hour).ravel()
        by_step = values.reshape(len(times), *values.shape[2:])
        sums = np.zeros((BINS, *by_step.shape[1:]))
        np.add.at(sums, times, by_step)
        counts = np.bincount(times, minlength=BINS)
        # a time of day that no day has is never asked for
        divisor = np.maximum(counts, 1).reshape(-1, *([1] * (sums.ndim - 1)))
        self._means = sums / divisor

    def at(self, hour: FloatArray) -> FloatArray:
        """The means at some times of day, (step,) [h] -> (step, ...)."""
        return self._means[_time_bins(hour)]


def _time_bins(hour: FloatArray) -> IntArray:
    return np.floor(hour / STEP_H).astype(np.int64) % BINS
