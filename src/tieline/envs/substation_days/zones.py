"""`zone_series`: the load of zones over time, each the mean of its substations."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from tieline.envs.substation_days.own_file import read_series
from tieline.envs.substation_days.series import Mix, SubstationSeries, draw_series
from tieline.typing import FloatArray


class Zone(BaseModel):
    """Loads that rise and fall together.

    Attributes:
        substations: whose mean load over time they follow.
        other_substations: whose they follow instead where other ones are asked for.
        mix: what drawn substations are made of.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    substations: tuple[str, ...]
    other_substations: tuple[str, ...]
    mix: Mix


@cache
def published_zones() -> tuple[Zone, ...]:
    """The zones of the published tasks, A, B and C."""
    path = Path(__file__).with_name("zones.toml")
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["zones"]
    return tuple(Zone.model_validate(row) for row in rows)


def zone_series(
    times: pd.DatetimeIndex, path: str, seed: int, *, takes_others: bool = False
) -> FloatArray:
    """Load of each published zone, (time, zone) [MW].

    Args:
        times: start of each half hour.
        path: of the user's file; drawn if empty.
        seed: of what is drawn.
        takes_others: whether the other substations are meant.

    Raises:
        InputError: if the file cannot be used.
    """
    mix = {}
    columns = []
    for zone in published_zones():
        names = zone.other_substations if takes_others else zone.substations
        mix |= dict.fromkeys(names, zone.mix)
        columns.append(names)
    series = _series(mix, times, path, seed)
    return np.stack([series.mean_mw(names) for names in columns], axis=1)


def _series(
    mix: Mapping[str, Mix], times: pd.DatetimeIndex, path: str, seed: int
) -> SubstationSeries:
    if path:
        return read_series(path, list(mix), times)
    return draw_series(mix, times, seed)
