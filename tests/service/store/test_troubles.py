"""Troubles of the clearings that count, and of no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tieline.service.store import (
    Store,
    clearings,
    intervals,
    ledger,
    markets,
    people,
    troubles,
)
from tieline.service.store.clearings import Clearing, Fate
from tieline.service.store.drafts import make_draft
from tieline.service.store.offers import make_offer
from tieline.service.store.outcome import Status

START = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DEFINITION = {"devices": [{"name": "roof", "participant": "ann"}]}


@pytest.fixture
def troubled(store: Store) -> Store:
    """Three minutes with a bid each: rejected with the last safe dispatch, taken, and open."""
    store.write(_fill)
    return store


def _fill(c: sa.Connection) -> None:
    now = START - MINUTE
    people.add_participant(c, "ann", "participant", now)
    markets.add(c, "board", DEFINITION, "CAD", now)
    starts = [START + MINUTE * k for k in range(3)]
    for start in starts:
        intervals.open_(c, "board", start, start + MINUTE, start, now)
        offer = make_offer("roof", [(80.0, 0.12)])
        ledger.place(c, "board", start, "ann", [offer], now)
    intervals.close_due(c, starts[1])
    _publish(c, starts[0], "fallback", Fate("rejected", "nobody cleared"))
    _publish(c, starts[1], "cleared", Fate("cleared"))


def _publish(c: sa.Connection, start: datetime, status: Status, fate: Fate) -> None:
    book = ledger.book(c, "board", start)
    clearing = Clearing(
        market="board",
        starts_at=start,
        book_digest=book.digest,
        status=status,
        reason=fate.reason,
        fates={bid.bid_id: fate for bid in book.bids},
    )
    clearings.publish(c, make_draft(c, clearing), None, start)


def test_troubles_are_told_with_their_reasons(troubled: Store):
    with troubled.read() as c:
        stand_ins = troubles.stand_ins(c, "board", START, START + 3 * MINUTE)
        rejected = troubles.rejected_bids(c, "board", START, START + 3 * MINUTE)
    assert stand_ins == [troubles.StandIn(START, START, "fallback", "nobody cleared")]
    assert rejected == [troubles.RejectedBid(START, START, "ann", "nobody cleared")]


def test_troubles_of_other_hours_and_markets_are_not(troubled: Store):
    with troubled.read() as c:
        later = troubles.stand_ins(c, "board", START + MINUTE, START + 3 * MINUTE)
        assert later == []
        assert troubles.rejected_bids(c, "other", START, START + MINUTE) == []
