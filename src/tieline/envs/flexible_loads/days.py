"""`Days`: the load of each zone in every episode.

The shape of a zone is its load over its own mean: on the training days for the corrected task, whatever the split, so that a
summer that loads the feeder more is a summer with more load; on the split itself as published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.flexible_loads.config import Dso33EnvConfig, PublishedDso33EnvConfig
from tieline.envs.substation_days.series import half_hours
from tieline.envs.substation_days.splits import (
    PERIOD,
    SUMMER,
    glued_windows,
    is_held_out,
    whole_days,
)
from tieline.envs.substation_days.zones import zone_series
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Days:
    """What episodes are picked from.

    Attributes:
        shape: load of each zone over its nominal load, (day, step + 1, zone): an episode shows what is asked after its last step.
        hour: local time in the middle of the step, (day, step + 1) [h].
        names: of the days: local date and time at which they begin.
    """

    shape: FloatArray
    hour: FloatArray
    names: tuple[str, ...]

    @property
    def n_days(self) -> int:
        """How many there are."""
        return len(self.shape)

    @property
    def n_steps(self) -> int:
        """Steps of an episode."""
        return self.shape.shape[1] - 1


def split_days(config: Dso33EnvConfig) -> Days:
    """Whole local days of the configured split; raises `InputError` if the file of the configuration cannot be used."""
    takes_others = config.split == "other-zones"
    source = (config.series, config.series_seed)
    times = half_hours(*PERIOD)
    series = zone_series(times, *source, takes_others=takes_others)
    trains = ~is_held_out(times)
    mean = series[trains].mean(axis=0)
    keep = trains if config.split == "train" else ~trains
    if config.split == "summer":
        times = half_hours(*SUMMER)
        series = zone_series(times, *source)
        keep = np.ones(len(times), dtype=bool)
    windows = whole_days(times, keep)
    shape = series / mean
    return Days(shape[windows.index], windows.hour, windows.names)


def glued_days(config: PublishedDso33EnvConfig, starts: IntArray) -> Days:
    """48 half hours from each start in the held-out days glued together, as published, wherever midnight falls.

    Args:
        config: which series.
        starts: first half hour of each window, (window,).

    Raises:
        InputError: if the file of the configuration cannot be used.
    """
    times = half_hours(*PERIOD)
    series = zone_series(times, config.series, config.series_seed)
    keep = is_held_out(times)
    shape = series / series[keep].mean(axis=0)
    windows = glued_windows(times, keep, starts)
    return Days(shape[windows.index], windows.hour, windows.names)
