"""Who keeps time: `tick` does what is due, in one transaction; a `Timekeeper` looks whether something is.

    1  intervals that begin within the time ahead are opened, at first when a worker is ready to clear them
    2  gates that are reached close, and a job is put for each interval
    3  an interval past its deadline that nobody has cleared gets the last safe dispatch

All of it is in the database, and doing it twice changes nothing: any number of processes may keep time, and after a crash of all
of them the next one goes on. The web process does, so that a market has a dispatch even where no worker lives.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from importlib import import_module

import sqlalchemy as sa

from tieline.service.collector import set_aside_loaded
from tieline.service.jobs import queue, workers
from tieline.service.jobs.kinds import find_kind
from tieline.service.market.definition import Definition
from tieline.service.market.gates import Interval
from tieline.service.market.known import KnownMarkets
from tieline.service.market.publish import publish
from tieline.service.market.question import ask
from tieline.service.store import Store, intervals
from tieline.service.store.drafts import make_draft
from tieline.service.store.refusals import StoreError

LOOK_S = 0.1
"""Between two looks where nothing is due sooner: what other processes did is seen within it."""

SHORTEST_S = 0.02
"""Between two looks at least: a small part of the half second between a gate and its dispatch."""

RETRY_S = 1.0
"""Before another look when one failed."""

LOG = logging.getLogger(__name__)

CLEAR = "clear"
"""Kind of the jobs."""

NOBODY = "no clearing came before the deadline"


def tick(c: sa.Connection, catalogue: KnownMarkets, now: datetime) -> None:
    """Do what is due at a moment."""
    definitions = catalogue.all_of(c)
    for definition in definitions:
        for interval in _unopened(c, definition, now):
            intervals.open_(c, definition.name, *interval, now)
    intervals.close_due(c, now)
    for definition in definitions:
        for interval in intervals.not_cleared(c, definition.name):
            if now < definition.gates.deadline(interval.gate_at):
                _put_job(c, interval, now)
            else:
                _fall_back(c, definition, interval, now)


def next_due(
    c: sa.Connection, catalogue: KnownMarkets, now: datetime
) -> datetime | None:
    """The first moment at which `tick` has something to do, `now` if it has by now; None if none is known. Only reads."""
    moments = []
    gate_at = intervals.next_gate(c)
    if gate_at is not None:
        moments.append(gate_at)
    for definition in catalogue.all_of(c):
        if _unopened(c, definition, now):
            return now
        closed = intervals.not_cleared(c, definition.name)
        moments += [definition.gates.deadline(i.gate_at) for i in closed]
    return max(now, min(moments)) if moments else None


def _unopened(
    c: sa.Connection, definition: Definition, now: datetime
) -> list[Interval]:
    """Intervals that take bids now and are not in the database yet."""
    newest = intervals.newest(c, definition.name)
    is_running = newest is not None and newest > now
    # a market begins, and after a pause begins again, once somebody is ready to clear it
    if not is_running and not _has_worker(c, now):
        return []
    return list(
        definition.gates.open_at(now, definition.clock, definition.local_zone, newest)
    )


def _has_worker(c: sa.Connection, now: datetime) -> bool:
    """Whether a worker of markets is there and ready."""
    return any(
        CLEAR in worker.kinds and worker.ready_at is not None
        for worker in workers.present(c, now)
    )


def _put_job(c: sa.Connection, interval: intervals.Interval, now: datetime) -> None:
    """A job for an interval; one that has its job gets no other."""
    starts_at = interval.starts_at.isoformat()
    kind = find_kind(CLEAR)
    queue.put(
        c,
        CLEAR,
        {"market": interval.market, "interval": starts_at},
        now,
        dedup=f"{CLEAR} {interval.market} {starts_at}",
        most_attempts=kind.most_attempts,
        limit_s=kind.limit_s,
    )


def _fall_back(
    c: sa.Connection,
    definition: Definition,
    interval: intervals.Interval,
    now: datetime,
) -> None:
    # not at the top: it loads the programs' settlement, and the web process begins without
    from tieline.service.market.fallback import last_safe_dispatch

    question = ask(c, interval.market, interval.starts_at)
    clearing = last_safe_dispatch(definition, question, NOBODY)
    publish(c, make_draft(c, clearing), None, now)


class Timekeeper:
    """Keeps time in a thread: `with Timekeeper(store): ...`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = KnownMarkets()
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="tieline-time", daemon=True
        )

    def __enter__(self) -> Timekeeper:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        # seconds of loading must not come when the first deadline is missed
        import_module("tieline.service.market.fallback")
        set_aside_loaded()
        pause_s = SHORTEST_S
        while not self._stopped.wait(pause_s):
            try:
                pause_s = self.look()
            except StoreError:
                # the database may come back: gates that are reached meanwhile close then
                pause_s = RETRY_S
            # a market whose clock has silently stopped would take bids for ever: it is told, and tried again
            except Exception:
                LOG.exception("the timekeeper could not do what is due")
                pause_s = RETRY_S

    def look(self) -> float:
        """Do what is due, if anything is; returns after how long to look again [s]."""
        now = self._store.now()
        with self._store.read() as c:
            moment = next_due(c, self._known, now)
        if moment is None:
            return LOOK_S
        if moment == now:
            self._store.write(lambda c: tick(c, self._known, self._store.now()))
            return SHORTEST_S
        return min((moment - now).total_seconds(), LOOK_S)
