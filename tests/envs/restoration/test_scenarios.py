"""What sun and wind make of a forecast: factors by name, noise of the stated size, one draw per seed."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.restoration.config import Scenario
from tieline.envs.restoration.scenarios import TESTED, actual_kw

P_MAX_KW = np.array([400.0, 300.0])
FORECAST_KW = np.full((24, 2), 100.0)


def drawn(scenario: Scenario, count: int) -> np.ndarray:
    return actual_kw(scenario, FORECAST_KW, P_MAX_KW, np.arange(count))


@pytest.mark.parametrize(
    ("scenario", "first", "last"),
    [
        ("perfect", 100.0, 100.0),
        ("short15", 85.0, 85.0),
        ("short30", 70.0, 70.0),
        ("late", 100.0, 60.0),
    ],
)
def test_factors(scenario: Scenario, first: float, last: float) -> None:
    power_kw = drawn(scenario, 2)
    np.testing.assert_allclose(power_kw[:, :12], first)
    np.testing.assert_allclose(power_kw[:, 12:], last)


def test_random_errors_have_their_spread_and_memory() -> None:
    """Spread of the AR(1) process: 0.15 at first, on its way to 0.12 / sqrt(1 - 0.81) = 0.275; a step keeps 0.9 of an error."""
    error = drawn("random", 40_000) / 100 - 0.85
    assert error[:, 0].mean() == pytest.approx(0.0, abs=0.005)
    assert error[:, 0].std() == pytest.approx(0.15, abs=0.003)
    # not yet cut at 1.3
    second = 0.9 * error[:, 0]
    assert (error[:, 1] - second).std() == pytest.approx(0.12, abs=0.003)
    assert np.corrcoef(error[:, 0, 0], error[:, 0, 1])[0, 1] == pytest.approx(
        0.0, abs=0.02
    )
    assert error.max() == pytest.approx(0.45)


def test_practice_stays_within_its_factors() -> None:
    power_kw = drawn("practice", 4000)
    assert power_kw.min() > 0.7 * 0.9 * 100
    assert power_kw.max() < 1.1 * 1.1 * 100
    level = power_kw.mean(axis=(1, 2)) / 100
    assert level.std() == pytest.approx(0.4 / np.sqrt(12), rel=0.05)


def test_a_seed_is_a_draw_in_any_batch_and_no_rating_is_exceeded() -> None:
    many = drawn("random", 8)
    alone = actual_kw("random", FORECAST_KW, P_MAX_KW, np.array([5]))
    np.testing.assert_array_equal(alone[0], many[5])
    small = actual_kw("random", FORECAST_KW, np.array([90.0, 90.0]), np.arange(8))
    assert small.max() == 90.0


@pytest.mark.parametrize("scenario", TESTED)
def test_an_island_without_sun_and_wind_has_draws_of_nothing(
    scenario: Scenario,
) -> None:
    nothing_kw = np.zeros((24, 0))
    power_kw = actual_kw(scenario, nothing_kw, np.zeros(0), np.arange(3))
    assert power_kw.shape == (3, 24, 0)
