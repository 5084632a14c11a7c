"""Two who played the same days, compared day by day: seeds are averaged first, as trainings of one learner are no more days.

    d_k  =  (mean over its seeds on day k)  -  (the same of the baseline)

Told as the mean of d with its 95 % interval (bootstrap over days) and the p-value of Wilcoxon's signed-rank test. To pool seeds
and days as if all were independent would make any difference look certain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import bootstrap, trim_mean, wilcoxon

from tieline.typing import FloatArray

OUTER_QUARTER = 0.25
RESAMPLES = 5000

AT_ONCE = 250
"""Resamples, so that years of days need little memory."""

INTERVAL = 0.95


@dataclass(frozen=True)
class Paired:
    """A difference over days: its mean, 95 % interval, the p-value that there is none, and the number of days."""

    mean: float
    low: float
    high: float
    p: float
    days: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def paired(this: FloatArray, baseline: FloatArray) -> Paired:
    """This minus the baseline, both (seed, day) on the same days; at least two days."""
    difference = this.mean(axis=0) - baseline.mean(axis=0)
    mean = float(difference.mean())
    if np.ptp(difference) == 0:
        # no spread to resample, no rank to test
        p = 1.0 if mean == 0 else 2.0 ** (1 - len(difference))
        return Paired(mean, mean, mean, p, len(difference))
    interval = bootstrap(
        (difference,),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=INTERVAL,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    _, p = np.asarray(wilcoxon(difference), dtype=float)
    return Paired(
        mean, float(interval.low), float(interval.high), float(p), len(difference)
    )


@dataclass(frozen=True)
class Middle:
    """Interquartile mean of all seeds and days, with its 95 % interval."""

    mean: float
    low: float
    high: float


def middle(values: FloatArray) -> Middle:
    """The mean of the middle half of (seed, day); seeds and days are drawn anew for the interval, as both are a sample.

    Source: R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021.
    """
    rng = np.random.default_rng(0)
    resampled = np.concatenate(
        [_resampled(values, AT_ONCE, rng) for _ in range(RESAMPLES // AT_ONCE)]
    )
    tail = (1.0 - INTERVAL) / 2.0
    low, high = np.quantile(resampled, [tail, 1.0 - tail])
    mean = _middle_half(values.reshape(1, -1))[0]
    return Middle(float(mean), float(low), float(high))


def _resampled(values: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
    """The mean of the middle half of so many draws of seeds and days, (draw,)."""
    n_seeds, n_days = values.shape
    seeds = rng.integers(n_seeds, size=(count, n_seeds, 1))
    days = rng.integers(n_days, size=(count, 1, n_days))
    return _middle_half(values[seeds, days].reshape(count, -1))


def _middle_half(values: FloatArray) -> FloatArray:
    """Of each row."""
    return trim_mean(values, OUTER_QUARTER, axis=1)
