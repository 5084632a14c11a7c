"""Many runs in the queue at once: how soon each is accepted, how long all of them take, and what bids and pages feel of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from tieline.bench.service.load.bids import (
    TAKEN,
    Latency,
    calling,
    compare_with_ledger,
    latency_of,
    quantiles,
)
from tieline.bench.service.load.crowd import Crowd
from tieline.bench.service.load.plan import MARKET, Plan
from tieline.bench.service.load.served import Served
from tieline.service.settings import ServiceSettings
from tieline.service.store import Store, open_store, runs

QUESTION = {"study": "interval", "feeder": "ieee33", "configuration": {"draws": 1000}}
"""What is asked, each time with another seed: a fraction of a second of work."""

LONGEST_S = 3600.0
"""In which the queue must be empty."""

LOOK_S = 0.5
"""Between two pages."""

PAGES = ("/", "/runs", f"/markets/{MARKET}")
"""Runs and markets, and the board of the market that is bid in."""

UNFINISHED = ("waiting", "running")

ACCEPTED = 202


@dataclass(frozen=True)
class QueueTimes:
    """What was measured.

    Attributes:
        asked: runs.
        ended: how many, by their state.
        accepted_ms: from asking for a run to its acceptance [ms].
        queue_s: from asking for the first run to the end of the last [s].
        bid_rate: bids a second that came meanwhile.
        bids: that came meanwhile and were taken.
        bid_ms: their times, as those of `LoadTimes`.
        pages: that were fetched meanwhile.
        page_ms: how long they took [ms].
        problems: what was not as promised; empty if all was.
    """

    asked: int
    ended: dict[str, int]
    accepted_ms: Latency
    queue_s: float
    bid_rate: float
    bids: int
    bid_ms: Latency
    pages: int
    page_ms: Latency
    problems: tuple[str, ...]


def measure_queue(
    served: Served, home: Path, crowd: Crowd, count: int, bid_rate: float, seed: int
) -> QueueTimes:
    """Ask for runs, and wait for their end.

    Args:
        served: the server.
        home: its folder.
        crowd: who asks and bids.
        count: number of runs.
        bid_rate: bids a second meanwhile.
        seed: of runs and bids.

    Raises:
        NoAnswerError: if the callers failed.
    """
    plan = Plan(served.host, served.port, bid_rate, LONGEST_S, seed, crowd.bidders)
    problems: list[str] = []
    store = open_store(ServiceSettings(home=str(home)).database_url)
    try:
        with calling(plan) as callers:
            began_s = time.perf_counter()
            accepted_ms = list(_ask(served, crowd.operator_key, count, seed, problems))
            page_ms = list(_look_at_pages(served, store, problems))
            queue_s = time.perf_counter() - began_s
            callers.end()
            samples = callers.samples()
        with store.read() as c:
            ended = runs.counts(c)
    finally:
        store.close()
    booked_bids = [sample for sample in samples if sample.status == TAKEN]
    problems += compare_with_ledger(home, booked_bids)[1]
    return QueueTimes(
        asked=count,
        ended=ended,
        accepted_ms=quantiles(accepted_ms),
        queue_s=queue_s,
        bid_rate=bid_rate,
        bids=len(booked_bids),
        bid_ms=latency_of(booked_bids),
        pages=len(page_ms),
        page_ms=quantiles(page_ms),
        problems=tuple(problems),
    )


def _ask(
    served: Served, key: str, count: int, seed: int, problems: list[str]
) -> Iterator[float]:
    """Ask for runs one after the other; the time until each is accepted [ms]."""
    for number in range(count):
        question = QUESTION | {"seed": seed + number}
        began_s = time.perf_counter()
        answer = served.post("/v1/runs", key, question)
        text = answer.read().decode()
        yield 1000 * (time.perf_counter() - began_s)
        if answer.status != ACCEPTED:
            problems.append(f"run {number} was answered {answer.status}: {text}")


def _look_at_pages(
    served: Served, store: Store, problems: list[str]
) -> Iterator[float]:
    """Fetch a page now and then until no run is unfinished; the time of each [ms]."""
    deadline_s = time.monotonic() + LONGEST_S
    for path in cycle(PAGES):
        began_s = time.perf_counter()
        answer = served.get(path)
        answer.read()
        yield 1000 * (time.perf_counter() - began_s)
        if answer.status != 200:
            problems.append(f"page {path} was answered {answer.status}")
        if _is_empty(store) or time.monotonic() > deadline_s:
            return
        time.sleep(LOOK_S)


def _is_empty(store: Store) -> bool:
    with store.read() as c:
        counts = runs.counts(c)
    return not any(counts.get(state) for state in UNFINISHED)
