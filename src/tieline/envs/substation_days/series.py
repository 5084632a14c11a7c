"""`SubstationSeries`: the load of zone substations in half hours, as tieline draws it.

The series of the published tasks come without a licence and are not shipped; `own_file` reads a user's own download. What is
drawn here has the place and the calendar of those: Sydney, half hours of UTC. A substation is homes and businesses of
`profiles.loads`, so many that single ones do not show. How much of it is homes is tieline's own planning assumption, told by
whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from tieline.errors import InputError, unknown_name_message
from tieline.profiles import ProfileConfig, draw_at_buses
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
    homes_share: Mapping[str, float], times: pd.DatetimeIndex, seed: int
) -> SubstationSeries:
    """Substations drawn at given times.

    Args:
        homes_share: of each substation's peak, what homes take; businesses take the rest. Above 0 and below 1.
        times: start of each half hour.
        seed: the root of all chance; each substation has a stream of its own, found by its name.
    """
    homes_kw = {}
    businesses_kw = {}
    for name, share in homes_share.items():
        homes_kw[f"homes of {name}"] = PEAK_KW * share
        businesses_kw[f"businesses of {name}"] = PEAK_KW * (1 - share)
    homes = draw_at_buses(homes_kw, SYDNEY, times, seed, kind="residential")
    businesses = draw_at_buses(businesses_kw, SYDNEY, times, seed, kind="commercial")
    load_mw = (homes.p_kw + businesses.p_kw) / 1e3
    return SubstationSeries(times, tuple(homes_share), load_mw)
