"""What must be true of the database after any crash: `violations(c, acknowledged)`, empty if all of it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tieline.bench.service import toy_market
from tieline.service.store import (
    clearings,
    intervals,
    ledger,
    markets,
    revision_requests,
)
from tieline.service.store.intervals import Interval
from tieline.service.store.ledger import Bid
from tieline.service.store.tables import bids, events

ALWAYS = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)

Acknowledged = Mapping[int, list[dict[str, Any]]]
"""What participants were told is kept: offers as plain values, none for a withdrawal, by the id of the bid."""


def violations(c: sa.Connection, acknowledged: Acknowledged) -> list[str]:
    """A sentence for everything that is not as promised.

    Args:
        c: connection that sees the state after the restart.
        acknowledged: all bids that were.
    """
    problems = lost_bids(c, acknowledged)
    for market in markets.all_of(c):
        told = _told_clearings(c, market.name)
        for interval in intervals.between(c, market.name, ALWAYS, NEVER):
            name = interval.starts_at.isoformat()
            problems += _of_interval(c, interval, told[name])
    return problems


def _told_clearings(c: sa.Connection, market: str) -> Counter[str]:
    """How often the clearing of each interval was told, by the interval's start."""
    statement = sa.select(events.c.payload).where(
        events.c.topic == intervals.topic(market), events.c.kind == "interval-cleared"
    )
    return Counter(payload["interval"] for payload in c.execute(statement).scalars())


def lost_bids(c: sa.Connection, acknowledged: Acknowledged) -> list[str]:
    """Bids that were acknowledged and are not in the ledger, or not as they were."""
    statement = sa.select(bids.c.bid_id, bids.c.offers)
    ledger_offers = {row.bid_id: row.offers for row in c.execute(statement)}
    problems = []
    for bid_id, offers in acknowledged.items():
        present = ledger_offers.get(bid_id, "not there")
        if present != offers:
            problems.append(
                f"bid {bid_id} was acknowledged as {offers}, and is {present}"
            )
    return problems


def _of_interval(c: sa.Connection, interval: Interval, n_told: int) -> list[str]:
    entries = ledger.rows(c, interval.market, interval.starts_at)
    problems = [*_gaps(entries), *late_bids(interval, entries)]
    if interval.published is not None:
        problems += _of_clearing(c, interval, entries)
    if n_told != _n_clearings(c, interval):
        problems.append(f"its clearing was told {n_told} times")
    return [f"{interval.starts_at.isoformat()}: {problem}" for problem in problems]


def _n_clearings(c: sa.Connection, interval: Interval) -> int:
    """How many clearings an interval should have: one, and one for each revision that is done."""
    if interval.published is None:
        return 0
    requests = revision_requests.of_interval(c, interval.market, interval.starts_at)
    return 1 + sum(progress.state == "done" for progress in requests)


def _gaps(entries: Iterable[Bid]) -> list[str]:
    """Revisions of a participant are 1, 2, 3, ..."""
    problems = []
    count: Counter[str] = Counter()
    for bid in entries:
        count[bid.participant] += 1
        if bid.revision != count[bid.participant]:
            problems.append(f"bid {bid.bid_id} is out of order")
    return problems


def late_bids(interval: Interval, entries: Iterable[Bid]) -> list[str]:
    """Bids of an interval that came in after its gate."""
    return [
        f"bid {bid.bid_id} came in after the gate"
        for bid in entries
        if bid.received_at >= interval.gate_at
    ]


def _of_clearing(
    c: sa.Connection, interval: Interval, entries: Iterable[Bid]
) -> list[str]:
    """One clearing and one more for each revision, a fate with a reason for every bid, and prices that follow from the ledger."""
    problems = []
    revisions = clearings.revisions(c, interval.market, interval.starts_at)
    published = revisions[-1]
    if len(revisions) != _n_clearings(c, interval):
        problems.append(f"it was cleared {len(revisions)} times")
    if published.revision != interval.published:
        problems.append("its last clearing does not count")
    bid_ids = {bid.bid_id for bid in entries if bid.act != "withdraw"}
    if set(published.clearing.fates) != bid_ids:
        problems.append("bids are without a fate")
    book = ledger.book(c, interval.market, interval.starts_at)
    anew = toy_market.clear(book)
    if anew.book_digest != published.clearing.book_digest:
        problems.append("another book was cleared than the one in the ledger")
    if anew.outcome_digest != published.outcome_digest:
        problems.append("prices do not follow from the ledger")
    if _digest_of_rows(published, book) != published.outcome_digest:
        problems.append(
            "dispatch, prices or settlement are not those that were published"
        )
    return problems


def _digest_of_rows(published: clearings.Published, book: ledger.Book) -> str:
    """Digest of the rows as they are read, without the fates of bids that did not stay in the book."""
    book_ids = {bid.bid_id for bid in book.bids}
    all_fates = published.clearing.fates.items()
    fates = {bid_id: fate for bid_id, fate in all_fates if bid_id in book_ids}
    return replace(published.clearing, fates=fates).outcome_digest
