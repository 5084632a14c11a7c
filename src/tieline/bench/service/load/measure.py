"""The load as a whole: a server on a new database, bids at a rate, then runs in its queue."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from tieline.bench.service.load.bids import LoadTimes, measure_load
from tieline.bench.service.load.crowd import prepare
from tieline.bench.service.load.queued_runs import QueueTimes, measure_queue
from tieline.bench.service.load.served import serving

BESIDE_RUNS = 0.1
"""Share of the rate at which bids go on while runs are worked on: these take all processors that there are."""


def measure_under_load(
    rate: float,
    seconds: float,
    participants: int,
    runs: int,
    seed: int,
    tell: Callable[[str], None] = lambda _: None,
    speed: float = 1.0,
) -> tuple[LoadTimes | None, QueueTimes | None]:
    """Bids at a rate, and runs in the queue; None for what was not asked for.

    Args:
        rate: bids a second.
        seconds: for how long [s]; 0: none.
        participants: who bid.
        runs: in the queue at once; 0: none.
        seed: of instants, bidders, prices and runs.
        tell: is told how far it is.
        speed: of the market's clock; at 1 a gate closes every minute.

    Raises:
        NoAnswerError: if server or callers failed.
    """
    load = None
    queue = None
    if not seconds and not runs:
        return load, queue
    with tempfile.TemporaryDirectory(prefix="tieline-load-") as folder:
        home = Path(folder) / "home"
        crowd = prepare(home, participants, speed)
        tell("a server starts")
        with serving(home) as served:
            if seconds:
                tell(f"{rate:g} bids a second for {seconds:g} s")
                load = measure_load(served, home, crowd, rate, seconds, seed)
            if runs:
                tell(f"{runs} runs in the queue")
                bid_rate = BESIDE_RUNS * rate
                queue = measure_queue(served, home, crowd, runs, bid_rate, seed)
    return load, queue
