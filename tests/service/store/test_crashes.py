"""What was acknowledged survives crashes, as a state machine says it must: bid, withdraw, gate, clear, crash, restart.

A crash here is an exception at a fail point in the writing thread, which ends the thread with its transaction open; the database
is then opened anew. What processes that are killed leave behind, `tests/bench/service/test_rounds.py` asks.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from postgres_cluster import IN_MEMORY
from soak.amount import amount
from tieline.bench.service import toy_market
from tieline.bench.service.invariants import violations
from tieline.service.jobs import queue
from tieline.service.jobs.job import Done, Job
from tieline.service.store import (
    Store,
    clearings,
    intervals,
    ledger,
    markets,
    open_store,
    people,
    revision_requests,
)
from tieline.service.store.clock import Clock
from tieline.service.store.drafts import make_draft
from tieline.service.store.fail_points import arm
from tieline.service.store.offers import make_offer
from tieline.service.store.refusals import GateClosed, Refusal

MARKET = "toy"
NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PEOPLE = ("ann", "bob", "cid")
POINTS_OF_A_WRITE = (
    "writer: gathered",
    "writer: transaction begun",
    "writer: work done",
    "writer: before commit",
    "writer: committed",
    "writer: before acknowledgement",
)
POINTS_OF_A_BID = (*POINTS_OF_A_WRITE, "ledger: bid written")
POINTS_OF_A_CLEARING = (
    *POINTS_OF_A_WRITE,
    "clearings: clearing written",
    "clearings: fates written",
    "clearings: before publication",
    "clearings: published",
    "queue: before the end is written",
)


class Crash(BaseException):
    """The process dies here."""


class Service(RuleBasedStateMachine):
    """A store beside a model of it: the bids that were acknowledged, and how far each interval is."""

    address = ""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.clock = Clock(lambda: self.now)
        self.folder = Path(tempfile.mkdtemp(prefix="tieline-", dir=IN_MEMORY))
        self.store = self.open()
        self.acknowledged: dict[int, list] = {}
        self.books: dict[datetime, dict[str, int]] = {}
        self.gates: dict[datetime, datetime] = {}
        self.cleared: dict[datetime, str] = {}

    def open(self) -> Store:
        return open_store(f"sqlite:///{self.folder}/crash.db", self.clock)

    def teardown(self) -> None:
        arm(None)
        self.store.close()
        shutil.rmtree(self.folder)

    # rules

    @initialize()
    def begin(self) -> None:
        def add(c):
            markets.add(c, MARKET, {}, "USD", self.now)
            for name in PEOPLE:
                people.add_participant(c, name, "participant", self.now)

        self.store.write(add)
        self.open_interval()

    @precondition(lambda self: len(self.gates) < 4)
    @rule()
    def open_interval(self) -> None:
        starts_at = self.next_start()
        gate_at = starts_at - MINUTE
        self.store.write(
            lambda c: intervals.open_(
                c, MARKET, starts_at, starts_at + MINUTE, gate_at, self.now
            )
        )
        self.gates[starts_at] = gate_at
        self.books[starts_at] = {}

    @rule(
        who=st.sampled_from(PEOPLE),
        p_kw=st.floats(0.1, 20),
        price=st.floats(-0.1, 1),
        data=st.data(),
    )
    def bid(self, who: str, p_kw: float, price: float, data) -> None:
        starts_at = data.draw(st.sampled_from(sorted(self.gates)))
        offers = [make_offer(who, [(p_kw, price)])]
        self.try_bid(starts_at, who, offers, "")

    @rule(who=st.sampled_from(PEOPLE), data=st.data())
    def withdraw(self, who: str, data) -> None:
        starts_at = data.draw(st.sampled_from(sorted(self.gates)))
        self.try_bid(starts_at, who, [], "")

    @rule(
        who=st.sampled_from(PEOPLE),
        point=st.sampled_from(POINTS_OF_A_BID),
        is_bid=st.booleans(),
        data=st.data(),
    )
    def crash_in_a_bid(self, who: str, point: str, is_bid: bool, data) -> None:
        starts_at = data.draw(st.sampled_from(sorted(self.gates)))
        offers = [make_offer(who, [(1.0, 0.1)])] if is_bid else []
        self.try_bid(starts_at, who, offers, point)

    @rule(seconds=st.integers(-90, 90))
    def time_passes_or_the_clock_is_set_back(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def close_gates(self) -> None:
        now = self.store.now()
        closed = self.store.write(lambda c: intervals.close_due(c, now))
        for interval in closed:
            assert self.gates[interval.starts_at] <= now

    @rule(point=st.sampled_from(("", "", *POINTS_OF_A_CLEARING)))
    def clear_one(self, point: str) -> None:
        with self.store.read() as c:
            waiting = intervals.not_cleared(c, MARKET)
        if not waiting:
            return
        starts_at = waiting[0].starts_at
        job = self.claimed(starts_at)
        with self.store.read() as c:
            clearing = toy_market.clear(ledger.book(c, MARKET, starts_at))
            draft = make_draft(c, clearing)

        def publish(c):
            clearings.publish(c, draft, job.token, self.store.now())
            queue.finish(c, job.token, Done(), self.store.now())

        if self.has_survived(publish, point):
            self.cleared[starts_at] = clearing.outcome_digest

    @precondition(lambda self: self.cleared)
    @rule(point=st.sampled_from(("", *POINTS_OF_A_CLEARING)), data=st.data())
    def revise_one(self, point: str, data) -> None:
        starts_at = data.draw(st.sampled_from(sorted(self.cleared)))
        job = self.claimed(starts_at, is_revision=True)
        with self.store.read() as c:
            before = intervals.get(c, MARKET, starts_at).published
            clearing = toy_market.clear(ledger.book(c, MARKET, starts_at))
            draft = make_draft(c, clearing)

        def publish(c):
            clearings.publish(c, draft, job.token, self.store.now())
            queue.finish(c, job.token, Done(), self.store.now())

        is_kept = self.has_survived(publish, point)
        with self.store.read() as c:
            counting = intervals.get(c, MARKET, starts_at).published
        assert before is not None
        assert counting == before + is_kept

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = self.open()

    # what must be true at any time

    @invariant()
    def nothing_is_lost(self) -> None:
        with self.store.read() as c:
            assert violations(c, self.acknowledged) == []

    @invariant()
    def books_are_those_of_the_model(self) -> None:
        with self.store.read() as c:
            for starts_at, bid_ids in self.books.items():
                book = ledger.book(c, MARKET, starts_at)
                assert {bid.participant: bid.bid_id for bid in book.bids} == bid_ids

    @invariant()
    def what_was_published_stays(self) -> None:
        with self.store.read() as c:
            for starts_at, digest in self.cleared.items():
                published = clearings.published(c, MARKET, starts_at)
                assert published is not None
                assert published.outcome_digest == digest

    # the steps

    def next_start(self) -> datetime:
        last = max((*self.gates, self.store.now()))
        return last.replace(second=0) + 3 * MINUTE

    def try_bid(self, starts_at: datetime, who: str, offers: list, point: str) -> None:
        now = self.store.now()
        receipts = []

        def work(c):
            if offers:
                receipt = ledger.place(c, MARKET, starts_at, who, offers, now)
            else:
                receipt = ledger.withdraw(c, MARKET, starts_at, who, now)
            receipts.append(receipt)

        try:
            is_kept = self.has_survived(work, point)
        except GateClosed:
            assert now >= self.gates[starts_at] or self.state(starts_at) != "open"
            return
        except Refusal:
            assert not offers
            assert who not in self.books[starts_at]
            return
        if not is_kept or not receipts:
            return
        assert now < self.gates[starts_at]
        receipt = receipts[-1]
        self.acknowledged[receipt.bid_id] = [offer.to_plain() for offer in offers]
        self.books[starts_at].pop(who, None)
        if offers:
            self.books[starts_at][who] = receipt.bid_id

    def has_survived(self, work: Callable, point: str) -> bool:
        """Whether the work was kept, through a crash at a point if one is named."""

        def die(reached: str) -> None:
            if reached == point:
                raise Crash(point)

        arm(die if point else None)
        try:
            self.store.write(work)
        except Crash:
            arm(None)
            self.store.close()
            self.store = self.open()
            # a commit that returned is kept, whether or not someone was told
            return point in ("writer: committed", "writer: before acknowledgement")
        finally:
            arm(None)
        return True

    def claimed(self, starts_at: datetime, is_revision: bool = False) -> Job:
        """The job of an interval, taken over from whoever had it when the process crashed."""
        # jobs of its own kind for each interval: another one may have been left by a crash
        kind = f"{'revise' if is_revision else 'clear'} {starts_at.isoformat()}"

        def claim(c):
            now = self.store.now()
            later = now + timedelta(hours=1)
            if not queue.has_work(c, [kind], later):
                job_id = queue.put(c, kind, {}, now, most_attempts=1000)
                if is_revision:
                    asked = (MARKET, starts_at, "meters", "ops", job_id, now)
                    revision_requests.add(c, *asked)
            queue.sweep(c, later)
            return queue.claim(c, "worker", [kind], later + timedelta(hours=1))

        job = self.store.write(claim)
        assert job is not None
        return job

    def state(self, starts_at: datetime) -> str:
        with self.store.read() as c:
            return intervals.get(c, MARKET, starts_at).state


@pytest.fixture
def silent_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that a crash ends say nothing."""
    monkeypatch.setattr(threading, "excepthook", lambda _: None)


@pytest.mark.usefixtures("silent_threads")
def test_nothing_is_lost_whatever_happens():
    run_state_machine_as_test(
        Service,
        settings=settings(
            max_examples=amount(8),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
