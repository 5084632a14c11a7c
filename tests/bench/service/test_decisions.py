"""Decisions of the published cases, timed."""

from __future__ import annotations

from dataclasses import replace

from tieline.bench.kit.markdown import Table
from tieline.bench.service.decisions import DecisionTimes, measure_decisions
from tieline.bench.service.measure import ServiceMeasurement
from tieline.bench.service.page import page, summary


def test_every_kind_is_decided_and_timed():
    measured = measure_decisions(2)
    assert [times.what for times in measured] == [
        "battery",
        "battery, new loan",
        "microgrids",
        "reserve",
        "restoration",
    ]
    for times in measured:
        assert len(times.wall_ms) == len(times.cpu_ms) == 2
        assert 0 < min(times.wall_ms) <= times.median_ms <= max(times.wall_ms)


def test_a_slow_kind_is_told(crash_counts: ServiceMeasurement):
    fast = DecisionTimes("fast", (1.0, 2.0, 90.0), (1.0, 1.0, 1.0))
    slow = DecisionTimes("slow", (21.0, 22.0, 23.0), (20.0, 20.0, 20.0))
    measured = replace(crash_counts, decisions=(fast, slow))
    verdicts = [row[-1] for row in summary(measured).tables[0][1].rows]
    assert verdicts[-2:] == ["met", "**not met**"]
    table = page(measured).sections[-1].blocks[1]
    assert isinstance(table, Table)
    assert ("slow", "3", "22.0", "23.0", "20.0") in table.rows
