"""Forecasts that are wrong in a believable way: exact now, worse further ahead, and corrected as the time comes nearer.

The error of a forecast made at step t for step t + h is what an Ornstein-Uhlenbeck process x still has in store:

    log(forecast / actual) = spread (x[t + h] - rho^h x[t]) - variance / 2,   variance = spread^2 (1 - rho^(2 h))

So the error is zero at h = 0, its variance grows to spread^2, errors of neighbouring hours are alike, and successive forecasts of
the same hour differ only by what was learnt in between (the martingale model of D. C. Heath, P. L. Jackson, IIE Transactions 26,
1994, doi:10.1080/07408179408966604). The last term makes the mean of forecast / actual one. What is zero, like the sun at night,
is known to be zero; prices below zero keep their sign.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.errors import InputError
from tieline.profiles.config import ForecastConfig
from tieline.profiles.noise import child, correlation, remember
from tieline.profiles.scenarios import Scenarios
from tieline.typing import FloatArray

LOAD_TOGETHER = 3
LOAD_APART = 4
SUN = 5
PRICE = 6
"""Places of the topics in the tree of seeds, beside those of `draw`: the seed of the scenarios may be used again."""


@dataclass(frozen=True)
class View:
    """What is thought at one step about it and the steps ahead; entry 0 along the horizon is the present, measured.

    `times`: (horizon,); `load_pu`: (scenario, horizon, load); `sun_pu`, `price_per_mwh`: (scenario, horizon). `sun_pu`
    may pass 1: cap it where a rating matters.
    """

    times: pd.DatetimeIndex
    load_pu: FloatArray
    sun_pu: FloatArray
    price_per_mwh: FloatArray


@dataclass(frozen=True)
class Forecasts:
    """Forecasts of every step of `scenarios`; `load_x`, `sun_x`, `price_x` are the processes behind their errors."""

    scenarios: Scenarios
    config: ForecastConfig
    load_x: FloatArray
    sun_x: FloatArray
    price_x: FloatArray

    def at(self, step: int) -> View:
        """The forecast made at a step; near the end it looks less far, as far as the scenarios go.

        Raises `InputError` if the scenarios have no such step.
        """
        n_times = len(self.scenarios.times)
        if not 0 <= step < n_times:
            raise InputError(
                f"Step {step} is not in the scenarios, which have steps 0 to {n_times - 1}."
            )
        ahead = slice(step, min(step + self.config.horizon_steps + 1, n_times))
        actual = self.scenarios
        config = self.config
        load_ratio = self._ratio(self.load_x[:, ahead], config.load_spread)
        sun_ratio = self._ratio(self.sun_x[:, ahead], config.sun_spread)
        price_ratio = self._ratio(self.price_x[:, ahead], config.price_spread)
        sun_pu = actual.sun_pu[:, ahead] * sun_ratio
        sun_pu[:, 1:] /= 1 - config.sun_shortfall  # the present is measured
        return View(
            times=actual.times[ahead],
            load_pu=actual.load_pu[:, ahead] * load_ratio,
            sun_pu=sun_pu,
            price_per_mwh=actual.price_per_mwh[:, ahead] * price_ratio,
        )

    def _ratio(self, x: FloatArray, spread: float) -> FloatArray:
        """Forecast per actual; `x` is (scenario, horizon, ...) from the present on."""
        rho = correlation(self.scenarios.step_h, self.config.memory_h)
        steps_ahead = np.arange(x.shape[1])
        columns = [1] * (x.ndim - 2)
        fade = (rho**steps_ahead).reshape(-1, *columns)
        # the present is known: what follows from it is no error
        error = x - fade * x[:, :1]
        variance = spread**2 * (1 - fade**2)
        exponent = spread * error - variance / 2
        return np.exp(exponent)


def forecast(
    scenarios: Scenarios, config: ForecastConfig, seed: int, first: int = 0
) -> Forecasts:
    """Forecasts of scenarios `first`, `first + 1`, ...; the errors of each depend on `seed` and its number only.

    Raises `InputError` if a number is below 0.
    """
    if seed < 0 or first < 0:
        raise InputError(f"seed ({seed}) and first ({first}) must be at least 0.")
    n_scenarios, n_times, n_loads = scenarios.load_pu.shape
    rho = correlation(scenarios.step_h, config.memory_h)

    def path(topic: int, *columns: int) -> FloatArray:
        paths = []
        for row in range(n_scenarios):
            random = child(seed, first + row, topic)
            innovations = random.standard_normal((n_times, *columns))
            paths.append(remember(innovations, rho))
        return np.stack(paths)

    # roots, since variances add up: the errors of each load keep their spread however they share it
    together_weight = config.load_together**0.5
    apart_weight = (1 - config.load_together) ** 0.5
    together = together_weight * path(LOAD_TOGETHER)[:, :, None]
    apart = apart_weight * path(LOAD_APART, n_loads)
    return Forecasts(scenarios, config, together + apart, path(SUN), path(PRICE))
