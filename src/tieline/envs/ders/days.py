"""`Days`: the load of the whole feeder and the sun of every episode.

All loads follow one shape, the mean of the published substations. As published, load is that of Sydney and sun that of Great
Britain, paired half hour by half hour from midnight UTC, both divided by their peak in the split. Corrected, the sun is that over
the substations at the same time, and load is divided by its peak on the training days, whatever the split.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from tieline.envs.ders.config import Ders141EnvConfig, PublishedDers141EnvConfig
from tieline.envs.substation_days.series import SYDNEY, half_hours
from tieline.envs.substation_days.splits import (
    PERIOD,
    SUMMER,
    glued_windows,
    is_held_out,
    whole_days,
)
from tieline.envs.substation_days.zones import zone_series
from tieline.profiles import ProfileConfig
from tieline.profiles.noise import child
from tieline.profiles.sunlight import make_sun_model
from tieline.typing import FloatArray, IntArray

GREAT_BRITAIN = ProfileConfig(
    time_zone="Europe/London", latitude=52.5, longitude=-1.5, altitude_m=100
)
"""The middle of England stands for a country's PV."""

SKIES = 20
"""Skies whose mean stands for those over a country."""

SUN_OF = {"train": date(2025, 4, 1), "iid": date(2026, 1, 1)}
"""First day of the published sun of the days that train and of those that judge."""


@dataclass(frozen=True, eq=False)
class Days:
    """What episodes are picked from.

    Attributes:
        load: of every load over its nominal power, (day, step + 1): an episode shows what is asked after its last step.
        sun: output of panels over their rating, (day, step + 1).
        hour: local time in the middle of the step, (day, step + 1) [h].
        names: of the days: local date and time at which they begin.
    """

    load: FloatArray
    sun: FloatArray
    hour: FloatArray
    names: tuple[str, ...]

    @property
    def n_days(self) -> int:
        """How many there are."""
        return len(self.load)

    @property
    def n_steps(self) -> int:
        """Steps of an episode."""
        return self.load.shape[1] - 1


def split_days(config: Ders141EnvConfig) -> Days:
    """Whole local days of the configured split; raises `InputError` if the file of the configuration cannot be used."""
    times = half_hours(*PERIOD)
    load = _load_mw(times, config)
    trains = ~is_held_out(times)
    peak_mw = load[trains].max()
    keep = trains if config.split == "train" else ~trains
    if config.split == "summer":
        times = half_hours(*SUMMER)
        load = _load_mw(times, config)
        keep = np.ones(len(times), dtype=bool)
    sun = _sun(SYDNEY, times, config.series_seed, 1)
    windows = whole_days(times, keep)
    share = load / peak_mw
    return Days(share[windows.index], sun[windows.index], windows.hour, windows.names)


def glued_days(config: PublishedDers141EnvConfig, starts: IntArray) -> Days:
    """48 half hours from each start in the days of the split glued together, as published, with the sun of another country.

    Args:
        config: which split and series.
        starts: first half hour of each window, (window,).

    Raises:
        InputError: if the file of the configuration cannot be used.
    """
    times = half_hours(*PERIOD)
    load = _load_mw(times, config)
    split = "train" if config.split == "train" else "iid"
    keep = is_held_out(times) == (split == "iid")
    windows = glued_windows(times, keep, starts)
    sun_times = pd.date_range(
        SUN_OF[split], periods=int(keep.sum()), freq="30min", tz="UTC"
    )
    sun = _sun(GREAT_BRITAIN, sun_times, config.series_seed, SKIES)
    # by number in the glued series, as the load is
    number = np.cumsum(keep) - 1
    share = load / load[keep].max()
    at_peak = sun / sun.max()
    return Days(
        share[windows.index],
        at_peak[number[windows.index]],
        windows.hour,
        windows.names,
    )


def _load_mw(
    times: pd.DatetimeIndex, config: Ders141EnvConfig | PublishedDers141EnvConfig
) -> FloatArray:
    """Mean of all substations, (time,) [MW]: zones have as many each."""
    return zone_series(times, config.series, config.series_seed).mean(axis=1)


def _sun(
    place: ProfileConfig, times: pd.DatetimeIndex, seed: int, skies: int
) -> FloatArray:
    """Output of panels over their rating, the mean of some skies, (time,)."""
    model = make_sun_model(place, times)
    outputs = [model.draw(child(seed, number)) for number in range(skies)]
    return np.mean(outputs, axis=0)
