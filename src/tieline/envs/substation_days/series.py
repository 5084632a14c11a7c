"""`SubstationSeries`: the load of zone substations in half hours, as tieline draws it.

The series of the published tasks come without a licence and are not shipped; `own_file` reads a user's own download. What is
drawn here has the place and the calendar of those: Sydney, half hours of UTC. A substation is homes, businesses and industry of
`profiles.loads`, so many that single ones do not show, and a steady load. How much of each is told by whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from tieline.errors import InputError, unknown_name_message
from tieline.profiles import ProfileConfig, draw_at_buses
from tieline.profiles.config import CustomerKind
from tieline.typing import FloatArray

STEP_H = 0.5
"""Of all series [h]."""

SYDNEY = ProfileConfig(
    time_zone="Australia/Sydney",
    latitude=-33.87,
    longitude=151.21,
    altitude_m=20,
    step_minutes=30,
)
"""Where the substations of the published tasks stand."""

PEAK_KW = 30_000.0
"""Size of a drawn substation; only its shape counts later, as every series is divided by its mean."""


KINDS: Mapping[CustomerKind, str] = {
    "residential": "homes",
    "commercial": "businesses",
    "industrial": "industry",
}
"""Kinds of customers of `profiles`, by the word for them in a mix."""


class Mix(BaseModel):
    """Of the peak of a substation, the share of each kind of customer; `steady` is what runs day and night, such as
    pumps, and water heated at night when the rest sleeps.
    """

    model_config = ConfigDict(frozen=True)

    homes: float = Field(ge=0)
    businesses: float = Field(ge=0)
    industry: float = Field(ge=0)
    steady: float = Field(ge=0)


@dataclass(frozen=True, eq=False)
class SubstationSeries:
    """Load over time.

    Attributes:
        times: start of each half hour in local time, evenly spaced, (time,).
        names: of the substations.
        load_mw: mean over the half hour, (time, substation) [MW].
    """

    times: pd.DatetimeIndex
    names: tuple[str, ...]
    load_mw: FloatArray

    def mean_mw(self, names: Sequence[str]) -> FloatArray:
        """Mean load of some substations, (time,) [MW]; raises `InputError` for a name that is not there."""
        for name in names:
            if name not in self.names:
                raise InputError(unknown_name_message("substation", name, self.names))
        columns = [self.names.index(name) for name in names]
        return self.load_mw[:, columns].mean(axis=1)


def half_hours(first: date, end: date) -> pd.DatetimeIndex:
    """Half hours from midnight UTC of a day to that of another, which is not among them, in Sydney's time, (time,)."""
    utc = pd.date_range(first, end, freq="30min", inclusive="left", tz="UTC")
    return utc.tz_convert(SYDNEY.time_zone)


def draw_series(
    mix_of: Mapping[str, Mix], times: pd.DatetimeIndex, seed: int
) -> SubstationSeries:
    """Substations drawn at given times.

    Args:
        mix_of: what each substation is made of.
        times: start of each half hour.
        seed: the root of all chance; each part of a substation has a stream of its own, found by its name.
    """
    load_kw = np.zeros((len(times), len(mix_of)))
    for kind, word in KINDS.items():
        shares = np.array([getattr(mix, word) for mix in mix_of.values()])
        # who is not there is drawn all the same: streams are found by name, and none changes when a share does
        peak_kw = {f"{word} of {name}": PEAK_KW for name in mix_of}
        series = draw_at_buses(peak_kw, SYDNEY, times, seed, kind=kind)
        load_kw += shares * series.p_kw
    steady_kw = [PEAK_KW * mix.steady for mix in mix_of.values()]
    load_mw = (load_kw + steady_kw) / 1e3
    return SubstationSeries(times, tuple(mix_of), load_mw)
