"""What did not go as asked in the clearings that count: dispatches that had to stand in, and bids of which nothing was taken.

A clearing has hundreds of prices, and an hour of a fast day has hundreds of clearings: here the troubles alone are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from tieline.service.store.tables import bids, clearings, fates, intervals


class StandIn(NamedTuple):
    """A clearing that found no dispatch of its own, `fallback` or `unmet`, and why."""

    starts_at: datetime
    published_at: datetime
    status: str
    reason: str


class RejectedBid(NamedTuple):
    """A bid of which nothing was taken, and why."""

    starts_at: datetime
    published_at: datetime
    participant: str
    reason: str


def stand_ins(
    c: sa.Connection, market: str, first: datetime, last: datetime
) -> list[StandIn]:
    """Clearings that count without a dispatch of their own, of intervals that start from `first` to before `last`."""
    columns = (clearings.c.status, clearings.c.reason)
    condition = _is_between(market, first, last) & (clearings.c.status != "cleared")
    statement = _select(columns).select_from(_published()).where(condition)
    return [StandIn(*row) for row in c.execute(statement)]


def rejected_bids(
    c: sa.Connection, market: str, first: datetime, last: datetime
) -> list[RejectedBid]:
    """Bids of which nothing was taken, of intervals that start from `first` to before `last`."""
    columns = (bids.c.participant, fates.c.reason)
    of_clearing = sa.and_(
        fates.c.market == clearings.c.market,
        fates.c.starts_at == clearings.c.starts_at,
        fates.c.revision == clearings.c.revision,
    )
    joined = _published().join(fates, of_clearing)
    with_bids = joined.join(bids, bids.c.bid_id == fates.c.bid_id)
    condition = _is_between(market, first, last) & (fates.c.fate == "rejected")
    statement = _select(columns).select_from(with_bids).where(condition)
    return [RejectedBid(*row) for row in c.execute(statement.order_by(bids.c.bid_id))]


def _select(columns: Sequence[sa.ColumnElement[Any]]) -> sa.Select:
    return sa.select(clearings.c.starts_at, clearings.c.published_at, *columns)


def _published() -> sa.Join:
    """Clearings that count, one for each interval."""
    counts = sa.and_(
        clearings.c.market == intervals.c.market,
        clearings.c.starts_at == intervals.c.starts_at,
        clearings.c.revision == intervals.c.published,
    )
    return intervals.join(clearings, counts)


def _is_between(market: str, first: datetime, last: datetime) -> sa.ColumnElement[bool]:
    starts_at = intervals.c.starts_at
    return (intervals.c.market == market) & (starts_at >= first) & (starts_at < last)
