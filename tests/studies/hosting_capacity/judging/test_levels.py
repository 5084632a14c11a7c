"""The Wilson interval against published values and its own promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from tieline.studies.hosting_capacity.judging.levels import wilson_interval


@pytest.mark.parametrize(
    ("hits", "draws", "low", "high"),
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_examples(hits: int, draws: int, low: float, high: float) -> None:
    assert wilson_interval(hits, draws) == pytest.approx((low, high), abs=6e-5)


def test_the_interval_holds_the_truth_about_95_percent_of_the_time() -> None:
    hits = np.random.default_rng(1).binomial(100, 0.2, size=4000)
    covered = [
        low <= 0.2 <= high for low, high in (wilson_interval(int(h), 100) for h in hits)
    ]
    assert 0.93 < np.mean(covered) < 0.97


def test_certainty_at_both_ends() -> None:
    assert wilson_interval(0, 50)[0] == 0.0
    assert wilson_interval(50, 50)[1] == 1.0


def test_exact_coverage_over_all_probabilities() -> None:
    # every outcome of 100 draws with its binomial probability: near 95 % on average, and how low it gets close to 0 and 1
    hits = np.arange(101)
    bounds = np.array([wilson_interval(int(h), 100) for h in hits])
    middle, near_zero = np.linspace(0.05, 0.95, 181), np.linspace(0.005, 0.05, 91)

    def coverage(p: np.ndarray) -> np.ndarray:
        inside = (bounds[:, :1] <= p) & (p <= bounds[:, 1:])
        return (binom.pmf(hits[:, None], 100, p) * inside).sum(axis=0)

    assert coverage(middle).mean() == pytest.approx(0.95, abs=0.005)
    assert coverage(middle).min() > 0.92
    assert coverage(near_zero).mean() == pytest.approx(0.95, abs=0.02)
