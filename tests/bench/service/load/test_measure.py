"""A short load on a real server: every bid that was answered is in the ledger, every run ends. No time is judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.bench.service.load.bids import compare_with_ledger, latency_of
from tieline.bench.service.load.crowd import prepare
from tieline.bench.service.load.measure import measure_under_load
from tieline.bench.service.load.plan import Sample
from tieline.bench.service.load.served import PROC

SPEED = 20
"""An interval lasts three seconds: gates close while bids come."""

needs_proc = pytest.mark.skipif(
    not (PROC / "self" / "stat").exists(), reason="the load is measured by /proc"
)


@needs_proc
def test_a_short_load_is_in_the_ledger() -> None:
    load, queue = measure_under_load(
        rate=25, seconds=8, participants=130, runs=3, seed=0, speed=SPEED
    )
    assert load is not None
    assert load.problems == ()
    assert load.taken + sum(load.refused.values()) == load.sent
    # 200 on average, and four standard deviations of a Poisson process less
    assert load.sent >= 140
    assert load.taken >= load.sent / 2
    assert set(load.refused) <= {"gate-closed"}
    assert sum(load.gates.values()) >= 1
    assert min(load.memory_mb) > 10
    assert load.cpu_ms_a_bid > 0
    assert load.fsync_ms.most > 0
    assert queue is not None
    assert queue.problems == ()
    assert queue.ended == {"done": 3}
    assert queue.pages >= 1


def test_a_bid_that_is_not_in_the_ledger_is_told(tmp_path: Path) -> None:
    home = tmp_path / "home"
    prepare(home, participants=3, speed=1.0)
    sample = Sample(0.0, 0.1, 0.2, 201, "", 99, "d1", 2.0, 0.1)
    gates, problems = compare_with_ledger(home, [sample])
    assert gates == {}
    assert len(problems) == 1
    assert problems[0].startswith("bid 99 was acknowledged as")


def test_a_time_runs_from_the_planned_instant() -> None:
    stalled = Sample(1.0, 1.4, 1.5, 201, "", 1, "d1", 2.0, 0.1)
    quick = Sample(2.0, 2.0, 2.01, 201, "", 2, "d1", 2.0, 0.1)
    latency = latency_of([stalled, quick])
    assert latency.most == pytest.approx(500)
    assert latency.p50 == pytest.approx(255)
