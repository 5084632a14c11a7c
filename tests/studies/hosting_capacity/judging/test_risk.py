"""Hosting capacity at a risk: by hand on small draws, and its promise kept on draws whose quantile is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from tieline.studies.hosting_capacity.judging.risk import (
    Capacity,
    capacity_at_risk,
    draws_for_a_lower_bound,
    interval_positions,
    quantile_pct,
)

RISK = 0.05
QUANTILE_PCT = 100 * RISK
"""The level that 5 % of capacities spread evenly from 0 to 100 % do not reach."""


def drawn(count: int, seed: int) -> Capacity:
    """Capacities spread evenly from 0 to 100 %, found to within nothing."""
    safe_pct = np.random.default_rng(seed).uniform(0, 100, count)
    return capacity_at_risk(safe_pct, safe_pct, RISK)


def test_by_hand() -> None:
    safe_pct = np.arange(20.0)[::-1]
    broken_pct = safe_pct + 0.5
    # one of twenty may break: it is the lowest, and the next one bounds the rest
    assert capacity_at_risk(safe_pct, broken_pct, 0.05).pct == 1.0
    assert capacity_at_risk(safe_pct, broken_pct, 0.0).pct == 0.0
    assert capacity_at_risk(safe_pct, broken_pct, 0.5).pct == 10.0
    assert [quantile_pct(safe_pct, share) for share in (0, 0.5, 1)] == [0.0, 10.0, 19.0]


def test_bounds_follow_the_binomial_distribution() -> None:
    lower, upper = interval_positions(100, RISK)
    # P(N <= 0) = 0.6 %, P(N <= 1) = 3.7 %, P(N >= 10) = 2.8 %, P(N >= 11) = 1.1 %
    assert (lower, upper) == (1, 11)
    assert binom.cdf(lower - 1, 100, RISK) <= 0.025 < binom.cdf(lower, 100, RISK)
    assert binom.sf(upper - 1, 100, RISK) <= 0.025 < binom.sf(upper - 2, 100, RISK)


def test_few_draws_bound_nothing_from_below() -> None:
    assert draws_for_a_lower_bound(RISK) == 72
    assert [interval_positions(count, RISK)[0] for count in (71, 72)] == [0, 1]
    assert drawn(71, 0).low_pct == 0.0
    assert drawn(72, 0).low_pct > 0.0
    one = capacity_at_risk(np.array([30.0]), np.array([40.0]), RISK)
    assert (one.pct, one.low_pct, one.high_pct) == (30.0, 0.0, math.inf)


def test_what_never_breaks_gives_a_least_capacity() -> None:
    safe_pct = np.full(100, 200.0)
    broken_pct = np.full(100, np.inf)
    broken_pct[:5] = safe_pct[:5] = 40.0
    five_break = capacity_at_risk(safe_pct, broken_pct, RISK)
    assert (five_break.pct, five_break.low_pct) == (200.0, 40.0)
    assert five_break.is_least
    assert math.isinf(five_break.high_pct)


def test_a_deployment_that_was_not_judged_leaves_it_unknown() -> None:
    unknown = capacity_at_risk(np.array([np.nan, 5.0]), np.array([np.inf, 6.0]), RISK)
    assert math.isnan(unknown.pct)


@pytest.mark.parametrize("count", [20, 100, 500])
def test_the_interval_holds_the_quantile_at_least_95_percent_of_the_time(
    count: int,
) -> None:
    intervals = [drawn(count, seed) for seed in range(2000)]
    covered = [one.low_pct <= QUANTILE_PCT <= one.high_pct for one in intervals]
    # three standard errors of 2000 trials are 1.5 points; the promise is 95 % or more
    assert np.mean(covered) > 0.95 - 0.015


def test_more_draws_narrow_the_interval_and_do_not_lower_the_capacity() -> None:
    draws = (100, 400, 1600, 6400)
    width_pct = []
    for count in draws:
        runs = [drawn(count, seed) for seed in range(200)]
        width_pct.append(np.mean([one.high_pct - one.low_pct for one in runs]))
        # of n draws the k-th smallest lies at k / (n + 1) on average
        expected_pct = 100 * (RISK * count + 1) / (count + 1)
        assert np.mean([one.pct for one in runs]) == pytest.approx(
            expected_pct, rel=0.1
        )
    # four times the draws, half the width
    ratios = np.array(width_pct[:-1]) / np.array(width_pct[1:])
    assert ratios == pytest.approx(2.0, rel=0.15)
