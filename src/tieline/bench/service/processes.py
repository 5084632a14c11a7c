"""What the processes of a crash round do: a server that takes bids and closes gates, and workers that clear.

They are started, killed and started again by `rounds`. Each runs the service's own store, ledger, queue and worker; only the
market is a toy, whose interval lasts a quarter of a second.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

import sqlalchemy as sa

from tieline.bench.service import toy_market
from tieline.service.jobs import queue
from tieline.service.jobs.kinds import PAUSE_OF_MARKETS_S, Answer, Desk, Kind, register
from tieline.service.jobs.worker import Worker
from tieline.service.store import (
    Store,
    clearings,
    intervals,
    ledger,
    markets,
    open_store,
    people,
)
from tieline.service.store.clock import Clock, computer_time
from tieline.service.store.drafts import make_draft
from tieline.service.store.fail_points import arm
from tieline.service.store.offers import make_offer
from tieline.service.store.refusals import Refusal, StoreError

MARKET = "toy"
BIDDERS = 3
"""Threads that bid, each for participants of its own: enough that the writer has groups to gather."""

PARTICIPANTS_EACH = 2

BID_PAUSE_S = 0.01
"""Between two bids of a thread, so that workers get a share of a small machine."""

INTERVAL = timedelta(seconds=0.25)
GATE_BEFORE = timedelta(seconds=0.05)
TICK_S = 0.04
"""Between two looks at gates."""

LEASE_S = 0.5
"""Of the workers: short, so that leases run out within a round."""

CLEARING_S = 0.05
"""What clearing a feeder takes: time enough to be killed or stopped in."""

ENDLESS = 1_000_000
"""Attempts of a job: here workers die for no fault of the job."""

KIND = Kind(
    "toy-clear",
    "tieline.bench.service.processes:clear_interval",
    pause_s=PAUSE_OF_MARKETS_S,
)


@dataclass(frozen=True)
class Fault:
    """How a process is to fail by itself.

    Attributes:
        point: fail point at which it kills itself; empty if it does not.
        passes: how often it passes the point before.
        clock_back_s: how far its clock is set back when it starts [s].
    """

    point: str = ""
    passes: int = 0
    clock_back_s: float = 0.0


def serve(address: str, acknowledgements: str, seed: int, *fault: Any) -> NoReturn:
    """Take bids and close gates until killed.

    Args:
        address: of the database.
        acknowledgements: file to which a line is added for each bid that was acknowledged.
        seed: of the bids.
        fault: how it fails by itself, the values of a `Fault`.
    """
    own_fault = Fault(*fault)
    back = timedelta(seconds=own_fault.clock_back_s)
    store = open_store(address, Clock(lambda: computer_time() - back))
    _prepare(store)
    _arm(own_fault)
    descriptor = os.open(acknowledgements, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for number in range(BIDDERS):
        bidder = _Bidder(store, descriptor, number, seed)
        threading.Thread(target=bidder.bid_for_ever, daemon=True).start()
    while True:
        with suppress(StoreError):
            store.write(lambda c: _tick(c, store.now()))
        time.sleep(TICK_S)


def work(address: str, name: str, *fault: Any) -> NoReturn:
    """Clear intervals until killed; arguments as those of `serve`."""
    register(KIND)
    store = open_store(address)
    _arm(Fault(*fault))
    Worker(store, [KIND.name], name, LEASE_S).work()


ROLES: dict[str, Callable[..., NoReturn]] = {"serve": serve, "work": work}
"""What a process of a crash round may be."""


def clear_interval(payload: dict[str, Any], desk: Desk) -> Answer:
    """The job: clear the book of an interval."""
    starts_at = datetime.fromisoformat(payload["starts_at"])
    with desk.store.read() as c:
        book = ledger.book(c, MARKET, starts_at)
    clearing = toy_market.clear(book)
    time.sleep(CLEARING_S)

    with desk.store.read() as c:
        draft = make_draft(c, clearing)

    def publish(c: sa.Connection) -> None:
        clearings.publish(c, draft, desk.token, desk.store.now())

    return Answer({"bids": len(book.bids)}, publish)


def _prepare(store: Store) -> None:
    def add(c: sa.Connection) -> None:
        markets.add(c, MARKET, {"kind": "toy"}, "USD", store.now())
        for name in _participants():
            if people.find(c, name) is None:
                people.add_participant(c, name, "participant", store.now())

    store.write(add)


def _participants() -> list[str]:
    return [f"p{number}" for number in range(BIDDERS * PARTICIPANTS_EACH)]


def _tick(c: sa.Connection, now: datetime) -> None:
    """Open the next intervals; close those whose gate is due, and have them cleared, in one transaction."""
    for steps in (1, 2):
        starts_at = interval_start(now) + steps * INTERVAL
        gate_at = starts_at - GATE_BEFORE
        if now < gate_at:
            ends_at = starts_at + INTERVAL
            intervals.open_(c, MARKET, starts_at, ends_at, gate_at, now)
    for interval in intervals.close_due(c, now):
        name = interval.starts_at.isoformat()
        payload = {"starts_at": name}
        queue.put(c, KIND.name, payload, now, dedup=name, most_attempts=ENDLESS)


def interval_start(now: datetime) -> datetime:
    """Start of the interval that a moment is in."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return now - (now - midnight) % INTERVAL


class _Bidder:
    """Bids, replaces and withdraws at random, and notes what was acknowledged."""

    def __init__(self, store: Store, descriptor: int, number: int, seed: int):
        self._store = store
        self._descriptor = descriptor
        self._random = random.Random(f"{seed} {number}")
        first = number * PARTICIPANTS_EACH
        self._names = _participants()[first : first + PARTICIPANTS_EACH]

    def bid_for_ever(self) -> NoReturn:
        while True:
            # a closed gate, nothing to withdraw; a server that restarts
            with suppress(Refusal, StoreError):
                self._bid()
            time.sleep(BID_PAUSE_S)

    def _bid(self) -> None:
        name = self._random.choice(self._names)
        now = self._store.now()
        starts_at = interval_start(now) + self._random.choice((1, 2)) * INTERVAL
        act: Callable[[sa.Connection], ledger.BidReceipt]
        if self._random.random() < 0.2:
            offers = []
            act = lambda c: ledger.withdraw(c, MARKET, starts_at, name, now)  # noqa: E731
        else:
            p_kw = self._random.uniform(0.1, 10)
            price = self._random.uniform(0.01, 0.5)
            offers = [make_offer(name, [(p_kw, price), (1.0, 2 * price)])]
            act = lambda c: ledger.place(c, MARKET, starts_at, name, offers, now)  # noqa: E731
        receipt = self._store.write(act)
        plain = [offer.to_plain() for offer in offers]
        self._note(receipt.bid_id, plain)

    def _note(self, bid_id: int, offers: list[dict[str, Any]]) -> None:
        # one write of one line: it is in the file when this returns, whatever becomes of the process
        line = json.dumps([bid_id, offers]) + "\n"
        os.write(self._descriptor, line.encode())


def _arm(fault: Fault) -> None:
    """Have this process kill itself at a fail point."""
    if not fault.point:
        return
    passes = fault.passes

    def act(point: str) -> None:
        nonlocal passes
        if point != fault.point:
            return
        if passes == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        passes -= 1

    arm(act)
