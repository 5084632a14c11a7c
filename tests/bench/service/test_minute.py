"""Minutes timed from gate to dispatch."""

from __future__ import annotations

from tieline.bench.service.minute import measure_minutes


def test_every_minute_is_cleared_and_timed() -> None:
    times = measure_minutes(minutes=2, bids=130, seed=0)
    assert times.bids == 130
    assert len(times.wall_ms) == len(times.cpu_ms) == 2
    assert min(times.wall_ms) > 0
