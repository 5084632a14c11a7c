"""The benchmark of hosting capacity: its cases exist, and the 95 % interval of the study holds what it promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tieline.bench.hosting_capacity.answers import PRINTED_TO_PU
from tieline.bench.hosting_capacity.draws import SIZES, compare
from tieline.bench.hosting_capacity.measure import (
    HostingCapacityRuns,
    cases,
    coverage,
)
from tieline.bench.hosting_capacity.page import page
from tieline.bench.hosting_capacity.published import answer_published
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


def test_published_voltages_and_critical_buses() -> None:
    published = answer_published()
    assert len(published.v_pu) == 32
    assert published.largest_difference_pu < PRINTED_TO_PU
    assert all(thesis == replay for _, thesis, replay in published.critical)


def made_up_runs(seeds: int, random: np.random.Generator) -> list[np.ndarray]:
    """Capacities spread evenly from 0 to 100 %, whose 5 % quantile is 5 %."""
    capacities = random.uniform(0, 100, (seeds, SIZES[-1]))
    return [np.stack((row, row)) for row in capacities]


def test_intervals_of_even_capacities_overlap_as_chance_says_and_shrink_with_the_root() -> (
    None
):
    runs = made_up_runs(6, np.random.default_rng(1))
    draws = compare(runs)
    assert draws.truth_pct == pytest.approx(5.0, abs=0.5)
    assert draws.pairs == 18 * 17 // 2 == 153
    assert draws.by_chance > 150
    assert draws.overlapping > 140
    assert draws.as_few_share > 0.01
    widths = [size.width_pct * size.size**0.5 for size in draws.sizes]
    assert widths == pytest.approx([widths[0]] * 3, rel=0.2)
    assert all(size.share > 0.9 for size in draws.sizes)


def test_a_run_that_is_biased_by_its_size_is_no_chance() -> None:
    """One seed whose first hundred deployments all have less: its interval misses all longer ones."""
    runs = made_up_runs(6, np.random.default_rng(1))
    runs[0][:, :100] *= 0.1
    draws = compare(runs)
    assert draws.overlapping <= 142
    assert draws.as_few_share < 0.05


def test_the_page_has_what_was_answered_and_nothing_of_what_was_not() -> None:
    draws = compare(made_up_runs(6, np.random.default_rng(1)))
    runs = HostingCapacityRuns((), (), published=answer_published(), draws=draws)
    titles = [section.title for section in page(runs).sections]
    assert titles == ["Goals", "The published case", "How sure it is", "Time"]
    assert [
        section.title for section in page(HostingCapacityRuns((), ())).sections
    ] == ["Time"]
