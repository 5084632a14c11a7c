"""Clearings of an interval, by revision. One transaction writes a clearing and lets it count; at any time one revision counts.

Every bid that was acknowledged has a fate in it: cleared, or rejected with a reason. Those of the book come with the clearing, or
its draft is refused; bids that were replaced or withdrawn have theirs by the ledger (`fates`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from tieline.service.store import fates, intervals, revision_requests
from tieline.service.store.drafts import Draft, make_draft, next_key
from tieline.service.store.fail_points import reach
from tieline.service.store.fence import Token, require_newest
from tieline.service.store.outcome import (
    Clearing,
    ClearingKey,
    Fate,
    NodePrice,
    Published,
    SetPoint,
    Settled,
    Status,
)
from tieline.service.store.refusals import UnknownRevision
from tieline.service.store.tables import clearings, dispatch, prices, settlement
from tieline.service.store.tables import intervals as intervals_table
from tieline.service.store.tables import revision_requests as requests_table


def publish(c: sa.Connection, draft: Draft, token: Token | None, now: datetime) -> int:
    """Keep a clearing and let it count in place of an earlier one; returns its revision.

    Args:
        c: connection.
        draft: of the clearing.
        token: of the job that worked it out; None if no job did, as for the dispatch of a missed deadline.
        now: the moment.

    Raises:
        LateWorker: if the job went on without this worker.
    """
    if token is not None:
        require_newest(c, token)
    clearing = draft.clearing
    key = next_key(c, clearing)
    if key != draft.key:
        # another clearing of the interval came between
        draft = make_draft(c, clearing)
    row = {
        **key._asdict(),
        "status": clearing.status,
        "reason": clearing.reason,
        "book_digest": clearing.book_digest,
        "outcome_digest": draft.outcome_digest,
        "facts": dict(clearing.facts),
        "state": clearing.state,
        "began_from": clearing.began_from,
        "began_revision": clearing.began_revision,
        "job_id": None if token is None else token.job_id,
        "published_at": now,
    }
    c.execute(clearings.insert().values(row))
    reach("clearings: clearing written")
    for bulk in draft.outcome:
        bulk.write(c)
    draft.fates.write(c)
    reach("clearings: fates written")
    reach("clearings: before publication")
    intervals.publish(c, clearing.market, clearing.starts_at, key.revision, now)
    reach("clearings: published")
    return key.revision


def published(
    c: sa.Connection, market: str, starts_at: datetime, *, with_fates: bool = True
) -> Published | None:
    """The clearing that counts; None if there is none yet.

    Raises:
        UnknownMarket, UnknownInterval: if there is no such interval.
    """
    interval = intervals.get(c, market, starts_at)
    if interval.published is None:
        return None
    key = ClearingKey(market, starts_at, interval.published)
    return _read(c, key, with_fates=with_fates)


def find(
    c: sa.Connection,
    market: str,
    starts_at: datetime,
    revision: int,
    *,
    with_fates: bool = True,
) -> Published:
    """A clearing of an interval, whether it counts or not.

    Raises:
        UnknownMarket, UnknownInterval, UnknownRevision: if there is none.
    """
    intervals.get(c, market, starts_at)
    key = ClearingKey(market, starts_at, revision)
    return _read(c, key, with_fates=with_fates)


def book_fates(
    c: sa.Connection,
    market: str,
    starts_at: datetime,
    revision: int | None = None,
    participant: str | None = None,
) -> dict[int, Fate]:
    """What became of the bids that counted, by the id of the bid; nothing before there is a clearing.

    Args:
        c: connection.
        market: its name.
        starts_at: when the interval starts.
        revision: of the clearing; the one that counts if None.
        participant: whose bids; those of all if None.

    Raises:
        UnknownMarket, UnknownInterval, UnknownRevision: if there is none.
    """
    number = intervals.get(c, market, starts_at).published
    if revision is not None:
        _require_row(c, ClearingKey(market, starts_at, revision))
        number = revision
    if number is None:
        return {}
    return fates.of_book(c, ClearingKey(market, starts_at, number), participant)


def latest(
    c: sa.Connection, market: str, before: datetime, status: Status | None = None
) -> Published | None:
    """The clearing that counts of the last interval before a moment that has one; of that status, if it is given.

    Left out are its fates, thousands of rows that the next interval does not need.
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
    return _read(c, ClearingKey(market, starts_at, revision), with_fates=False)


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
    return [_read(c, ClearingKey(market, starts_at, number)) for number in numbers]


def _require_row(c: sa.Connection, whose: ClearingKey) -> sa.RowMapping:
    """The row of a clearing."""
    rows = _rows(c, clearings, whose)
    if not rows:
        raise UnknownRevision(
            f"Interval {whose.starts_at.isoformat()} of market '{whose.market}' has no clearing {whose.revision}. Ask for its "
            "revisions first."
        )
    return rows[0]


def _read(
    c: sa.Connection, whose: ClearingKey, *, with_fates: bool = True
) -> Published:
    row = _require_row(c, whose)
    clearing = Clearing(
        market=whose.market,
        starts_at=whose.starts_at,
        book_digest=row["book_digest"],
        status=row["status"],
        reason=row["reason"],
        dispatch=_as(SetPoint, _rows(c, dispatch, whose)),
        prices=_as(NodePrice, _rows(c, prices, whose)),
        settlement=_as(Settled, _rows(c, settlement, whose)),
        fates=fates.of_clearing(c, whose) if with_fates else {},
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


def _rows(
    c: sa.Connection, table: sa.Table, whose: ClearingKey
) -> Sequence[sa.RowMapping]:
    key = whose._asdict()
    is_theirs = [table.c[name] == value for name, value in key.items()]
    statement = table.select().where(*is_theirs)
    ordered = statement.order_by(*table.primary_key.columns)
    return c.execute(ordered).mappings().all()


def _as(kind: Any, rows: Sequence[sa.RowMapping]) -> tuple[Any, ...]:
    return tuple(kind(**{name: row[name] for name in kind._fields}) for row in rows)
