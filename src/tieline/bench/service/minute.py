"""How long a minute takes from its gate to its dispatch on disk: the 123-node feeder, with many bids of one participant each.

The market is that of `tieline serve --demo`, with as many devices as bids, shared out over its places, and intervals of a minute.
Gate, queue, worker and publication are those of the service, in one process, on a SQLite file. Left out: the 20 ms after which
the timekeeper looks at the clock, and a worker at the queue.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from tieline.bench.service.load.crowd import crowded_market
from tieline.bench.service.load.plan import HIGHEST, LOWEST, MARKET
from tieline.service.jobs import workers
from tieline.service.jobs.worker import Worker
from tieline.service.market import job
from tieline.service.market.add import add_market
from tieline.service.market.definition import Definition
from tieline.service.market.timekeeper import CLEAR, Timekeeper
from tieline.service.store import Store, intervals, ledger, measurements, open_store
from tieline.service.store.clock import Clock
from tieline.service.store.offers import make_offer

WORKER = "bench"
LEASE_S = 60.0

BEGIN = datetime(2026, 6, 21, 18, 0, tzinfo=UTC)
"""Any evening: its numbers are drawn."""


@dataclass(frozen=True)
class MinuteTimes:
    """Times of minutes that were cleared one after the other.

    Attributes:
        bids: in each minute.
        wall_ms, cpu_ms: from the gate to the dispatch on disk, (minute,) [ms].
    """

    bids: int
    wall_ms: tuple[float, ...]
    cpu_ms: tuple[float, ...]


class _Hands:
    """A clock that the measurement sets."""

    def __init__(self) -> None:
        self.now = BEGIN


def measure_minutes(minutes: int, bids: int, seed: int) -> MinuteTimes:
    """Clear some minutes.

    Args:
        minutes: how many.
        bids: of each.
        seed: of prices and loads.
    """
    hands = _Hands()
    definition = crowded_market(bids)
    with tempfile.TemporaryDirectory(prefix="tieline-") as folder:
        address = f"sqlite:///{Path(folder) / 'market.sqlite'}"
        store = open_store(address, Clock(lambda: hands.now))
        try:
            _open(store, definition)
            return _play(store, definition, hands, minutes, seed)
        finally:
            store.close()


def _open(store: Store, definition: Definition) -> None:
    def prepare(c: sa.Connection) -> None:
        now = store.now()
        add_market(c, definition, now)
        workers.announce(c, WORKER, [CLEAR], now)
        workers.ready(c, WORKER, now)

    store.write(prepare)
    job.warm_up(store)


def _play(
    store: Store, definition: Definition, hands: _Hands, minutes: int, seed: int
) -> MinuteTimes:
    random = np.random.default_rng(seed)
    keeper = Timekeeper(store)
    worker = Worker(store, [CLEAR], WORKER, LEASE_S)
    keeper.look()
    wall_ms = []
    cpu_ms = []
    for _ in range(minutes):
        interval = _next_interval(store, hands.now)
        _bid(store, definition, interval.starts_at, random)
        hands.now = interval.gate_at
        wall_s = time.perf_counter()
        cpu_s = time.process_time()
        keeper.look()
        worker.do_one()
        wall_ms.append(1000 * (time.perf_counter() - wall_s))
        cpu_ms.append(1000 * (time.process_time() - cpu_s))
    return MinuteTimes(len(definition.devices), tuple(wall_ms), tuple(cpu_ms))


def _next_interval(store: Store, now: datetime) -> intervals.Interval:
    with store.read() as c:
        coming = intervals.between(c, MARKET, now, now + timedelta(minutes=5))
    return next(interval for interval in coming if interval.state == "open")


def _bid(
    store: Store,
    definition: Definition,
    starts_at: datetime,
    random: np.random.Generator,
) -> None:
    """A bid of each participant, and loads between nothing and the most that meters may take."""
    devices = definition.devices
    prices = random.uniform(LOWEST, HIGHEST, len(devices)).tolist()
    loads_kw = {
        (bus, "p_kw"): float(kw * random.uniform())
        for bus, kw in definition.meters.items()
    }

    def write(c: sa.Connection) -> None:
        now = store.now()
        measurements.add(c, MARKET, starts_at, loads_kw, WORKER, now)
        for device, price in zip(devices, prices, strict=True):
            offers = [make_offer(device.name, [(device.p_kw, price)])]
            ledger.place(c, MARKET, starts_at, device.participant, offers, now)

    store.write(write)
