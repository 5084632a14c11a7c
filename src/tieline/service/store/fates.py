"""What became of each bid of an interval: `of_clearing`, or of those that counted, `of_book`.

A clearing writes the fates of the bids in its book. A bid that was replaced or withdrawn before the gate needs no row: the entry
that took its place is in the ledger, which nobody changes, and says which one it was. A busy interval has ten times as many of
them as bids that count. Versions before wrote them with the same words; such rows are read as they are.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tieline.service.store.outcome import ClearingKey, Fate
from tieline.service.store.tables import bids, fates


def of_clearing(c: sa.Connection, key: ClearingKey) -> dict[int, Fate]:
    """Fates of all bids of an interval, by the id of the bid."""
    values = key._asdict()
    by_id = of_book(c, key)
    for bid_id, next_id, next_act in c.execute(_SUPERSEDED, values):
        by_id[bid_id] = Fate("rejected", f"{_VERBS[next_act]} by {next_id}")
    return dict(sorted(by_id.items()))


def of_book(
    c: sa.Connection, key: ClearingKey, participant: str | None = None
) -> dict[int, Fate]:
    """Fates of the bids that a clearing was worked out from, by the id of the bid; of one participant's if it is named."""
    statement = _WRITTEN if participant is None else _WRITTEN_OF_ONE
    values: dict[str, Any] = {**key._asdict(), "participant": participant}
    return {
        bid_id: Fate(fate, reason, tuple(blocks))
        for bid_id, fate, reason, blocks in c.execute(statement, values)
    }


_VERBS = {"place": "replaced", "replace": "replaced", "withdraw": "withdrawn"}
"""What an entry of the ledger does to the bid before it."""

# put together once: every look at a bid asks
_WRITTEN = sa.select(
    fates.c.bid_id, fates.c.fate, fates.c.reason, fates.c.blocks
).where(
    fates.c.market == sa.bindparam("market"),
    fates.c.starts_at == sa.bindparam("starts_at"),
    fates.c.revision == sa.bindparam("revision"),
)
_WRITTEN_OF_ONE = _WRITTEN.join(bids, bids.c.bid_id == fates.c.bid_id).where(
    bids.c.participant == sa.bindparam("participant")
)


def _superseded() -> sa.Select:
    """Bids that a later entry of the same participant followed, with that entry and its act."""

    def next_of(column: sa.Column) -> sa.ColumnElement:
        lead = sa.func.lead(column)
        return lead.over(partition_by=bids.c.participant, order_by=bids.c.bid_id)

    followed = (
        sa.select(
            bids.c.bid_id,
            bids.c.act,
            next_of(bids.c.bid_id).label("next_id"),
            next_of(bids.c.act).label("next_act"),
        )
        .where(
            bids.c.market == sa.bindparam("market"),
            bids.c.starts_at == sa.bindparam("starts_at"),
        )
        .subquery()
    )
    columns = followed.c
    statement = sa.select(columns.bid_id, columns.next_id, columns.next_act)
    return statement.where(columns.act != "withdraw", columns.next_id.is_not(None))


_SUPERSEDED = _superseded()
