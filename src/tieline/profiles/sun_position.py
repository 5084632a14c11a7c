"""Where the sun stands: the Astronomical Almanac's low-precision formulas.

J. J. Michalsky, The Astronomical Almanac's algorithm for approximate solar position (1950-2050), Solar Energy 40, 1988,
doi:10.1016/0038-092X(88)90045-X (within 0.01 deg). Geometric position: refraction, half a degree at the horizon, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.typing import FloatArray


@dataclass(frozen=True)
class SunPosition:
    """`cos_zenith`, below 0 at night; `azimuth` clockwise from north [rad]; both (time,)."""

    cos_zenith: FloatArray
    azimuth: FloatArray


def sun_position(
    times: pd.DatetimeIndex, latitude: float, longitude: float
) -> SunPosition:
    """Position at each time of `times` (with a time zone), seen from a place in degrees, north and east positive."""
    days = _days_since_2000(times)
    mean_longitude_deg = (280.460 + 0.9856474 * days) % 360
    mean_anomaly_deg = (357.528 + 0.9856003 * days) % 360
    mean_longitude = np.radians(mean_longitude_deg)
    g = np.radians(mean_anomaly_deg)
    of_orbit_deg = 1.915 * np.sin(g) + 0.020 * np.sin(2 * g)
    ecliptic = mean_longitude + np.radians(of_orbit_deg)
    obliquity = np.radians(23.439 - 0.0000004 * days)
    sin_ecliptic = np.sin(ecliptic)
    along_equator = np.cos(obliquity) * sin_ecliptic
    above_equator = np.sin(obliquity) * sin_ecliptic
    ascension = np.arctan2(along_equator, np.cos(ecliptic))
    declination = np.arcsin(above_equator)
    utc_h = 24 * ((days + 0.5) % 1)
    sidereal_h = 6.697375 + 0.0657098242 * days + utc_h
    local_deg = 15 * sidereal_h + longitude
    hour_angle = np.radians(local_deg) - ascension
    phi = np.radians(latitude)
    sin_phi = np.sin(phi)
    cos_phi = np.cos(phi)
    sin_declination = np.sin(declination)
    cos_declination = np.cos(declination)
    cos_hour = np.cos(hour_angle)
    up = sin_phi * sin_declination + cos_phi * cos_declination * cos_hour
    east = -cos_declination * np.sin(hour_angle)
    north = cos_phi * sin_declination - sin_phi * cos_declination * cos_hour
    azimuth = np.arctan2(east, north) % (2 * np.pi)
    return SunPosition(up, azimuth)


def _days_since_2000(times: pd.DatetimeIndex) -> FloatArray:
    """Days since 2000-01-01 12:00 UTC."""
    origin = pd.Timestamp("2000-01-01 12:00", tz="UTC")
    day = pd.Timedelta(days=1)
    days = (times - origin) / day
    return np.asarray(days, dtype=float)
