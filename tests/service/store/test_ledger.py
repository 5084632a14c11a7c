"""The ledger takes bids until the gate, keeps every row, and its book is the newest bid of each participant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bid_market import GATE, MARKET, START, add_market, an_offer
from tieline.service.store import Store, intervals, ledger
from tieline.service.store.refusals import (
    Conflict,
    GateClosed,
    UnknownInterval,
    UnknownMarket,
    UnknownParticipant,
)

EARLY = GATE - timedelta(seconds=1)


def place(store: Store, who: str, kw: float, now=EARLY) -> ledger.BidReceipt:
    return store.write(
        lambda c: ledger.place(c, MARKET, START, who, [an_offer(who, kw)], now)
    )


def book_of(store: Store) -> ledger.Book:
    with store.read() as c:
        return ledger.book(c, MARKET, START)


def test_a_bid_is_kept_as_it_was_placed(store: Store):
    add_market(store, "ann")
    receipt = place(store, "ann", 5.0)
    (bid,) = book_of(store).bids
    assert (bid.bid_id, bid.revision, bid.act) == (receipt.bid_id, 1, "place")
    assert bid.offers == (an_offer("ann", 5.0),)
    assert bid.received_at == EARLY


def test_the_newest_bid_of_each_counts_and_all_rows_stay(store: Store):
    add_market(store, "ann", "bob")
    place(store, "ann", 5.0)
    place(store, "bob", 1.0)
    assert place(store, "ann", 7.0).revision == 2
    assert [bid.offers[0].p_kw for bid in book_of(store).bids] == [7.0, 1.0]
    with store.read() as c:
        acts = [bid.act for bid in ledger.rows(c, MARKET, START)]
    assert acts == ["place", "place", "replace"]


def test_a_withdrawn_bid_is_out_and_may_be_placed_again(store: Store):
    add_market(store, "ann")
    place(store, "ann", 5.0)
    store.write(lambda c: ledger.withdraw(c, MARKET, START, "ann", EARLY))
    assert book_of(store).bids == ()
    with pytest.raises(Conflict, match="has no bid"):
        store.write(lambda c: ledger.withdraw(c, MARKET, START, "ann", EARLY))
    assert place(store, "ann", 5.0).revision == 3
    assert book_of(store).bids[0].act == "place"


def test_no_bid_from_the_gate_on(store: Store):
    add_market(store, "ann")
    with pytest.raises(GateClosed, match="Bid for a later interval"):
        place(store, "ann", 5.0, now=GATE)
    store.write(lambda c: intervals.close_due(c, GATE))
    # a clock that was set back opens nothing again
    with pytest.raises(GateClosed):
        place(store, "ann", 5.0, now=EARLY)
    assert book_of(store).bids == ()


def test_unknown_names_are_told_apart(store: Store):
    add_market(store, "ann")
    offers = [an_offer("ann", 1.0)]
    later = START + timedelta(minutes=1)
    with pytest.raises(UnknownMarket, match="Did you mean 'minute'"):
        store.write(lambda c: ledger.place(c, "minutes", START, "ann", offers, EARLY))
    with pytest.raises(UnknownInterval):
        store.write(lambda c: ledger.place(c, MARKET, later, "ann", offers, EARLY))
    with pytest.raises(UnknownParticipant, match="Did you mean 'ann'"):
        store.write(lambda c: ledger.place(c, MARKET, START, "anna", offers, EARLY))


def test_the_database_itself_refuses_to_change_a_bid(store: Store):
    add_market(store, "ann")
    place(store, "ann", 5.0)
    for statement in ("DELETE FROM bids", "UPDATE bids SET offers = '[]'"):
        with pytest.raises(IntegrityError, match="kept as they were written"):
            store.write(lambda c, s=statement: c.execute(text(s)))
    assert len(book_of(store).bids) == 1


def test_digest_depends_on_all_that_a_clearing_may_depend_on(store: Store):
    add_market(store, "ann", "bob")
    place(store, "ann", 5.0)
    first = book_of(store).digest
    assert book_of(store).digest == first
    place(store, "bob", 1.0)
    assert book_of(store).digest != first
