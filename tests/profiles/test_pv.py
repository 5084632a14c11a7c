"""Panels and inverter against pvlib, and at the edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tieline.profiles.clear_sky import diffuse_share, extraterrestrial_w_m2
from tieline.profiles.pv import ac_output_pu, plane_w_m2
from tieline.profiles.sun_position import SunPosition, sun_position

pvlib = pytest.importorskip("pvlib", reason="pvlib is not installed (extra dev)")

DAY = pd.date_range("2025-05-10", periods=288, freq="5min", tz="UTC")


@pytest.mark.parametrize(
    ("tilt", "azimuth"), [(0, 180), (30, 180), (60, 90), (90, 270)]
)
def test_plane_is_that_of_hay_and_davies(tilt: float, azimuth: float):
    sun, extra = (
        sun_position(DAY, 48.0, 11.0),
        extraterrestrial_w_m2(np.asarray(DAY.dayofyear, dtype=float)),
    )
    high = sun.cos_zenith > 0.1
    sun, extra = SunPosition(sun.cos_zenith[high], sun.azimuth[high]), extra[high]
    ghi = 700 * sun.cos_zenith
    dhi = ghi * diffuse_share(ghi / (extra * sun.cos_zenith))
    expected = pvlib.irradiance.get_total_irradiance(
        tilt,
        azimuth,
        np.degrees(np.arccos(sun.cos_zenith)),
        np.degrees(sun.azimuth),
        (ghi - dhi) / sun.cos_zenith,
        ghi,
        dhi,
        dni_extra=extra,
        albedo=0.2,
        model="haydavies",
    )
    np.testing.assert_allclose(
        plane_w_m2(ghi, extra, sun, tilt, azimuth),
        np.asarray(expected["poa_global"]),
        rtol=1e-6,
    )


def test_night_and_a_sun_at_the_horizon_give_finite_numbers():
    sun = SunPosition(np.array([-0.5, 0.0, 0.005, 1.0]), np.zeros(4))
    light = plane_w_m2(
        np.array([0.0, 0.0, 2.0, 1000.0]), np.full(4, 1361.0), sun, 30.0, 0.0
    )
    assert np.isfinite(light).all()
    assert light[:2].tolist() == [0.0, 0.0]


def test_output_by_hand():
    light = np.array([0.0, 500.0, 1000.0, 1400.0])
    np.testing.assert_allclose(
        ac_output_pu(light, 1.2, None), [0, 0.49536, 0.99072, 1.0]
    )
    # 20 C air and 800 W/m2 make 45 C cells: 0.8 * (1 - 0.0047 * 20) * 0.86 * 0.96
    assert ac_output_pu(np.array([800.0]), 1.0, 20.0)[0] == pytest.approx(
        0.59840, abs=1e-5
    )
    assert (
        ac_output_pu(np.array([500.0]), 1.2, -20.0)[0]
        > ac_output_pu(np.array([500.0]), 1.2, 30.0)[0]
    )
