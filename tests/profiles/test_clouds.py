"""The clear-sky index: bounds, the distribution that was asked for at any step, two humps, memory, and skies in their order."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.profiles.clouds import (
    HIGHEST,
    LOWEST,
    SKIES,
    draw_clear_sky_index,
    quantile,
)
from tieline.profiles.config import Cloudiness
from tieline.typing import FloatArray


def draw(
    cloudiness: Cloudiness, step_h: float, days: int = 400, seed: int = 0
) -> FloatArray:
    return draw_clear_sky_index(
        np.random.default_rng(seed), cloudiness, int(days * 24 / step_h), step_h
    )


def test_a_clear_sky_is_one():
    assert (draw("clear", 1.0) == 1).all()


@pytest.mark.parametrize("cloudiness", list(SKIES))
def test_quantile_inverts_the_humps(cloudiness: Cloudiness):
    u = (np.arange(200_000) + 0.5) / 200_000
    index, sky = quantile(SKIES[cloudiness], u), SKIES[cloudiness]
    assert index.min() >= LOWEST
    assert index.max() <= HIGHEST
    mean = sky.cloudy * sky.cloud_index + (1 - sky.cloudy) * sky.open_index
    # the cut at the bounds moves it a little
    assert index.mean() == pytest.approx(mean, abs=0.02)


@pytest.mark.parametrize("step_h", [1 / 60, 0.25, 1.0])
def test_mean_is_the_same_at_any_step(step_h: float):
    means = [draw("mixed", step_h, days=100, seed=seed).mean() for seed in range(8)]
    expected = quantile(SKIES["mixed"], (np.arange(1000) + 0.5) / 1000).mean()
    assert np.mean(means) == pytest.approx(expected, abs=0.03)


def test_minutes_have_two_humps_and_hours_less_spread():
    minutes, hours = draw("mixed", 1 / 60, days=200), draw("mixed", 1.0, days=200)
    density, _ = np.histogram(minutes, bins=[0.3, 0.5, 0.68, 0.78, 0.93, 1.05])
    cloud, _, between, _, open_sky = density / [0.2, 0.18, 0.1, 0.15, 0.12]
    assert between < 0.4 * cloud < open_sky
    assert hours.std() < minutes.std()


def test_weather_lasts_longer_than_a_cloud():
    x = draw("mixed", 1 / 12)
    x = x - x.mean()
    five_minutes, hour, three_days = (
        float((x[:-k] * x[k:]).mean() / x.var()) for k in (1, 12, 864)
    )
    assert 0.7 < five_minutes < 0.95
    assert 0.3 < hour < 0.7
    assert abs(three_days) < 0.1


def test_skies_in_their_order():
    overcast, mixed, fair = (
        draw(kind, 0.25).mean() for kind in ("overcast", "mixed", "fair")
    )
    assert overcast < mixed - 0.2 < fair - 0.3
