"""Bids at a rate for a time: how long answers took, what the server used, and whether the ledger holds what was answered."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import numpy as np
import sqlalchemy as sa

from tieline.bench.service.invariants import ALWAYS, NEVER, late_bids, lost_bids
from tieline.bench.service.load.crowd import Crowd
from tieline.bench.service.load.disk import fsync_times_ms
from tieline.bench.service.load.plan import MARKET, Plan, Sample
from tieline.bench.service.load.served import Served
from tieline.errors import NoAnswerError
from tieline.service.settings import ServiceSettings
from tieline.service.store import intervals, ledger, open_store
from tieline.service.store.intervals import Interval
from tieline.service.store.offers import make_offer
from tieline.service.store.tables import clearings

SAMPLE_S = 1.0
"""Between two looks at the server's memory."""

WARM_UP = 0.1
"""Share of the time after which memory counts as that of a server at work: caches have filled, libraries are loaded."""

LAST_CLEARING_S = 60.0
"""In which intervals whose gates have closed are cleared after the last bid: deadline and its fall-back included."""

TAKEN = 201


@dataclass(frozen=True)
class Latency:
    """How long something took: median, 95 and 99 % of the times, the longest [ms]."""

    p50: float
    p95: float
    p99: float
    most: float


@dataclass(frozen=True)
class LoadTimes:
    """What was measured.

    Attributes:
        rate, seconds: as planned: bids a second, and for how long [s].
        participants: who bid.
        sent, taken: bids, and those that are in the ledger.
        refused: how many, by the kind of problem.
        fsync_ms: time of an fsync on the server's disk, before any bid [ms].
        latency_ms: of the bids that were taken; those that came after the gate are answered sooner.
        send_delay_ms: 99 % of the bids left the callers so long after their planned instant, or sooner [ms].
        cpu_ms_a_bid: processor time of the web process, all that it did, divided by the bids that were sent [ms].
        memory_mb: of the web process at the beginning (after a tenth of the time), in the middle and at the end [MB].
        gates: intervals whose gates closed, by what came of them.
        problems: what was not as promised; empty if all was.
    """

    rate: float
    seconds: float
    participants: int
    sent: int
    taken: int
    refused: dict[str, int]
    fsync_ms: Latency
    latency_ms: Latency
    send_delay_ms: float
    cpu_ms_a_bid: float
    memory_mb: tuple[float, float, float]
    gates: dict[str, int]
    problems: tuple[str, ...]

    @property
    def growth_mb(self) -> float:
        """By how much the server's memory grew in the second half [MB]."""
        return self.memory_mb[2] - self.memory_mb[1]


def measure_load(
    served: Served, home: Path, crowd: Crowd, rate: float, seconds: float, seed: int
) -> LoadTimes:
    """Bid, and measure.

    Args:
        served: the server.
        home: its folder.
        crowd: who bids.
        rate: bids a second.
        seconds: for how long [s].
        seed: of instants, bidders and prices.

    Raises:
        NoAnswerError: if the callers failed.
    """
    fsync_ms = quantiles(fsync_times_ms(home))
    plan = Plan(served.host, served.port, rate, seconds, seed, crowd.bidders)
    cpu_s = served.cpu_s()
    with calling(plan) as callers:
        memory_mb = list(_watch(served, callers))
        samples = callers.samples()
    cpu_s = served.cpu_s() - cpu_s
    booked_bids = [sample for sample in samples if sample.status == TAKEN]
    gates, problems = compare_with_ledger(home, booked_bids)
    return LoadTimes(
        rate=rate,
        seconds=seconds,
        participants=len(crowd.bidders),
        sent=len(samples),
        taken=len(booked_bids),
        refused=dict(Counter(s.problem for s in samples if s.status != TAKEN)),
        fsync_ms=fsync_ms,
        latency_ms=latency_of(booked_bids),
        send_delay_ms=_send_delay_ms(samples),
        cpu_ms_a_bid=1000 * cpu_s / max(len(samples), 1),
        memory_mb=_at_three_moments(memory_mb),
        gates=gates,
        problems=tuple(problems),
    )


