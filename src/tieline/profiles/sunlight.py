"""The sun of a place over time: clear sky times clouds, onto the panels, through the inverter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.profiles.clear_sky import clear_sky_ghi_w_m2, extraterrestrial_w_m2
from tieline.profiles.clouds import draw_clear_sky_index
from tieline.profiles.config import ProfileConfig
from tieline.profiles.pv import ac_output_pu, plane_w_m2
from tieline.profiles.sun_position import SunPosition, sun_position
from tieline.typing import FloatArray


@dataclass(frozen=True)
class SunModel:
    """What is the same in every scenario: the sun's path and the clear sky at the middle of each step, (time,)."""

    config: ProfileConfig
    step_h: float
    sun: SunPosition
    extra_w_m2: FloatArray
    clear_w_m2: FloatArray

    def draw(self, random: np.random.Generator) -> FloatArray:
        """AC output of one scenario per unit of the inverter's rating, (time,)."""
        config = self.config
        index = draw_clear_sky_index(
            random, config.cloudiness, len(self.clear_w_m2), self.step_h
        )
        return self._output(self.clear_w_m2 * index)

    def clear_output(self) -> FloatArray:
        """The same without a cloud, (time,)."""
        return self._output(self.clear_w_m2)

    def _output(self, ghi_w_m2: FloatArray) -> FloatArray:
        config = self.config
        light = plane_w_m2(
            ghi_w_m2,
            self.extra_w_m2,
            self.sun,
            config.pv_tilt_deg,
            panel_azimuth_deg(config),
        )
        return ac_output_pu(light, config.dc_ac_ratio, config.air_c)


def make_sun_model(config: ProfileConfig, times: pd.DatetimeIndex) -> SunModel:
    """The sun and the clear sky of the configured place."""
    step = times[1] - times[0]
    middle = times + step / 2
    step_h = step.total_seconds() / 3600
    sun = sun_position(middle, config.latitude, config.longitude)
    utc = middle.tz_convert("UTC")
    day_of_year = np.asarray(utc.dayofyear, dtype=float)
    extra = extraterrestrial_w_m2(day_of_year)
    clear = clear_sky_ghi_w_m2(
        sun.cos_zenith, extra, config.altitude_m, config.linke_turbidity
    )
    return SunModel(config, step_h, sun, extra, clear)


def panel_azimuth_deg(config: ProfileConfig) -> float:
    """Direction of the panels: as configured, else towards the equator [deg]."""
    if config.pv_azimuth_deg is not None:
        return config.pv_azimuth_deg
    return 180.0 if config.latitude >= 0 else 0.0
