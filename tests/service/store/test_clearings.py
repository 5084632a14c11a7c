"""A clearing is published whole or not at all, from the book as it is in the ledger, with a fate for every bid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bid_market import END, GATE, MARKET, OPENED, START, add_market, an_offer
from tieline.bench.service.toy_market import clear
from tieline.service.jobs import queue
from tieline.service.jobs.job import Done, Job
from tieline.service.store import Store, clearings, events, intervals, ledger
from tieline.service.store.clearings import Clearing, Fate
from tieline.service.store.refusals import Conflict, LateWorker

SOON = OPENED + timedelta(seconds=1)


def bid(store: Store, who: str, kw: float = 1.0, price: float = 0.1) -> int:
    offers = [an_offer(who, kw, price)]
    receipt = store.write(lambda c: ledger.place(c, MARKET, START, who, offers, SOON))
    return receipt.bid_id


def close(store: Store) -> ledger.Book:
    store.write(lambda c: intervals.close_due(c, GATE))
    with store.read() as c:
        return ledger.book(c, MARKET, START)


def claim(store: Store) -> Job:
    store.write(lambda c: queue.put(c, "clear", {}, GATE))
    job = store.write(lambda c: queue.claim(c, "worker", ["clear"], GATE))
    assert job is not None
    return job


def published(store: Store) -> clearings.Published | None:
    with store.read() as c:
        return clearings.published(c, MARKET, START)


def test_what_is_published_is_what_is_read(store: Store):
    add_market(store, "ann", "bob")
    bid(store, "ann", 100.0, 0.3)
    bid(store, "bob", 0.001, 0.1)
    clearing = clear(close(store))
    revision = store.write(lambda c: clearings.publish(c, clearing, None, GATE))
    kept = published(store)
    assert kept is not None
    assert (revision, kept.revision, kept.published_at) == (1, 1, GATE)
    assert kept.clearing.prices == tuple(clearing.prices)
    assert kept.clearing.dispatch == tuple(clearing.dispatch)
    assert kept.clearing.settlement == tuple(clearing.settlement)
    assert kept.clearing.outcome_digest == clearing.outcome_digest
    with store.read() as c:
        assert (
            clear(ledger.book(c, MARKET, START)).outcome_digest == kept.outcome_digest
        )
        assert intervals.get(c, MARKET, START).state == "cleared"


def test_replaced_and_withdrawn_bids_get_a_fate_with_a_reason(store: Store):
    add_market(store, "ann", "bob")
    first = bid(store, "ann")
    second = bid(store, "ann", 2.0)
    third = bid(store, "bob")
    gone = store.write(lambda c: ledger.withdraw(c, MARKET, START, "bob", SOON))
    clearing = clear(close(store))
    store.write(lambda c: clearings.publish(c, clearing, None, GATE))
    kept = published(store)
    assert kept is not None
    assert set(kept.clearing.fates) == {first, second, third}
    assert kept.clearing.fates[first] == Fate("rejected", f"replaced by {second}")
    assert kept.clearing.fates[third] == Fate("rejected", f"withdrawn by {gone.bid_id}")


def test_a_bid_without_a_fate_stops_the_clearing(store: Store):
    add_market(store, "ann")
    bid(store, "ann")
    clearing = replace(clear(close(store)), fates={})
    with pytest.raises(Conflict, match="without a fate"):
        store.write(lambda c: clearings.publish(c, clearing, None, GATE))
    assert published(store) is None


def test_another_book_or_an_open_one_is_refused(store: Store):
    add_market(store, "ann")
    clearing = Clearing(MARKET, START, "no such book")
    with pytest.raises(Conflict, match="still open"):
        store.write(lambda c: clearings.publish(c, clearing, None, SOON))
    close(store)
    with pytest.raises(Conflict, match="another book"):
        store.write(lambda c: clearings.publish(c, clearing, None, GATE))


def test_a_second_revision_takes_the_place_of_the_first(store: Store):
    add_market(store, "ann")
    clearing = clear(close(store))
    fallback = replace(clearing, status="fallback", reason="too late", prices=())
    store.write(lambda c: clearings.publish(c, fallback, None, GATE))
    assert store.write(lambda c: clearings.publish(c, clearing, None, END)) == 2
    kept = published(store)
    assert kept is not None
    assert (kept.revision, kept.clearing.status) == (2, "cleared")
    with store.read() as c:
        statuses = [r.clearing.status for r in clearings.revisions(c, MARKET, START)]
        told = events.since(c, intervals.topic(MARKET))
    assert statuses == ["fallback", "cleared"]
    revisions = [e.payload["revision"] for e in told if e.kind == "interval-cleared"]
    assert revisions == [1, 2]


def test_a_late_worker_publishes_nothing(store: Store):
    add_market(store, "ann")
    bid(store, "ann")
    clearing = clear(close(store))
    job = claim(store)
    after_lease = GATE + timedelta(hours=1)
    store.write(lambda c: queue.sweep(c, after_lease))

    def publish_late(c):
        clearings.publish(c, clearing, job.token, after_lease)

    with pytest.raises(LateWorker):
        store.write(publish_late)
    assert published(store) is None


def test_a_clearing_whose_job_cannot_be_ended_is_not_kept(store: Store):
    add_market(store, "ann")
    clearing = clear(close(store))
    job = claim(store)

    def publish_and_end(c):
        clearings.publish(c, clearing, job.token, GATE)
        queue.cancel(c, job.job_id, "the deadline passed", GATE)
        queue.finish(c, job.token, Done(), GATE)

    with pytest.raises(LateWorker):
        store.write(publish_and_end)
    assert published(store) is None
