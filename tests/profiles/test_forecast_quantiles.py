"""Quantiles of what comes, given a forecast: those of many drawn forecasts, the present known, the median by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tieline.profiles import ForecastConfig, Scenarios, forecast
from tieline.profiles.forecast_quantiles import actual_per_forecast

TIMES = pd.date_range("2025-03-01", periods=24, freq="30min", tz="UTC")
CONFIG = ForecastConfig(sun_spread=0.25, memory_h=3.0)


N_DRAWS = 4000


@pytest.fixture(scope="module")
def believed() -> np.ndarray:
    """Forecasts of a sun of 0.4, made at the first step, (draw, step)."""
    flat = Scenarios(
        TIMES,
        np.ones((N_DRAWS, 24, 0)),
        np.full((N_DRAWS, 24), 0.4),
        np.full((N_DRAWS, 24), 60.0),
    )
    return forecast(flat, CONFIG, seed=3).at(0).sun_pu


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.95])
def test_so_many_of_the_actual_values_stay_below(
    believed: np.ndarray, probability: float
) -> None:
    ratio = actual_per_forecast(CONFIG, CONFIG.sun_spread, 24, 0.5, probability)
    below = (believed * ratio > 0.4).mean(axis=0)
    # four standard deviations of a share of so many draws, for one of 23 steps
    accuracy = 4 * np.sqrt(probability * (1 - probability) / N_DRAWS)
    assert below[1:] == pytest.approx(probability, abs=accuracy)


def test_the_present_is_measured_and_the_median_is_that_of_a_lognormal() -> None:
    ratio = actual_per_forecast(CONFIG, 0.25, 5, 0.5, 0.5)
    assert ratio[0] == 1.0
    variance = 0.25**2 * (1 - np.exp(-2 * 4 * 0.5 / 3.0))
    assert ratio[4] == pytest.approx(np.exp(variance / 2))
    # 1.6449 standard deviations to the 95 % quantile
    high = actual_per_forecast(CONFIG, 0.25, 5, 0.5, 0.95)
    assert high[4] / ratio[4] == pytest.approx(np.exp(1.6449 * variance**0.5), rel=1e-4)
