"""The benchmark of hosting capacity: its cases exist, and the 95 % interval of the study holds what it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.bench.hosting_capacity.measure import cases, coverage
from tieline.errors import InputError

TRUTH = (0.0, 0.00441, 0.29710, 0.80272)
"""Violation probability at 0, 50, 100, 150 % of 100 000 deployments, as `tieline bench hosting-capacity --coverage 200` draws."""


def test_the_interval_holds_the_answer_of_100_000_draws_about_95_percent_of_the_time() -> (
    None
):
    rows = coverage(n_seeds=200, draws=100, long_draws=100_000, truth=TRUTH)
    assert [row.level_pct for row in rows] == [100.0, 150.0]
    # 1200 seeds give 95.4 % and 94.9 %; 200 seeds scatter by 1.5 points around that
    assert 0.93 <= sum(row.share for row in rows) / len(rows) <= 0.97
    for row in rows:  # three standard deviations of a share of 95 % among 200 seeds
        assert row.share == pytest.approx(0.95, abs=3 * (0.95 * 0.05 / 200) ** 0.5), row


def test_a_long_run_of_its_own_is_the_truth_unless_one_is_given() -> None:
    rows = coverage(n_seeds=2, draws=25, long_draws=200)
    # within three standard deviations
    assert [row.probability for row in rows] == pytest.approx([0.3, 0.8], abs=0.1)


def test_the_timed_day_has_105_600_power_flows() -> None:
    assert [config.feeder for config in cases().values()] == ["ieee123", "ieee123"]
    day, _ = cases().values()
    assert day.n_deployments * len(day.levels_pct) * 96 == 105_600
    with pytest.raises(InputError, match="does not exist"):
        cases(Path("absent.dss"))
