"""The page of the crash rounds: what was lost is told, and what did not befall a process is not counted as survived."""

from __future__ import annotations

from tieline.bench.service.measure import ServiceMeasurement
from tieline.bench.service.page import page, summary


def test_a_broken_promise_is_told(crash_counts: ServiceMeasurement):
    goals = summary(crash_counts).tables[0][1].rows
    assert [row[-2:] for row in goals] == [("0", "met"), ("1", "**not met**")]
    assert "of 3 crashes and 1,234 acknowledged bids" in goals[0][0]
    assert crash_counts.problems[0] in str(page(crash_counts).sections[0])
