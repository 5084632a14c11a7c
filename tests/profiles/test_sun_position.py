"""Against NREL's solar position algorithm in pvlib, on both hemispheres and at a pole."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tieline.profiles.sun_position import sun_position

pvlib = pytest.importorskip("pvlib", reason="pvlib is not installed (extra dev)")

YEAR = pd.date_range("2025-01-01", "2026-01-01", freq="47min", tz="America/Edmonton")
PLACES = [(53.5, -113.5), (0.0, 10.0), (-33.9, 151.2), (78.2, 15.6), (-89.0, 0.0)]


@pytest.mark.parametrize(("latitude", "longitude"), PLACES)
def test_zenith_and_azimuth_within_a_fiftieth_of_a_degree(
    latitude: float, longitude: float
):
    expected = pvlib.solarposition.get_solarposition(YEAR, latitude, longitude)
    sun = sun_position(YEAR, latitude, longitude)
    np.testing.assert_allclose(
        np.degrees(np.arccos(sun.cos_zenith)), expected["zenith"], atol=0.02
    )
    apart = (np.degrees(sun.azimuth) - expected["azimuth"] + 180) % 360 - 180
    # near the zenith the azimuth turns at will
    high = np.sqrt(1 - sun.cos_zenith**2) > 0.1
    assert np.abs(apart[high]).max() < 0.1


def test_noon_of_the_equinox_at_the_equator():
    sun = sun_position(pd.DatetimeIndex(["2025-03-20 12:07:30"], tz="UTC"), 0.0, 0.0)
    assert sun.cos_zenith[0] == pytest.approx(1.0, abs=1e-4)
