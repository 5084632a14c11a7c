"""What switches on in a home, how often, how strongly and for how long.

The figures are the counts and moments of the switching events in the 55 one-minute household days of the IEEE European
low-voltage test feeder, sorted into bands of power by `tests/profiles/fit_households.py`, which prints this table. Those days
were made with a bottom-up model of British homes (I. Richardson et al., Energy and Buildings 42, 2010,
doi:10.1016/j.enbuild.2010.05.023). Nothing was tuned to daily totals, peaks or ramps: how well those come out is tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from tieline.typing import FloatArray

IDLE_KW = 0.049
IDLE_SPREAD = 0.13
"""What a home always takes [kW], and its coefficient of variation over homes (lowest minute of each day)."""

DAILY_ENERGY_SPREAD = 0.43
"""Coefficient of variation of the daily energy over homes, from the same days."""

ACTIVE_SHARE = 0.55
ACTIVE_MEMORY_H = 2.0
"""Share of the time in which the people of a home are active (there, awake, up to something), and how long that lasts [h].

Round numbers set to come near two figures of the same days: the spread of an hour's energy over homes (0.37 kW, drawn 0.35) and
the correlation of minutes an hour apart (0.19, drawn 0.14). The only figures in this file that are set rather than counted.
"""

DURATION_POINTS = 1000
"""Points at which a distribution of durations is read for its expectations; they hold the mean square within 8 %."""


@dataclass(frozen=True)
class Appliance:
    """A band of power. Power and duration are lognormal with a mean and a coefficient of variation.

    `owners`: share of homes that have such appliances. `per_day`: events per day in a home that has them. `by_three_hours`:
    share of the events that begin in 0-3, 3-6, ... 21-24 local time. `by_itself`: runs on whether or not somebody is active.
    """

    name: str
    owners: float
    per_day: float
    kw: float
    kw_spread: float
    minutes: float
    minutes_spread: float
    by_three_hours: tuple[float, ...]
    by_itself: bool = False

    def starts_per_h(self, hour: FloatArray) -> FloatArray:
        """Expected events per hour at local hours [h], per owning home; linear between the middles of the three-hour blocks."""
        share = np.array(self.by_three_hours)
        # the neighbours across midnight, so that the line goes on there
        round_the_day = np.r_[share[-1], share, share[0]]
        middles = np.arange(-1.5, 27, 3)
        at_hour = np.interp(hour, middles, round_the_day)
        return self.per_day * at_hour / (3 * share.sum())

    @property
    def mean_square_kw2(self) -> float:
        """Expected square of the power [kW^2]."""
        return self.kw**2 * (1 + self.kw_spread**2)

    @property
    def mean_age_h(self) -> float:
        """How long ago, on average, an appliance that runs now was switched on: E[d^2] / (2 E[d]) [h]."""
        return self.minutes * (1 + self.minutes_spread**2) / 120

    @cached_property
    def durations_h(self) -> FloatArray:
        """Equally likely durations that stand for the distribution, (point,) [h]."""
        probability = (np.arange(DURATION_POINTS) + 0.5) / DURATION_POINTS
        minutes = lognormal(ndtri(probability), self.minutes, self.minutes_spread)
        # points miss the tail: scaled, they have the mean exactly
        scale = self.minutes / minutes.mean()
        return minutes * scale / 60


def lognormal(z: FloatArray, mean: float, spread: float) -> FloatArray:
    """Lognormal numbers of given mean and coefficient of variation from standard normal ones, in their shape."""
    variance = np.log1p(spread**2)
    # less half the variance: without it the exponential would lift the mean
    exponent = np.sqrt(variance) * z - variance / 2
    return mean * np.exp(exponent)


APPLIANCES = (
    Appliance(
        "small lamps",
        1.00,
        27.80,
        0.016,
        0.42,
        36.9,
        1.36,
        (0.02, 0.01, 0.15, 0.06, 0.06, 0.24, 0.29, 0.18),
    ),
    Appliance(
        "lamps",
        1.00,
        46.09,
        0.051,
        0.24,
        37.3,
        1.71,
        (0.02, 0.01, 0.16, 0.04, 0.03, 0.23, 0.31, 0.20),
    ),
    Appliance(
        "cold and screens",
        1.00,
        39.89,
        0.130,
        0.26,
        30.9,
        1.43,
        (0.08, 0.08, 0.14, 0.11, 0.10, 0.15, 0.19, 0.15),
        True,
    ),
    Appliance(
        "freezers and small heat",
        0.89,
        7.33,
        0.271,
        0.32,
        20.4,
        1.08,
        (0.08, 0.08, 0.11, 0.13, 0.11, 0.15, 0.19, 0.15),
        True,
    ),
    Appliance(
        "microwaves",
        0.55,
        1.90,
        1.080,
        0.20,
        12.4,
        1.24,
        (0.00, 0.00, 0.16, 0.19, 0.12, 0.23, 0.19, 0.11),
    ),
    Appliance(
        "kettles and ovens",
        0.91,
        5.24,
        2.021,
        0.12,
        9.3,
        1.32,
        (0.01, 0.02, 0.11, 0.24, 0.09, 0.20, 0.21, 0.13),
    ),
    Appliance(
        "water heaters",
        0.22,
        4.58,
        2.914,
        0.06,
        19.1,
        0.36,
        (0.00, 0.02, 0.13, 0.15, 0.25, 0.20, 0.15, 0.11),
    ),
    Appliance(
        "showers",
        0.40,
        1.50,
        8.873,
        0.16,
        3.0,
        0.00,
        (0.00, 0.00, 0.45, 0.24, 0.12, 0.06, 0.00, 0.12),
    ),
)
"""The bands, named after what is commonly in them; a name claims nothing, the data hold only powers."""
