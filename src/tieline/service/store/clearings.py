"""Clearings of an interval, by revision. One transaction writes a clearing and lets it count; at any time one revision counts.

Every bid that was acknowledged has a fate in it: cleared, or rejected with a reason. Bids that were replaced or withdrawn get
theirs here; those of the book must come with the clearing, or it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from tieline.service.store import intervals, ledger, revision_requests
from tieline.service.store.fail_points import reach
from tieline.service.store.fence import Token, require_newest
from tieline.service.store.outcome import (
    Clearing,
    Fate,
    NodePrice,
    Published,
    SetPoint,
    Settled,
    Status,
)
from tieline.service.store.refusals import Conflict, UnknownRevision
from tieline.service.store.tables import (
    bids,
    clearings,
    dispatch,
    fates,
    prices,
    settlement,
)
from tieline.service.store.tables import intervals as intervals_table
from tieline.service.store.tables import revision_requests as requests_table


def publish(
    c: sa.Connection, clearing: Clearing, token: Token | None, now: datetime
) -> int:
    """Keep a clearing and let it count in place of an earlier one; returns its revision.

    Args:
        c: connection.
        clearing: with a fate for every bid of the book.
        token: of the job that worked it out; None if no job did, as for the dispatch of a missed deadline.
        now: the moment.

    Raises:
        LateWorker: if the job went on without this worker.
        UnknownMarket, UnknownInterval: if there is no such interval.
        Conflict: if the interval is still open, its book is another, or bids have no fate.
    """
    if token is not None:
        require_newest(c, token)
    interval = intervals.get(c, clearing.market, clearing.starts_at)
    _require_of_book(c, interval, clearing)
    revision = _next_revision(c, clearing)
    whose = _Key(clearing.market, clearing.starts_at, revision)
    job_id = None if token is None else token.job_id
    row = {
        **whose._asdict(),
        "status": clearing.status,
        "reason": clearing.reason,
        "book_digest": clearing.book_digest,
        "outcome_digest": clearing.outcome_digest,
        "facts": dict(clearing.facts),
        "state": clearing.state,
        "began_from": clearing.began_from,
        "began_revision": clearing.began_revision,
        "job_id": job_id,
        "published_at": now,
    }
    c.execute(clearings.insert().values(row))
    reach("clearings: clearing written")
    _write_outcome(c, clearing, whose)
    reach("clearings: before publication")
    intervals.publish(c, clearing.market, clearing.starts_at, revision, now)
    reach("clearings: published")
    return revision


def published(c: sa.Connection, market: str, starts_at: datetime) -> Published | None:
    """The clearing that counts; None if there is none yet.

    Raises:
        UnknownMarket, UnknownInterval: if there is no such interval.
    """
    interval = intervals.get(c, market, starts_at)
    if interval.published is None:
        return None
    return _read(c, _Key(market, starts_at, interval.published))


def find(
    c: sa.Connection, market: str, starts_at: datetime, revision: int
) -> Published:
    """A clearing of an interval, whether it counts or not.

    Raises:
        UnknownMarket, UnknownInterval, UnknownRevision: if there is none.
    """
    intervals.get(c, market, starts_at)
    return _read(c, _Key(market, starts_at, revision))


def latest(
    c: sa.Connection, market: str, before: datetime, status: Status | None = None
) -> Published | None:
    """The clearing that counts of the last interval before a moment that has one; of that status, if it is given.

    Left out are its settlement and fates, thousands of rows that the next interval does not need.
    """
    counts = intervals_table.c
    joined = clearings.join(
        intervals_table,
        sa.and_(
            clearings.c.market == counts.market,
            clearings.c.starts_at == counts.starts_at,
            clearings.c.revision == counts.published,
        ),
    )
    condition = (counts.market == market) & (counts.starts_at < before)
    if status is not None:
        condition &= clearings.c.status == status
    statement = sa.select(counts.starts_at).select_from(joined).where(condition)
    newest = statement.order_by(counts.starts_at.desc()).limit(1)
    starts_at = c.execute(newest).scalar()
    if starts_at is None:
        return None
    revision = intervals.get(c, market, starts_at).published
    assert revision is not None  # it was asked for as one that counts
    return _read(c, _Key(market, starts_at, revision), is_whole=False)


class ClearingHead(NamedTuple):
    """A clearing without what hangs on it; `because` is why the interval was cleared again, empty for the first."""

    revision: int
    published_at: datetime
    status: Status
    reason: str
    because: str


def heads(c: sa.Connection, market: str, starts_at: datetime) -> list[ClearingHead]:
    """All clearings of an interval in short, the first one first."""
    columns = clearings.c
    because = sa.func.coalesce(requests_table.c.reason, "").label("because")
    statement = sa.select(
        columns.revision, columns.published_at, columns.status, columns.reason, because
    )
    joined = clearings.outerjoin(
        requests_table, requests_table.c.job_id == columns.job_id
    )
    is_theirs = (columns.market == market) & (columns.starts_at == starts_at)
    ordered = statement.select_from(joined).where(is_theirs).order_by(columns.revision)
    return [ClearingHead(**row) for row in c.execute(ordered).mappings()]


def revisions(c: sa.Connection, market: str, starts_at: datetime) -> list[Published]:
    """All clearings of an interval, the first one first."""
    statement = sa.select(clearings.c.revision).where(
        clearings.c.market == market, clearings.c.starts_at == starts_at
    )
    numbers = c.execute(statement.order_by(clearings.c.revision)).scalars().all()
    return [_read(c, _Key(market, starts_at, number)) for number in numbers]


class _Key(NamedTuple):
    """What the tables know a clearing by."""

    market: str
    starts_at: datetime
    revision: int


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


def _next_revision(c: sa.Connection, clearing: Clearing) -> int:
    statement = sa.select(sa.func.max(clearings.c.revision)).where(
        clearings.c.market == clearing.market,
        clearings.c.starts_at == clearing.starts_at,
    )
    return (c.execute(statement).scalar() or 0) + 1


def _write_outcome(c: sa.Connection, clearing: Clearing, whose: _Key) -> None:
    _add(c, dispatch, whose, [row._asdict() for row in clearing.dispatch])
    _add(c, prices, whose, [row._asdict() for row in clearing.prices])
    _add(c, settlement, whose, [row._asdict() for row in clearing.settlement])
    rows = [
        {"bid_id": bid_id, **fate._asdict()} for bid_id, fate in clearing.fates.items()
    ]
    _add(c, fates, whose, rows)
    c.execute(_REJECT_SUPERSEDED, whose._asdict())
    reach("clearings: fates written")


def _add(
    c: sa.Connection, table: sa.Table, whose: _Key, rows: list[dict[str, Any]]
) -> None:
    if rows:
        c.execute(table.insert(), [{**whose._asdict(), **row} for row in rows])


def _reject_superseded() -> sa.Insert:
    """Fates of bids that a later row of the same participant replaced or withdrew.

    By the database, which does not have to hand out the rows: a busy interval has thousands, and bids wait for this transaction.
    """

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
    verb = sa.case((followed.c.next_act == "withdraw", "withdrawn"), else_="replaced")
    next_id = sa.cast(followed.c.next_id, sa.Text)
    values = {
        "market": sa.bindparam("market", type_=fates.c.market.type),
        "starts_at": sa.bindparam("starts_at", type_=fates.c.starts_at.type),
        "revision": sa.bindparam("revision", type_=fates.c.revision.type),
        "bid_id": followed.c.bid_id,
        "fate": sa.literal("rejected"),
        "reason": verb + " by " + next_id,
        "blocks": sa.literal([], fates.c.blocks.type),
    }
    superseded = sa.select(*values.values()).where(
        followed.c.act != "withdraw", followed.c.next_id.is_not(None)
    )
    return fates.insert().from_select(list(values), superseded)


_REJECT_SUPERSEDED = _reject_superseded()


def _read(c: sa.Connection, whose: _Key, *, is_whole: bool = True) -> Published:
    rows = _rows(c, clearings, whose)
    if not rows:
        raise UnknownRevision(
            f"Interval {whose.starts_at.isoformat()} of market '{whose.market}' has no clearing {whose.revision}. Ask for its "
            "revisions first."
        )
    row = rows[0]
    fate_rows = _rows(c, fates, whose) if is_whole else []
    settlement_rows = _rows(c, settlement, whose) if is_whole else []
    clearing = Clearing(
        market=whose.market,
        starts_at=whose.starts_at,
        book_digest=row["book_digest"],
        status=row["status"],
        reason=row["reason"],
        dispatch=_as(SetPoint, _rows(c, dispatch, whose)),
        prices=_as(NodePrice, _rows(c, prices, whose)),
        settlement=_as(Settled, settlement_rows),
        fates={
            r["bid_id"]: Fate(r["fate"], r["reason"], tuple(r["blocks"]))
            for r in fate_rows
        },
        facts=row["facts"],
        state=row["state"],
        began_from=row["began_from"],
        began_revision=row["began_revision"],
    )
    return Published(
        revision=whose.revision,
        published_at=row["published_at"],
        outcome_digest=row["outcome_digest"],
        clearing=clearing,
        request=revision_requests.of_job(c, row["job_id"]),
    )


def _rows(c: sa.Connection, table: sa.Table, whose: _Key) -> Sequence[sa.RowMapping]:
    key = whose._asdict()
    is_theirs = [table.c[name] == value for name, value in key.items()]
    statement = table.select().where(*is_theirs)
    ordered = statement.order_by(*table.primary_key.columns)
    return c.execute(ordered).mappings().all()


def _as(kind: Any, rows: Sequence[sa.RowMapping]) -> tuple[Any, ...]:
    return tuple(kind(**{name: row[name] for name in kind._fields}) for row in rows)
