"""The sun of a place: yearly yield, symmetry of the hemispheres, polar night."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.profiles.clock import steps
from tieline.profiles.config import ProfileConfig
from tieline.profiles.sunlight import make_sun_model, panel_azimuth_deg


def yearly(**values: object) -> np.ndarray:
    base = {
        "start": "2025-01-01",
        "days": 365,
        "step_minutes": 60,
        "time_zone": "UTC",
        "longitude": 0.0,
        "cloudiness": "clear",
    }
    config = ProfileConfig.model_validate({**base, **values})
    return make_sun_model(config, steps(config)).draw(np.random.default_rng(0))


def test_panels_face_the_equator():
    assert [
        panel_azimuth_deg(ProfileConfig(latitude=latitude)) for latitude in (50, -50)
    ] == [
        180,
        0,
    ]
    assert panel_azimuth_deg(ProfileConfig(pv_azimuth_deg=90)) == 90


def test_south_and_north_have_nearly_the_same_year():
    assert yearly(latitude=-35.0).sum() == pytest.approx(
        yearly(latitude=35.0).sum(), rel=0.02
    )


def test_yield_of_a_mixed_year_is_believable():
    """Edmonton's potential is 1245 kWh per kW and year (Natural Resources Canada's maps), here with panels and inverter alike."""
    per_kw_kwh = yearly(latitude=53.55, cloudiness="mixed", dc_ac_ratio=1.0).sum()
    assert per_kw_kwh == pytest.approx(1245, rel=0.12)


def test_polar_night_gives_zero():
    output = yearly(latitude=78.0)
    assert np.isfinite(output).all()
    assert output[-15 * 24 :].max() == 0.0
    assert 0.5 < output.max() <= 1.0


def test_nights_are_dark_and_clouds_cost_energy():
    clear, mixed = yearly(latitude=50.0), yearly(latitude=50.0, cloudiness="mixed")
    assert (mixed[clear == 0] == 0).all()
    assert 0.55 < mixed.sum() / clear.sum() < 0.8
