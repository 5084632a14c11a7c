"""The year and the week of homes: how much they switch on in winter and in summer, and that they get up later at weekends.

The season is the polynomial by which German suppliers turn the standard household profile H0 through the year (M. Fuenfgeld,
R. Tiedemann, Anwendung der repraesentativen VDEW-Lastprofile step-by-step, VDEW M-05/2000, step 4b), here divided by its mean
over the year. South of the equator it is moved by half a year. Left out: heating and cooling, public holidays.
"""

from __future__ import annotations

import numpy as np

from tieline.profiles.clock import Clock
from tieline.typing import FloatArray

H0_POLYNOMIAL = (-3.92e-10, 3.20e-7, -7.02e-5, 2.10e-3, 1.24)
"""Coefficients of the day of the year, highest power first (VDEW M-05/2000)."""

WEEKEND_CLOCK_H = ((0.0, 7.0, 11.0, 16.0, 24.0), (0.0, 6.0, 9.5, 16.0, 24.0))
"""At weekends homes do at the first hours what they do on weekdays at the second: tieline's own planning assumption."""


def household_season(day_of_year: FloatArray, latitude: float) -> FloatArray:
    """Factor on what homes switch on, mean 1 over the year, (time,)."""
    # half a year: winter in the south is summer in the north
    shift = 0.0 if latitude >= 0 else 182.5
    day = 1 + (day_of_year - 1 + shift) % 365
    whole_year = np.polyval(H0_POLYNOMIAL, np.arange(1, 366))
    mean = float(whole_year.mean())
    factor = np.polyval(H0_POLYNOMIAL, day) / mean
    return np.asarray(factor, dtype=float)


def weekday_hour(clock: Clock) -> FloatArray:
    """Hour of a weekday at which homes do what they do now, (time,) [h]."""
    weekend_h, weekday_h = WEEKEND_CLOCK_H
    at_weekends = np.interp(clock.hour, weekend_h, weekday_h)
    return np.where(clock.is_weekend, at_weekends, clock.hour)
