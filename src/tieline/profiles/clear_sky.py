"""Sunshine under a cloudless sky, and how much of any sunshine comes from the sky around the sun.

Clear sky: P. Ineichen, R. Perez, A new airmass independent formulation for the Linke turbidity coefficient, Solar Energy 73,
2002, doi:10.1016/S0038-092X(02)00045-2. Air mass: F. Kasten, A. T. Young, Applied Optics 28, 1989, doi:10.1364/AO.28.004735.
Distance to the sun: J. W. Spencer, Search 2, 1971. Diffuse share: D. G. Erbs et al., Solar Energy 28, 1982,
doi:10.1016/0038-092X(82)90302-4. Left out: turbidity through the year, horizon, snow.
"""

from __future__ import annotations

import numpy as np

from tieline.typing import FloatArray

SOLAR_CONSTANT_W_M2 = 1366.1
"""Extraterrestrial irradiance at the mean distance (ASTM E490-00a)."""

LOWEST_COS_ZENITH = 0.01
"""The sun gives nothing below 0.6 degrees above the horizon: air mass formulas end there, and so does what panels yield."""


def extraterrestrial_w_m2(day_of_year: FloatArray) -> FloatArray:
    """Irradiance normal to the sun above the air, (time,) [W/m2]."""
    b = 2 * np.pi * (day_of_year - 1) / 365
    series = (
        1.00011
        + 0.034221 * np.cos(b)
        + 0.00128 * np.sin(b)
        + 0.000719 * np.cos(2 * b)
        + 7.7e-05 * np.sin(2 * b)
    )
    return SOLAR_CONSTANT_W_M2 * series


def clear_sky_ghi_w_m2(
    cos_zenith: FloatArray,
    extra_w_m2: FloatArray,
    altitude_m: float,
    linke_turbidity: float,
) -> FloatArray:
    """Global irradiance on the ground without clouds, 0 at night, (time,) [W/m2]."""
    up = np.maximum(cos_zenith, LOWEST_COS_ZENITH)
    fh1 = np.exp(-altitude_m / 8000)
    fh2 = np.exp(-altitude_m / 1250)
    cg1 = 5.09e-5 * altitude_m + 0.868
    cg2 = 3.92e-5 * altitude_m + 0.0387
    turbidity = fh1 + fh2 * (linke_turbidity - 1)
    path = air_mass(up, altitude_m) * turbidity
    passing = np.exp(-cg2 * path)
    light = cg1 * extra_w_m2 * up * passing
    return np.where(cos_zenith > LOWEST_COS_ZENITH, light, 0.0)


def air_mass(cos_zenith: FloatArray, altitude_m: float) -> FloatArray:
    """Mass of air the light goes through, 1 from the zenith at sea level; `cos_zenith` > 0, in its shape."""
    elevation_deg = np.degrees(np.arcsin(np.minimum(cos_zenith, 1.0)))
    relative = 1 / (cos_zenith + 0.50572 * (elevation_deg + 6.07995) ** -1.6364)
    # pressure of the standard atmosphere (ISO 2533)
    return relative * ((1 - 2.25577e-5 * altitude_m) ** 5.25588)


def diffuse_share(clearness: FloatArray) -> FloatArray:
    """Share of the global irradiance that comes from the sky, by `clearness`, global per extraterrestrial on the level."""
    k = clearness
    cloudy = 1 - 0.09 * k
    up_to_square = 0.9511 - 0.1604 * k + 4.388 * k**2
    broken = up_to_square - 16.638 * k**3 + 12.336 * k**4
    above_cloudy = np.where(k <= 0.8, broken, 0.165)
    return np.where(k <= 0.22, cloudy, above_cloudy)
