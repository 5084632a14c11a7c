"""What comes at a probability, when a forecast is all that is known of it: the other side of `forecasting`.

The logarithm of forecast / actual is normal there, with a variance that grows with the time ahead and the mean -variance / 2. Who
knows the forecast and how forecasts err, and nothing else, holds that the actual value stays below

    forecast exp(variance / 2 + z sqrt(variance)),     variance = spread^2 (1 - rho^(2 h))

with probability p, where z is the p-quantile of the standard normal distribution and h counts the steps ahead; at h = 0 it is the
value measured. These are quantiles of each step by itself: that all steps stay below theirs is less likely.

Left out: bounds that the actual has whatever is forecast, such as the rating of an inverter (cap the quantile there), and a
`sun_shortfall`, of which who plans does not know.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from tieline.profiles.config import ForecastConfig
from tieline.profiles.noise import correlation
from tieline.typing import FloatArray


def actual_per_forecast(
    config: ForecastConfig,
    spread: float,
    n_steps: int,
    step_h: float,
    probability: float,
) -> FloatArray:
    """The quantile of actual / forecast in the present step and those after it, (step,).

    Args:
        config: how forecasts err; its memory counts here.
        spread: of the quantity, one of `config`.
        n_steps: the present step and those ahead.
        step_h: length of a step [h].
        probability: with which the actual value stays below, above 0 and below 1.
    """
    rho = correlation(step_h, config.memory_h)
    fade = rho ** np.arange(n_steps)
    variance = spread**2 * (1 - fade**2)
    z = NormalDist().inv_cdf(probability)
    return np.exp(variance / 2 + z * np.sqrt(variance))
