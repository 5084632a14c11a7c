"""Shapes of a day: loads of feeder and microgrids, sun and price, at any hour.

    microgrid        low + (1 - low) (s - min s) / (max s - min s),   s = sum over bumps of height g(h; hour, width)
    feeder's own     min(1, 0.55 + 0.45 (0.5 g(h; 12, 3) + g(h; 19, 3)))
    sun              0.95 cos((h - 12.5) pi / 14)^1.3 from 5:30 to 19:30
    g(h; c, w) = exp(-d^2 / (2 w^2)),   d the way from c to h around the clock

tieline's own planning assumptions: a town with an evening peak, a clear day near midsummer, panels that reach 95 % of rated.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tieline.envs.microgrids.config import Bump, LoadShape, MicrogridsWorldConfig
from tieline.profiles.clock import Clock
from tieline.profiles.config import ProfileConfig
from tieline.profiles.price import tariff_per_mwh
from tieline.typing import FloatArray

FEEDER_BASE = 0.55
FEEDER_BUMPS = (Bump(height=0.5, hour=12, width_h=3), Bump(hour=19, width_h=3))
NOON_H = 12.5
DAYLIGHT_H = 14.0
SUN_EXPONENT = 1.3
SUN_PEAK = 0.95
"""Of the feeder and of the sun, as above."""

MINUTE_HOURS = np.arange(0.5, 1440) / 60
"""Where the range of a shape is read, whatever the steps are [h]."""


def bumps_at(bumps: Sequence[Bump], hour: FloatArray) -> FloatArray:
    """Sum of bumps, (hour,)."""
    total = np.zeros(len(hour))
    for bump in bumps:
        # the near way around the clock: a bump at 21 h is felt at 1 h
        way_h = (hour - bump.hour + 12) % 24 - 12
        total += bump.height * np.exp(-((way_h / bump.width_h) ** 2) / 2)
    return total


def microgrid_share(shape: LoadShape, hour: FloatArray) -> FloatArray:
    """Load of a microgrid as a share of nominal, (hour,)."""
    all_day = bumps_at(shape.bumps, MINUTE_HOURS)
    lowest = all_day.min()
    range_of_bumps = all_day.max() - lowest
    share = (bumps_at(shape.bumps, hour) - lowest) / range_of_bumps
    return shape.low_share + (1 - shape.low_share) * share


def feeder_share(hour: FloatArray) -> FloatArray:
    """Load of the feeder outside of microgrids as a share of nominal, (hour,)."""
    bumps = bumps_at(FEEDER_BUMPS, hour)
    share = FEEDER_BASE + (1 - FEEDER_BASE) * bumps
    return np.minimum(share, 1.0)


def sun_share(hour: FloatArray) -> FloatArray:
    """Power of PV under a clear sky as a share of rated, (hour,)."""
    angle = (hour - NOON_H) * np.pi / DAYLIGHT_H
    # beyond a right angle the cosine would come back up: a second sun at night
    from_noon = np.clip(angle, -np.pi / 2, np.pi / 2)
    # the cosine of a right angle is a rounding away from zero, on either side of it
    height = np.maximum(np.cos(from_noon), 0.0)
    return SUN_PEAK * height**SUN_EXPONENT


def price_at(config: MicrogridsWorldConfig, hour: FloatArray) -> FloatArray:
    """Price of the tariff, (hour,) [currency/kWh]; every day is a weekday."""
    tariff = ProfileConfig(
        tariff=config.tariff, tariff_base_per_mwh=config.tariff_base_per_mwh
    )
    is_weekend = np.zeros(len(hour), dtype=bool)
    clock = Clock(hour, is_weekend, np.ones(len(hour)))
    return tariff_per_mwh(tariff, clock) / 1000


def highest_price(config: MicrogridsWorldConfig) -> float:
    """Largest price of the tariff, whatever its sign; 1 where all is free [currency/kWh]."""
    prices = [config.tariff_base_per_mwh]
    prices += [period.price_per_mwh for period in config.tariff]
    largest = max(abs(price) for price in prices)
    return largest / 1000 if largest > 0 else 1.0
