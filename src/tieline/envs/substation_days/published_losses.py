"""`PublishedLosses`: what published episodes lose when nothing is done, and how drawn days are brought to it.

    scale each day's loads by k such that   loss of the day without control (k)  =  the published loss

so that percentages on series of our own can stand beside the published ones. Losses grow about as k^2, which the search uses:
k <- k sqrt(published / loss).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tieline.envs.substation_days.series import half_hours
from tieline.envs.substation_days.splits import PERIOD, is_held_out
from tieline.typing import FloatArray, IntArray

DAY_S = 24 * 3600.0

ROUNDS = 8
"""Of the search; each leaves about a twentieth of the error."""


@dataclass(frozen=True, eq=False)
class PublishedLosses:
    """Episodes of a split of the period: the first half hour of each among those of the split, and its loss, (episode,)."""

    starts: IntArray
    loss: FloatArray

    @classmethod
    def read(cls, path: Path) -> PublishedLosses:
        """From a table: the first half hour, then the loss."""
        table = pd.read_csv(path, comment="#")
        columns = table.to_numpy(float).T
        return cls(columns[0].astype(np.int64), columns[1])

    def of(self, starts: IntArray) -> FloatArray:
        """Of the episodes that begin there, (episode,); between the published ones before and after where it is none of them."""
        return np.interp(starts, self.starts, self.loss)

    def on(self, days: Sequence[str]) -> FloatArray:
        """Of other days, (day,), for episodes of the held-out split: between the published ones before and after.

        Where none is published, in summer, their mean.

        Args:
            days: local date and time at which each begins.
        """
        times = half_hours(*PERIOD)
        held_out = times[is_held_out(times)]
        published_at = _seconds(held_out[self.starts])
        asked_at = _seconds(pd.DatetimeIndex(list(days)))
        is_after = asked_at > published_at[-1] + DAY_S
        between = np.interp(asked_at, published_at, self.loss)
        return np.where(is_after, self.loss.mean(), between)


def scaled_to(
    shape: FloatArray, target: FloatArray, loss_of: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Shapes of days times one number for each, so that nothing done loses what it should.

    Args:
        shape: (day, ...).
        target: loss of each day, (day,).
        loss_of: what days of other shapes lose, (day, ...) -> (day,).
    """
    each = (len(shape),) + (1,) * (shape.ndim - 1)
    factor = np.ones(each)
    for _ in range(ROUNDS):
        ratio = target / loss_of(factor * shape)
        factor *= np.sqrt(ratio).reshape(each)
    return factor * shape


def _seconds(times: pd.DatetimeIndex) -> FloatArray:
    """Local time as a number [s]."""
    local = times.tz_localize(None)
    return local.to_numpy("datetime64[s]").astype(float)
