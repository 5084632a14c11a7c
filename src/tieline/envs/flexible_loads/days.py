"""`Days`: the load of each zone in every episode.

The shape of a zone is the mean load of its substations over its own mean: on the training days for the corrected task, whatever
the split, so that a summer that loads the feeder more is a summer with more load; on the split itself as published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.envs.flexible_loads.config import Dso33EnvConfig, PublishedDso33EnvConfig
from tieline.envs.flexible_loads.definition import Zone
from tieline.envs.substation_days.own_file import read_series
from tieline.envs.substation_days.series import (
    Mix,
    SubstationSeries,
    draw_series,
    half_hours,
)
from tieline.envs.substation_days.splits import (
    PERIOD,
    SUMMER,
    glued_windows,
    is_held_out,
    whole_days,
)
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


def split_days(zones: Sequence[Zone], config: Dso33EnvConfig) -> Days:
    """Whole local days of the configured split; raises `InputError` if the file of the configuration cannot be used."""
    takes_others = config.split == "other-zones"
    substations = [
        zone.other_substations if takes_others else zone.substations for zone in zones
    ]
    times = half_hours(*PERIOD)
    series = _zone_series(zones, substations, times, config)
    trains = ~is_held_out(times)
    mean = series[trains].mean(axis=0)
    keep = trains if config.split == "train" else ~trains
    if config.split == "summer":
        times = half_hours(*SUMMER)
        series = _zone_series(zones, substations, times, config)
        keep = np.ones(len(times), dtype=bool)
    windows = whole_days(times, keep)
    shape = series / mean
    return Days(shape[windows.index], windows.hour, windows.names)


def glued_days(
    zones: Sequence[Zone], config: PublishedDso33EnvConfig, starts: IntArray
) -> Days:
    """48 half hours from each start in the held-out days glued together, as published, wherever midnight falls.

    Args:
        zones: of the feeder.
        config: which series.
        starts: first half hour of each window, (window,).

    Raises:
        InputError: if the file of the configuration cannot be used.
    """
    times = half_hours(*PERIOD)
    substations = [zone.substations for zone in zones]
    series = _zone_series(zones, substations, times, config)
    keep = is_held_out(times)
    shape = series / series[keep].mean(axis=0)
    windows = glued_windows(times, keep, starts)
    return Days(shape[windows.index], windows.hour, windows.names)


def _zone_series(
    zones: Sequence[Zone],
    substations: Sequence[Sequence[str]],
    times: pd.DatetimeIndex,
    config: Dso33EnvConfig | PublishedDso33EnvConfig,
) -> FloatArray:
    """Mean load of the substations of each zone, (time, zone) [MW]."""
    mix = {}
    for zone, names in zip(zones, substations, strict=True):
        mix |= dict.fromkeys(names, zone.mix)
    series = _series(mix, times, config)
    columns = [series.mean_mw(names) for names in substations]
    return np.stack(columns, axis=1)


def _series(
    mix: Mapping[str, Mix],
    times: pd.DatetimeIndex,
    config: Dso33EnvConfig | PublishedDso33EnvConfig,
) -> SubstationSeries:
    """The substations of the user's file, or drawn."""
    if config.series:
        return read_series(config.series, list(mix), times)
    return draw_series(mix, times, config.series_seed)
