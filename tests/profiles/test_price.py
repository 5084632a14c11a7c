"""The pool against twenty years of Alberta's, its bounds and spikes; the tariff by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.profiles import price
from tieline.profiles.clock import read_clock, steps
from tieline.profiles.config import ProfileConfig, TariffPeriod
from tieline.profiles.price import make_price_model, spike_mean_per_mwh
from tieline.typing import FloatArray


def draw(n: int = 40, **values: object) -> tuple[ProfileConfig, FloatArray]:
    config = ProfileConfig.model_validate(
        {"start": "2025-01-06", "days": 364, "step_minutes": 60, **values}
    )
    model = make_price_model(config, steps(config))
    return config, np.stack(
        [model.draw(np.random.default_rng(seed)) for seed in range(n)]
    )


def test_means_follow_the_alberta_pool():
    config, prices = draw()
    hour = read_clock(steps(config)).hour
    on_peak = (hour >= 7) & (hour < 23)
    assert prices.mean() == pytest.approx(57, rel=0.04)
    assert prices[:, on_peak].mean() == pytest.approx(70, rel=0.08)
    assert prices[:, ~on_peak].mean() == pytest.approx(31, rel=0.16)
    assert (prices * (prices > 500)).sum() / prices.sum() == pytest.approx(
        0.19, abs=0.05
    )


def test_prices_stay_between_floor_and_cap():
    _, prices = draw(pool_floor_per_mwh=20.0, pool_cap_per_mwh=300.0)
    assert (prices.min(), prices.max()) == (20.0, 300.0)


def test_mean_of_spikes_is_that_of_drawn_ones():
    config = ProfileConfig(pool_cap_per_mwh=800.0, step_minutes=1)
    time_h = np.arange(0, 20, 0.001)
    size = price.SPIKE_FROM_PER_MWH * (
        1 + np.random.default_rng(0).pareto(price.SPIKE_TAIL, 1000)
    )
    held = (
        np.minimum(size[:, None] * np.exp(-time_h / price.SPIKE_MEMORY_H), 800.0)
        .sum(axis=1)
        .mean()
        * 0.001
    )
    assert spike_mean_per_mwh(config) == pytest.approx(
        config.pool_spikes_per_day * held / 24, rel=0.03
    )
    low = ProfileConfig(pool_cap_per_mwh=200.0)
    held = (
        np.minimum(size[:, None] * np.exp(-time_h / price.SPIKE_MEMORY_H), 200.0)
        .sum(axis=1)
        .mean()
        * 0.001
    )
    assert spike_mean_per_mwh(low) == pytest.approx(
        low.pool_spikes_per_day * held / 24, rel=0.03
    )


@pytest.mark.parametrize("step_h", [1 / 60, 0.25, 1.0])
def test_a_spike_keeps_its_energy_at_any_step(step_h: float):
    per_step = np.zeros(int(40 / step_h))
    per_step[0] = 50.0
    drawn = (
        price._draw_spikes(np.random.default_rng(3), per_step, step_h).sum() * step_h
    )
    random = np.random.default_rng(3)
    count = random.poisson(per_step)[0]
    assert drawn == pytest.approx(
        price.SPIKE_MEMORY_H * 500 * (1 + random.pareto(2.0, count)).sum(), rel=1e-9
    )


def test_no_spikes_no_tail():
    _, prices = draw(pool_spikes_per_day=0.0)
    assert prices.max() < 400
    assert prices.mean() == pytest.approx(57, rel=0.03)


def test_neighbouring_hours_are_alike():
    _, prices = draw(pool_spikes_per_day=0.0)
    noise = np.log(prices / prices.mean(axis=0))
    apart = noise - noise.mean()
    assert (apart[:, 1:] * apart[:, :-1]).mean() / apart.var() == pytest.approx(
        np.exp(-1 / price.NOISE_MEMORY_H), abs=0.02
    )


def test_too_many_spikes_for_the_mean_are_refused():
    with pytest.raises(InputError, match="fewer spikes"):
        draw(pool_spikes_per_day=5.0)


def test_tariff_by_hand():
    night = TariffPeriod(from_hour=22, to_hour=6, price_per_mwh=50)
    evening = TariffPeriod(from_hour=17, to_hour=21, price_per_mwh=160, days="weekdays")
    lie_in = TariffPeriod(from_hour=0, to_hour=9, price_per_mwh=70, days="weekends")
    config, prices = draw(
        2,
        price="time-of-use",
        tariff=(lie_in, night, evening),
        tariff_base_per_mwh=90,
        days=6,
    )
    assert (prices[0] == prices[1]).all()
    monday, saturday = prices[0][:24], prices[0][120:144]
    assert monday.tolist() == [50] * 6 + [90] * 11 + [160] * 4 + [90] + [50] * 2
    assert saturday.tolist() == [70] * 9 + [90] * 13 + [50] * 2
    assert config.tariff[0].days == "weekends"
