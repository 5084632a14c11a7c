"""`Draft`: a clearing that was held against its book, as rows that wait for the one transaction that lets it count.

    draft = make_draft(c, clearing)        by a connection that only reads
    publish(c, draft, token, now)          by the one that writes, for which bids wait

Once an interval is closed no bid can come, so its book is the same whenever it is read: what was checked before the transaction
holds in it. Of a draft nothing is in the database; one that is not published leaves nothing to clean up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from tieline.service.store import intervals, ledger
from tieline.service.store.bulk import Bulk, Row, make_bulk
from tieline.service.store.outcome import (
    Clearing,
    ClearingKey,
    NodePrice,
    SetPoint,
    Settled,
)
from tieline.service.store.refusals import Conflict
from tieline.service.store.tables import clearings, dispatch, fates, prices, settlement


@dataclass(frozen=True)
class Draft:
    """A clearing that is ready to be written.

    Attributes:
        clearing: with a fate for every bid of the book.
        outcome_digest: of it.
        key: the tables are to know it by, unless another one of the interval was faster.
        outcome: dispatch, prices and settlement.
        fates: of the bids in the book.
    """

    clearing: Clearing
    outcome_digest: str
    key: ClearingKey
    outcome: tuple[Bulk, ...]
    fates: Bulk


def make_draft(c: sa.Connection, clearing: Clearing) -> Draft:
    """The draft of a clearing.

    Args:
        c: connection.
        clearing: with a fate for every bid of the book.

    Raises:
        UnknownMarket, UnknownInterval: if there is no such interval.
        Conflict: if the interval is still open, its book is another, or bids have no fate.
    """
    interval = intervals.get(c, clearing.market, clearing.starts_at)
    _require_of_book(c, interval, clearing)
    key = next_key(c, clearing)

    def bulk_of(table: sa.Table, fields: tuple[str, ...], rows: Iterator[Row]) -> Bulk:
        names = (*key._fields, *fields)
        return make_bulk(c.dialect, table, names, ((*key, *row) for row in rows))

    outcome = (
        bulk_of(dispatch, SetPoint._fields, iter(clearing.dispatch)),
        bulk_of(prices, NodePrice._fields, iter(clearing.prices)),
        bulk_of(settlement, Settled._fields, iter(clearing.settlement)),
    )
    of_bids = ((bid_id, *fate) for bid_id, fate in clearing.fates.items())
    fate_names = ("bid_id", "fate", "reason", "blocks")
    return Draft(
        clearing=clearing,
        outcome_digest=clearing.outcome_digest,
        key=key,
        outcome=outcome,
        fates=bulk_of(fates, fate_names, of_bids),
    )


def next_key(c: sa.Connection, clearing: Clearing) -> ClearingKey:
    """What the next clearing of an interval is known by."""
    statement = sa.select(sa.func.max(clearings.c.revision)).where(
        clearings.c.market == clearing.market,
        clearings.c.starts_at == clearing.starts_at,
    )
    newest = c.execute(statement).scalar() or 0
    return ClearingKey(clearing.market, clearing.starts_at, newest + 1)


def _require_of_book(
    c: sa.Connection, interval: intervals.Interval, clearing: Clearing
) -> None:
    """Refuse what was not worked out from the whole book of a closed interval."""
    where = f"Interval {interval.starts_at.isoformat()} of market '{interval.market}'"
    if interval.state == "open":
        raise Conflict(f"{where} is still open. Close its gate before clearing it.")
    book = ledger.book(c, clearing.market, clearing.starts_at)
    if book.digest != clearing.book_digest:
        raise Conflict(
            f"{where} has another book than the one that was cleared. Clear it again."
        )
    valid_ids = {bid.bid_id for bid in book.bids}
    if valid_ids != set(clearing.fates):
        odd = sorted(valid_ids ^ set(clearing.fates))
        raise Conflict(
            f"{where}: bids {odd} are in its book without a fate, or have one and are not in it."
        )
