"""Expected power of sun and wind: shares, a clear sky, tables, and what an island must say."""

from __future__ import annotations

import numpy as np
import pytest
from restoration_cases import small_config

from tieline.envs.restoration.availability import expected_kw
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.errors import InputError
from tieline.feeders.islands import read_island


def config(**changes: object) -> RestorationWorldConfig:
    return RestorationWorldConfig.model_validate({"steps": 4, **changes})


def test_bundled_islands_have_the_energy_of_the_published_shapes() -> None:
    """4.7 MWh over six hours, as the formulas in the file's comment have it; the larger island by its rating."""
    forecast_kw = expected_kw(read_island("ieee36"), RestorationWorldConfig())
    assert 0.25 * forecast_kw.sum() == pytest.approx(4700.0, abs=0.01)
    t = np.arange(24)
    scale = forecast_kw[0, 1] / 0.95
    np.testing.assert_allclose(
        forecast_kw[:, 1], scale * (0.95 - 0.5 * t / 23), rtol=1e-5
    )
    bump = 0.35 + 0.6 * np.exp(-(((t - 14) / 6) ** 2) / 2)
    np.testing.assert_allclose(forecast_kw[:, 0], scale * bump, rtol=1e-5)
    larger_kw = expected_kw(read_island("case141"), RestorationWorldConfig())
    np.testing.assert_allclose(larger_kw / 1945, forecast_kw / 400)


def test_shares_are_averaged_over_longer_steps_and_never_exceed_the_rating() -> None:
    island = small_config(available=[0.2, 0.4, 0.6, 0.8])
    half_hours = expected_kw(island, config(steps=2, step_minutes=30))
    np.testing.assert_allclose(half_hours[:, 0], [120.0, 280.0])
    twice = expected_kw(island, config(renewable_pct=200))
    np.testing.assert_allclose(twice[:, 0], [160.0, 320.0, 400.0, 400.0])


def test_sun_of_a_clear_day_is_dark_at_night_and_highest_at_noon() -> None:
    island = small_config(available="sun")
    day_kw = expected_kw(island, config(steps=24, step_minutes=60, start_hour=0))
    assert day_kw[0, 0] == 0.0
    # Edmonton keeps summer time: the sun stands highest towards 13:30
    assert day_kw.argmax() in (12, 13)
    morning_kw = expected_kw(island, config(steps=1, step_minutes=60, start_hour=9))
    assert morning_kw[0, 0] == pytest.approx(day_kw[9, 0])


@pytest.mark.parametrize(
    ("available", "message"),
    [
        (None, r"'sun' does not say what is available. Give `available`"),
        (
            [0.5, 0.5],
            r"\[\[renewable\]\] 'sun' states 30 minutes of available power, the horizon has 60",
        ),
    ],
)
def test_what_is_not_known_is_refused(available: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        expected_kw(small_config(available=available), config())
