"""A clearing is published whole or not at all, from the book as it is in the ledger, with a fate for every bid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.event import listen

from bid_market import END, GATE, MARKET, OPENED, START, add_market, an_offer
from tieline.bench.service.toy_market import clear
from tieline.service.jobs import queue
from tieline.service.jobs.job import Done, Job
from tieline.service.store import Store, clearings, events, intervals, ledger
from tieline.service.store.clearings import Clearing, Fate
from tieline.service.store.drafts import make_draft
from tieline.service.store.refusals import Conflict, LateWorker, UnknownRevision

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
    revision = store.write(
        lambda c: clearings.publish(c, make_draft(c, clearing), None, GATE)
    )
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
    store.write(lambda c: clearings.publish(c, make_draft(c, clearing), None, GATE))
    kept = published(store)
    assert kept is not None
    assert set(kept.clearing.fates) == {first, second, third}
    assert kept.clearing.fates[first] == Fate("rejected", f"replaced by {second}")
    assert kept.clearing.fates[third] == Fate("rejected", f"withdrawn by {gone.bid_id}")


def test_bids_that_were_replaced_cost_the_publication_nothing(store: Store):
    add_market(store, "ann", "bob")
    for k in range(20):
        bid(store, "ann", 1.0 + k)
    bid(store, "bob")
    clearing = clear(close(store))
    with store.read() as c:
        draft = make_draft(c, clearing)
    assert draft.fates.n_rows == 2
    statements: list[str] = []

    def publish(c):
        listen(c, "before_cursor_execute", lambda *said: statements.append(said[2]))
        clearings.publish(c, draft, None, GATE)

    store.write(publish)
    assert any("INTO fates" in said for said in statements)
    assert not any("bids" in said for said in statements)
    kept = published(store)
    assert kept is not None
    assert len(kept.clearing.fates) == 21


def test_fates_of_the_book_are_told_of_one_participant(store: Store):
    add_market(store, "ann", "bob")
    bid(store, "ann")
    valid = bid(store, "ann", 2.0)
    other = bid(store, "bob")
    clearing = clear(close(store))
    with store.read() as c:
        assert clearings.book_fates(c, MARKET, START) == {}
    store.write(lambda c: clearings.publish(c, make_draft(c, clearing), None, GATE))
    with store.read() as c:
        assert set(clearings.book_fates(c, MARKET, START)) == {valid, other}
        of_ann = clearings.book_fates(c, MARKET, START, participant="ann")
        assert of_ann == {valid: clearing.fates[valid]}
        with pytest.raises(UnknownRevision):
            clearings.book_fates(c, MARKET, START, revision=2)


def test_a_draft_that_another_clearing_overtook_gets_the_next_number(store: Store):
    add_market(store, "ann")
    bid(store, "ann")
    clearing = clear(close(store))
    with store.read() as c:
        drafts = [make_draft(c, clearing) for _ in range(2)]
    assert [draft.key.revision for draft in drafts] == [1, 1]
    for number, draft in enumerate(drafts, start=1):
        revision = store.write(
            lambda c, draft=draft: clearings.publish(c, draft, None, GATE)
        )
        assert revision == number
    with store.read() as c:
        digests = [r.outcome_digest for r in clearings.revisions(c, MARKET, START)]
        fates = [r.clearing.fates for r in clearings.revisions(c, MARKET, START)]
    assert digests == 2 * [clearing.outcome_digest]
    assert fates[0] == fates[1]


def test_a_bid_without_a_fate_stops_the_clearing(store: Store):
    add_market(store, "ann")
    bid(store, "ann")
    clearing = replace(clear(close(store)), fates={})
    with pytest.raises(Conflict, match="without a fate"):
        store.write(lambda c: clearings.publish(c, make_draft(c, clearing), None, GATE))
    assert published(store) is None


def test_another_book_or_an_open_one_is_refused(store: Store):
    add_market(store, "ann")
    clearing = Clearing(MARKET, START, "no such book")
    with pytest.raises(Conflict, match="still open"):
        store.write(lambda c: clearings.publish(c, make_draft(c, clearing), None, SOON))
    close(store)
    with pytest.raises(Conflict, match="another book"):
        store.write(lambda c: clearings.publish(c, make_draft(c, clearing), None, GATE))


def test_a_second_revision_takes_the_place_of_the_first(store: Store):
    add_market(store, "ann")
    clearing = clear(close(store))
    fallback = replace(clearing, status="fallback", reason="too late", prices=())
    store.write(lambda c: clearings.publish(c, make_draft(c, fallback), None, GATE))
    with store.read() as c:
        draft = make_draft(c, clearing)
    assert store.write(lambda c: clearings.publish(c, draft, None, END)) == 2
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
        clearings.publish(c, make_draft(c, clearing), job.token, after_lease)

    with pytest.raises(LateWorker):
        store.write(publish_late)
    assert published(store) is None


def test_a_clearing_whose_job_cannot_be_ended_is_not_kept(store: Store):
    add_market(store, "ann")
    clearing = clear(close(store))
    job = claim(store)

    def publish_and_end(c):
        clearings.publish(c, make_draft(c, clearing), job.token, GATE)
        queue.cancel(c, job.job_id, "the deadline passed", GATE)
        queue.finish(c, job.token, Done(), GATE)

    with pytest.raises(LateWorker):
        store.write(publish_and_end)
    assert published(store) is None
