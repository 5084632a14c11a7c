"""Clouds: the clear-sky index, what the ground gets per what it would get without clouds.

A Gaussian path with a memory is turned into an index of the wanted distribution, value by value (a copula model: J. Munkhammar,
J. Widen, An autocorrelation-based copula model for generating realistic clear-sky index time-series, Solar Energy, 2017). The
distribution has two humps, thick cloud and open sky, as one-minute measurements do (A. Skartveit, J. A. Olseth, The probability
density and autocorrelation of short-term global and beam irradiance, Solar Energy 49, 1992). The path is the sum of a slow part,
the weather of the day, and a quick one, passing clouds. The figures are tieline's own planning assumptions. Left out: seasons of
cloudiness, and that clouds reach one end of a feeder before the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from tieline.profiles.config import Cloudiness
from tieline.profiles.noise import correlation, remember
from tieline.typing import FloatArray

LOWEST = 0.05
HIGHEST = 1.35
"""Bounds of the index: never quite dark, and up to a third more than clear sky for minutes when clouds beside the sun reflect."""

DAY_SHARE = 0.6
DAY_MEMORY_H = 12.0
CLOUD_MEMORY_H = 0.25
"""Share of the path's variance that is the weather of the day; memories of that and of passing clouds [h]."""

FINE_STEP_H = 1 / 12
"""Longer steps are averaged from steps of at most this length, because a mean over an hour has less spread than a minute."""

TABLE_POINTS = 4001


@dataclass(frozen=True)
class Sky:
    """Two normal humps: share of the time, mean index and spread of thick cloud; the rest is open sky."""

    cloudy: float
    cloud_index: float
    cloud_spread: float
    open_index: float = 0.99
    open_spread: float = 0.06


SKIES: dict[Cloudiness, Sky] = {
    "fair": Sky(cloudy=0.2, cloud_index=0.50, cloud_spread=0.20),
    "mixed": Sky(cloudy=0.4, cloud_index=0.42, cloud_spread=0.18),
    "overcast": Sky(cloudy=0.9, cloud_index=0.30, cloud_spread=0.14),
}
"""A clear sky is no entry: its index is 1. Mixed gives the default place nearly the yearly yield that maps say (tested)."""


def draw_clear_sky_index(
    random: np.random.Generator, cloudiness: Cloudiness, n_steps: int, step_h: float
) -> FloatArray:
    """Mean clear-sky index of each step of one scenario, between `LOWEST` and `HIGHEST`, (time,)."""
    if cloudiness == "clear":
        return np.ones(n_steps)
    # a step that is a whole number of fine ones must not get one more by rounding
    parts = math.ceil(step_h / FINE_STEP_H - 1e-9)
    fine_h = step_h / parts
    day, cloud = random.standard_normal((2, n_steps * parts))
    weather = remember(day, correlation(fine_h, DAY_MEMORY_H))
    passing = remember(cloud, correlation(fine_h, CLOUD_MEMORY_H))
    # roots, since variances add up: the sum is standard normal again, and its probability even
    day_weight = math.sqrt(DAY_SHARE)
    cloud_weight = math.sqrt(1 - DAY_SHARE)
    probability = ndtr(day_weight * weather + cloud_weight * passing)
    index = quantile(SKIES[cloudiness], probability)
    return index.reshape(n_steps, parts).mean(axis=1)


def quantile(sky: Sky, probability: FloatArray) -> FloatArray:
    """Index below which the sky stays with the given probability; the humps are cut at the bounds and scaled up again."""
    index = np.linspace(LOWEST, HIGHEST, TABLE_POINTS)
    from_cloud = (index - sky.cloud_index) / sky.cloud_spread
    from_open = (index - sky.open_index) / sky.open_spread
    cloud_part = sky.cloudy * ndtr(from_cloud)
    open_part = (1 - sky.cloudy) * ndtr(from_open)
    below = cloud_part + open_part
    within = below[-1] - below[0]
    scaled = (below - below[0]) / within
    # the inverse of a rising function: its table read the other way round
    return np.interp(probability, scaled, index)
