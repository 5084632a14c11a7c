"""The look at a database after a crash sees what is wrong: each promise is broken by hand, and told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bid_market import GATE, MARKET, OPENED, START, add_market, an_offer
from tieline.bench.service.invariants import violations
from tieline.bench.service.toy_market import clear
from tieline.service.store import (
    Store,
    clearings,
    events,
    intervals,
    ledger,
    open_store,
)
from tieline.service.store.drafts import make_draft


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A cleared interval with a replaced and a withdrawn bid."""
    store = open_store(str(tmp_path / "a.db"))
    add_market(store, "ann", "bob")
    bid(store, "ann", 1.0)
    bid(store, "ann", 2.0)
    bid(store, "bob", 3.0)
    store.write(lambda c: ledger.withdraw(c, MARKET, START, "bob", OPENED))
    store.write(lambda c: intervals.close_due(c, GATE))
    yield store
    store.close()


def bid(store: Store, who: str, kw: float) -> None:
    offers = [an_offer(who, kw)]
    store.write(lambda c: ledger.place(c, MARKET, START, who, offers, OPENED))


def publish(store: Store, **changes) -> None:
    with store.read() as c:
        clearing = replace(clear(ledger.book(c, MARKET, START)), **changes)
    store.write(lambda c: clearings.publish(c, make_draft(c, clearing), None, GATE))


def found(store: Store, acknowledged=None) -> str:
    with store.read() as c:
        return "\n".join(violations(c, acknowledged or {}))


def without_triggers(store: Store, statement: str) -> None:
    def change(c):
        names = c.execute(text("SELECT name FROM sqlite_master WHERE type='trigger'"))
        for name in names.scalars().all():
            c.execute(text(f"DROP TRIGGER {name}"))
        c.execute(text(statement))

    store.write(change)


def test_nothing_is_wrong(store: Store):
    publish(store)
    assert found(store, {1: [an_offer("ann", 1.0).to_plain()], 4: []}) == ""


def test_a_lost_and_a_changed_bid(store: Store):
    told = found(store, {99: [], 1: [an_offer("ann", 7.0).to_plain()]})
    assert "bid 99 was acknowledged as [], and is not there" in told
    assert "bid 1 was acknowledged" in told


def test_a_long_day_of_events_is_no_problem(store: Store):
    topic = intervals.topic(MARKET)

    def tell(c):
        for _ in range(events.MOST + 1):
            events.tell(c, topic, "interval-open", {}, OPENED)

    store.write(tell)
    publish(store)
    assert found(store) == ""


def test_cleared_twice(store: Store):
    publish(store)
    publish(store)
    assert "it was cleared 2 times" in found(store)
    assert "its clearing was told 2 times" in found(store)


def test_prices_that_do_not_follow_from_the_ledger(store: Store):
    publish(store, prices=())
    assert "prices do not follow from the ledger" in found(store)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM fates WHERE bid_id = 2", "bids are without a fate"),
        (
            "UPDATE dispatch SET p_discharge_kw = 77",
            "are not those that were published",
        ),
        ("UPDATE bids SET revision = 9 WHERE bid_id = 2", "bid 2 is out of order"),
        ("UPDATE bids SET received_at = received_at * 2", "came in after the gate"),
        ("UPDATE clearings SET book_digest = 'x'", "another book was cleared"),
    ],
)
def test_rows_that_were_changed(store: Store, statement: str, told: str):
    publish(store)
    without_triggers(store, statement)
    assert told in found(store)
