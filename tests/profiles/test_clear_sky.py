"""Equations against pvlib's, and the year of several places against pvlib with its map of turbidity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tieline.profiles.clear_sky import (
    clear_sky_ghi_w_m2,
    diffuse_share,
    extraterrestrial_w_m2,
)
from tieline.profiles.sun_position import sun_position

pvlib = pytest.importorskip("pvlib", reason="pvlib is not installed (extra dev)")

YEAR = pd.date_range(
    "2025-01-01", "2026-01-01", freq="30min", tz="UTC", inclusive="left"
)


def ghi(
    latitude: float, longitude: float, altitude_m: float, turbidity: float
) -> np.ndarray:
    extra = extraterrestrial_w_m2(np.asarray(YEAR.dayofyear, dtype=float))
    return clear_sky_ghi_w_m2(
        sun_position(YEAR, latitude, longitude).cos_zenith, extra, altitude_m, turbidity
    )


@pytest.mark.parametrize(
    ("latitude", "longitude", "altitude_m"),
    [(53.5, -113.5, 670), (-33.9, 151.2, 30), (78.2, 15.6, 10), (0.0, -78.5, 2850)],
)
def test_year_is_that_of_pvlib(latitude: float, longitude: float, altitude_m: float):
    place = pvlib.location.Location(latitude, longitude, "UTC", altitude_m)
    own = ghi(latitude, longitude, altitude_m, 3.0)
    same = place.get_clearsky(YEAR, linke_turbidity=3.0)["ghi"].to_numpy()
    assert own.sum() == pytest.approx(same.sum(), rel=0.01)
    assert np.abs(own - same).max() < 16  # refraction at sunrise
    mapped = place.get_clearsky(YEAR)["ghi"].to_numpy()
    # one turbidity for all places: air is clearer in the Arctic
    assert own.sum() == pytest.approx(mapped.sum(), rel=0.10)


def test_polar_night_is_dark_and_finite():
    dark = ghi(78.2, 15.6, 10, 3.0)
    december = np.asarray(YEAR.month) == 12
    assert np.isfinite(dark).all()
    assert dark[december].max() == 0.0
    assert dark.max() > 500


def test_distance_to_the_sun():
    days = np.arange(1.0, 366)
    expected = pvlib.irradiance.get_extra_radiation(days, method="spencer")
    np.testing.assert_allclose(extraterrestrial_w_m2(days), expected, rtol=1e-6)


def test_diffuse_share_is_that_of_erbs():
    clearness = np.array([0.1, 0.22, 0.5, 0.79, 0.9])
    expected = pvlib.irradiance.erbs(
        clearness * 1000, 0.0, pd.DatetimeIndex(["2025-04-03"] * 5)
    )
    extra = pvlib.irradiance.get_extra_radiation(pd.DatetimeIndex(["2025-04-03"]))
    own = diffuse_share(clearness * 1000 / float(np.asarray(extra)[0]))
    np.testing.assert_allclose(
        own, np.asarray(expected["dhi"]) / (clearness * 1000), rtol=1e-3
    )
