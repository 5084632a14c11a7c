"""Which half hours train and which judge: every fourth local day is kept out of training.

    day d of the period, counted from 0 in Sydney's calendar, is held out where d mod 4 = 0

The period of the published tasks begins at midnight UTC, so that its first local day has 28 half hours. Their episodes are cut
from the days of a split glued together, wherever that falls (`glued_windows`); those of the corrected tasks are whole local days
(`whole_days`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from tieline.profiles.clock import read_clock
from tieline.typing import BoolArray, FloatArray, IntArray

PERIOD = (date(2024, 5, 1), date(2024, 12, 1))
SUMMER = (date(2024, 12, 1), date(2025, 3, 1))
"""First day and the day after the last, midnight UTC."""

HELD_OUT_EVERY = 4
STEPS = 48
"""Half hours of an episode."""


@dataclass(frozen=True, eq=False)
class Windows:
    """Episodes: where each half hour of it is in the series.

    Attributes:
        index: place in the series, (window, step + 1): an episode shows what is asked after its last step.
        hour: local time in the middle of the half hour, (window, step + 1) [h].
        names: of the windows: the local date and time of their first half hour.
    """

    index: IntArray
    hour: FloatArray
    names: tuple[str, ...]

    @property
    def n_windows(self) -> int:
        """How many episodes there are."""
        return len(self.index)


def is_held_out(times: pd.DatetimeIndex) -> BoolArray:
    """Whether a half hour is of a local day that no training sees, (time,)."""
    return day_numbers(times) % HELD_OUT_EVERY == 0


def day_numbers(times: pd.DatetimeIndex) -> IntArray:
    """Number of the local day, 0 for that of the first half hour, (time,)."""
    midnights = times.tz_localize(None).normalize()
    since_first = midnights - midnights[0]
    return np.asarray(since_first.days, dtype=np.int64)


def glued_windows(
    times: pd.DatetimeIndex, keep: BoolArray, starts: IntArray
) -> Windows:
    """Windows of the kept half hours joined end to end; after the very last one it is shown again.

    Args:
        times: of the series.
        keep: half hours of the split, (time,).
        starts: first half hour of each window among the kept ones, (window,).
    """
    in_split = np.flatnonzero(keep)
    places = starts[:, None] + np.arange(STEPS + 1)
    last = len(in_split) - 1
    return _windows(times, in_split[np.minimum(places, last)])


def whole_days(times: pd.DatetimeIndex, keep: BoolArray) -> Windows:
    """Kept local days from midnight to midnight; without those on which clocks change and those that the series cuts.

    Args:
        times: of the series.
        keep: half hours of the split, (time,).
    """
    days = day_numbers(times)
    lengths = np.bincount(days)
    first = np.searchsorted(days, np.arange(len(lengths)))
    is_kept = (lengths == STEPS) & keep[first]
    starts = first[is_kept]
    places = starts[:, None] + np.arange(STEPS + 1)
    last = len(times) - 1
    return _windows(times, np.minimum(places, last))


def _windows(times: pd.DatetimeIndex, index: IntArray) -> Windows:
    hour = read_clock(times).hour
    names = [times[first].strftime("%Y-%m-%d %H:%M") for first in index[:, 0]]
    return Windows(index, hour[index], tuple(names))
