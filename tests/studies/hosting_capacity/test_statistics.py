"""The Wilson interval against published values and its own promise."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.studies.hosting_capacity.statistics import wilson_interval


@pytest.mark.parametrize(
    ("hits", "draws", "low", "high"),
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published_examples(hits: int, draws: int, low: float, high: float) -> None:
    assert wilson_interval(hits, draws) == pytest.approx((low, high), abs=6e-5)


def test_the_interval_holds_the_truth_about_95_percent_of_the_time() -> None:
    hits = np.random.default_rng(1).binomial(100, 0.2, size=4000)
    covered = [low <= 0.2 <= high for low, high in (wilson_interval(int(h), 100) for h in hits)]
    assert 0.93 < np.mean(covered) < 0.97


def test_certainty_at_both_ends() -> None:
    assert wilson_interval(0, 50)[0] == 0.0
    assert wilson_interval(50, 50)[1] == 1.0