class Callers:
    """The process of the callers; `calling` starts and ends it."""

    def __init__(self, process: subprocess.Popen[bytes], lines: IO[str]) -> None:
        self._process = process
        self._lines = lines

    def is_calling(self) -> bool:
        """Whether the plan is not at its end."""
        return self._process.poll() is None

    def end(self) -> None:
        """Have them call no more, and wait for the answers that are due."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def samples(self) -> list[Sample]:
        """What became of every bid, once they have ended.

        Raises:
            NoAnswerError: if they failed.
        """
        if self._process.wait() != 0:
            raise NoAnswerError(
                "The process of the callers failed; its error stands above."
            )
        self._lines.seek(0)
        return [Sample(*json.loads(line)) for line in self._lines]


@contextmanager
def calling(plan: Plan) -> Iterator[Callers]:
    """Have callers follow a plan; they end with the block."""
    command = [sys.executable, "-m", "tieline.bench.service.load.bidders"]
    with tempfile.TemporaryFile("w+") as lines:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=lines)
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(asdict(plan)).encode() + b"\n")
            process.stdin.flush()
            yield Callers(process, lines)
        finally:
            process.stdin.close()
            process.kill()
            process.wait()


def latency_of(samples: Sequence[Sample]) -> Latency:
    """How long bids took from their planned instant to their whole answer."""
    return quantiles([sample.latency_ms for sample in samples])


def quantiles(times_ms: Sequence[float]) -> Latency:
    """What is told of times [ms]; zeros where there are none."""
    values_ms = np.percentile(times_ms or [0.0], (50, 95, 99, 100))
    return Latency(*values_ms.tolist())


def _send_delay_ms(samples: Sequence[Sample]) -> float:
    delays_s = [sample.sent_s - sample.planned_s for sample in samples] or [0.0]
    return 1000 * float(np.percentile(delays_s, 99))


def _watch(served: Served, callers: Callers) -> Iterator[float]:
    """The server's memory once a second, as long as it is called [MB]."""
    while callers.is_calling():
        yield served.resident_mb()
        time.sleep(SAMPLE_S)
    yield served.resident_mb()


def _at_three_moments(memory_mb: Sequence[float]) -> tuple[float, float, float]:
    last = len(memory_mb) - 1
    return memory_mb[round(WARM_UP * last)], memory_mb[last // 2], memory_mb[last]


def compare_with_ledger(
    home: Path, booked_bids: Sequence[Sample]
) -> tuple[dict[str, int], list[str]]:
    """What came of the gates that closed, once nothing waits to be cleared, and what is not as promised."""
    acknowledged = {sample.bid_id: _offers(sample) for sample in booked_bids}
    store = open_store(ServiceSettings(home=str(home)).database_url)
    try:
        deadline_s = time.monotonic() + LAST_CLEARING_S
        while time.monotonic() < deadline_s:
            with store.read() as c:
                if not intervals.not_cleared(c, MARKET):
                    break
            time.sleep(SAMPLE_S)
        with store.read() as c:
            problems = lost_bids(c, acknowledged)
            closed = _closed_intervals(c)
            for interval in closed:
                entries = ledger.rows(c, MARKET, interval.starts_at)
                problems += late_bids(interval, entries)
            return _what_came(c, closed), problems
    finally:
        store.close()


def _offers(sample: Sample) -> list[dict]:
    offer = make_offer(sample.device, [(sample.p_kw, sample.price)])
    return [offer.to_plain()]


def _closed_intervals(c: sa.Connection) -> list[Interval]:
    all_intervals = intervals.between(c, MARKET, ALWAYS, NEVER)
    return [interval for interval in all_intervals if interval.state != "open"]


def _what_came(c: sa.Connection, closed: Sequence[Interval]) -> dict[str, int]:
    """Number of intervals by the status of their clearing."""
    statement = sa.select(clearings.c.status).where(clearings.c.market == MARKET)
    counts = Counter(c.execute(statement).scalars())
    waiting = sum(interval.published is None for interval in closed)
    if waiting:
        counts["never cleared"] = waiting
    return dict(counts)
