"""Forecasts: exact now, unbiased, of the stated spread, corrected step by step; perfect and short ones by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tieline.errors import InputError
from tieline.profiles import ForecastConfig, Scenarios, forecast

TIMES = pd.date_range("2025-03-01", periods=48, freq="30min", tz="UTC")
PERFECT = ForecastConfig(load_spread=0, sun_spread=0, price_spread=0)


def flat(n_scenarios: int, n_loads: int = 2) -> Scenarios:
    shape = (n_scenarios, len(TIMES))
    return Scenarios(
        TIMES,
        np.full((*shape, n_loads), 0.5),
        np.full(shape, 0.4),
        np.full(shape, 60.0),
    )


def test_perfect_is_exact():
    scenarios = flat(3)
    view = forecast(scenarios, PERFECT, seed=0).at(10)
    np.testing.assert_array_equal(view.load_pu, scenarios.load_pu[:, 10:35])
    np.testing.assert_array_equal(view.sun_pu, scenarios.sun_pu[:, 10:35])
    np.testing.assert_array_equal(view.price_per_mwh, scenarios.price_per_mwh[:, 10:35])
    assert view.times.equals(TIMES[10:35])


def test_now_is_measured_and_the_end_is_near():
    view = forecast(flat(4), ForecastConfig(), seed=0).at(46)
    assert view.sun_pu.shape == (4, 2)
    assert (view.sun_pu[:, 0] == 0.4).all()
    assert (view.load_pu[:, 0] == 0.5).all()
    assert (view.sun_pu[:, 1] != 0.4).all()


def test_error_grows_as_stated_and_has_no_bias():
    config = ForecastConfig(sun_spread=0.25, memory_h=3.0)
    ratio = forecast(flat(20_000, 0), config, seed=1).at(5).sun_pu / 0.4
    np.testing.assert_allclose(ratio.mean(axis=0), 1.0, atol=0.01)
    for ahead in (1, 4, 24):
        expected = 0.25 * np.sqrt(1 - np.exp(-2 * ahead * 0.5 / 3.0))
        assert np.log(ratio[:, ahead]).std() == pytest.approx(expected, rel=0.03)


def test_errors_of_neighbouring_hours_are_alike():
    error = np.log(
        forecast(flat(5000, 0), ForecastConfig(), seed=1).at(0).price_per_mwh / 60.0
    )
    assert np.corrcoef(error[:, 20], error[:, 21])[0, 1] > 0.9
    assert np.corrcoef(error[:, 1], error[:, 24])[0, 1] < 0.4


def test_a_forecast_gets_better_as_its_time_comes():
    forecasts = forecast(flat(5000, 0), ForecastConfig(), seed=1)
    errors = [
        np.log(forecasts.at(step).sun_pu[:, 24 - step] / 0.4) for step in (0, 8, 16, 22)
    ]
    spreads = [error.std() for error in errors]
    assert spreads == sorted(spreads, reverse=True)
    # what is learnt is news
    assert np.corrcoef(errors[0] - errors[1], errors[1])[0, 1] == pytest.approx(
        0.0, abs=0.05
    )


def test_loads_share_half_of_their_error():
    error = np.log(
        forecast(flat(10_000), ForecastConfig(load_together=0.5), seed=1)
        .at(0)
        .load_pu[:, 24]
        / 0.5
    )
    assert np.corrcoef(error.T)[0, 1] == pytest.approx(0.5, abs=0.03)


def test_shortfall_of_the_sun_by_hand():
    view = forecast(
        flat(1), PERFECT.model_copy(update={"sun_shortfall": 0.15}), seed=0
    ).at(0)
    assert view.sun_pu[0, 0] == 0.4
    np.testing.assert_allclose(view.sun_pu[0, 1:] * 0.85, 0.4)


def test_night_is_known_and_shards_are_parts():
    scenarios = flat(6)
    scenarios.sun_pu[:, :10] = 0.0
    whole = forecast(scenarios, ForecastConfig(), seed=3)
    assert (whole.at(0).sun_pu[:, :10] == 0).all()
    shard = forecast(flat(2), ForecastConfig(), seed=3, first=4)
    np.testing.assert_array_equal(shard.at(12).sun_pu, whole.at(12).sun_pu[4:])


def test_a_step_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="0 to 47"):
        forecast(flat(1), PERFECT, seed=0).at(48)
