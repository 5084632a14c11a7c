"""From sunshine on the ground to the AC output of a fixed PV system.

On the tilted plane: beam, sky after Hay and Davies (the sky around the sun counts as beam, the rest is even; J. E. Hay, Solar
Energy 23, 1979, doi:10.1016/0038-092X(79)90123-3), and light from the ground. Conversion as in PVWatts (A. P. Dobos, PVWatts
Version 5 Manual, NREL/TP-6A20-62641, 2014): linear in light and cell temperature, one loss factor, clipped at the rating.
Left out: wind, reflection at low sun, part-load efficiency, shade, snow.
"""

from __future__ import annotations

import numpy as np

from tieline.profiles.clear_sky import LOWEST_COS_ZENITH, diffuse_share
from tieline.profiles.sun_position import SunPosition
from tieline.typing import FloatArray

GROUND_REFLECTANCE = 0.2
SYSTEM_LOSS = 0.14
INVERTER_EFFICIENCY = 0.96
POWER_PER_C = -0.0047
"""Albedo, losses on the DC side, nominal inverter efficiency, and change of power with cell temperature (PVWatts 5)."""

NOMINAL_CELL_C = 45.0
"""Nominal operating cell temperature, at 800 W/m2 and 20 C air (R. G. Ross, 1980; the figure PVWatts 5 uses for open racks)."""


def plane_w_m2(
    ghi_w_m2: FloatArray,
    extra_w_m2: FloatArray,
    sun: SunPosition,
    tilt_deg: float,
    azimuth_deg: float,
) -> FloatArray:
    """Irradiance on the panels; `ghi_w_m2` may have axes before time, (..., time) [W/m2]."""
    up = np.maximum(sun.cos_zenith, LOWEST_COS_ZENITH)
    above_air = extra_w_m2 * up
    clearness = ghi_w_m2 / above_air
    sky = ghi_w_m2 * diffuse_share(clearness)
    beam_level = ghi_w_m2 - sky
    # a bright cloud edge may send more than the sun does above the air
    around_sun = np.minimum(beam_level / above_air, 1.0)
    tilt = np.radians(tilt_deg)
    azimuth = np.radians(azimuth_deg)
    cos_tilt = np.cos(tilt)
    facing = _cos_incidence(sun, tilt, azimuth)
    direct = (beam_level + sky * around_sun) * facing / up
    from_sky = sky * (1 - around_sun) * (1 + cos_tilt) / 2
    from_ground = ghi_w_m2 * GROUND_REFLECTANCE * (1 - cos_tilt) / 2
    return direct + from_sky + from_ground


def _cos_incidence(sun: SunPosition, tilt: float, azimuth: float) -> FloatArray:
    """Cosine of the angle between the sun and the panels' normal, 0 behind them; angles in rad, (time,)."""
    # rounding may take a cosine just beyond 1
    square = np.maximum(1 - sun.cos_zenith**2, 0)
    sin_zenith = np.sqrt(square)
    turn = sun.azimuth - azimuth
    upwards = sun.cos_zenith * np.cos(tilt)
    sideways = sin_zenith * np.sin(tilt) * np.cos(turn)
    return np.maximum(upwards + sideways, 0)


def ac_output_pu(
    light_w_m2: FloatArray, dc_ac_ratio: float, air_c: float | None
) -> FloatArray:
    """AC output per inverter rating, 0 to 1, of panels under `light_w_m2` at an air temperature (none: cells at 25 C)."""
    cell_c: float | FloatArray = 25.0
    if air_c is not None:
        # the nominal cell temperature is measured at 20 C and 800 W/m2
        cell_c = air_c + (NOMINAL_CELL_C - 20) / 800 * light_w_m2
    by_heat = 1 + POWER_PER_C * (cell_c - 25)
    per_rating = light_w_m2 / 1000 * by_heat
    dc_pu = per_rating * (1 - SYSTEM_LOSS) * dc_ac_ratio
    return np.clip(dc_pu * INVERTER_EFFICIENCY, 0.0, 1.0)
