"""Intervals of a market: open -> closed -> cleared. Bids are taken while one is open and its gate has not been reached.

An interval is known by the moment at which it starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from tieline.service.store import events, markets
from tieline.service.store.fail_points import reach
from tieline.service.store.prepared import Prepared
from tieline.service.store.refusals import Conflict, GateClosed, UnknownInterval
from tieline.service.store.tables import intervals

State = Literal["open", "closed", "cleared"]

# asked at every bid and every look of the timekeeper
_BY_START = Prepared(
    intervals.select().where(
        intervals.c.market == sa.bindparam("market"),
        intervals.c.starts_at == sa.bindparam("starts_at"),
    )
)
_NEWEST_START = Prepared(
    sa.select(sa.func.max(intervals.c.starts_at)).where(
        intervals.c.market == sa.bindparam("market")
    )
)
_IS_DUE = (intervals.c.state == "open") & (intervals.c.gate_at <= sa.bindparam("now"))
_NEXT_GATE = Prepared(
    sa.select(sa.func.min(intervals.c.gate_at)).where(intervals.c.state == "open")
)
_DUE = Prepared(intervals.select().where(_IS_DUE).order_by(intervals.c.starts_at))
_NOT_CLEARED = Prepared(
    intervals.select()
    .where(intervals.c.market == sa.bindparam("market"), intervals.c.state == "closed")
    .order_by(intervals.c.starts_at)
)


@dataclass(frozen=True)
class Interval:
    """An interval and how far it is.

    Attributes:
        market, starts_at: its name.
        ends_at: its end.
        gate_at: from then on no bid is taken.
        state: open, closed or cleared.
        closed_at: when its book was closed; None while open.
        published: revision of the clearing that counts; None before there is one.
    """

    market: str
    starts_at: datetime
    ends_at: datetime
    gate_at: datetime
    state: State
    closed_at: datetime | None
    published: int | None


def open_(
    c: sa.Connection,
    market: str,
    starts_at: datetime,
    ends_at: datetime,
    gate_at: datetime,
    now: datetime,
) -> Interval:
    """Open an interval for bids; the same one again changes nothing.

    Raises:
        UnknownMarket: if there is no such market.
        Conflict: if the interval is there with another end or gate, or its times are in no order.
    """
    markets.find(c, market)
    if not gate_at <= starts_at < ends_at:
        raise Conflict(
            f"Interval {starts_at.isoformat()} of market '{market}' must have its gate before its start, and its start before "
            "its end."
        )
    present = _get(c, market, starts_at)
    if present is None:
        values = {"market": market, "starts_at": starts_at, "ends_at": ends_at}
        c.execute(intervals.insert().values(**values, gate_at=gate_at, state="open"))
        _tell(c, market, starts_at, "open", now)
        return get(c, market, starts_at)
    if (present.ends_at, present.gate_at) != (ends_at, gate_at):
        raise Conflict(
            f"Interval {starts_at.isoformat()} of market '{market}' is there with another end or gate."
        )
    return present


def get(c: sa.Connection, market: str, starts_at: datetime) -> Interval:
    """An interval.

    Raises:
        UnknownMarket, UnknownInterval: if there is none.
    """
    present = _get(c, market, starts_at)
    if present is None:
        markets.find(c, market)
        raise UnknownInterval(
            f"Market '{market}' has no interval that starts at {starts_at.isoformat()}. Ask for its intervals first."
        )
    return present


def require_open(
    c: sa.Connection, market: str, starts_at: datetime, now: datetime
) -> Interval:
    """The interval, if it takes bids.

    Raises:
        UnknownMarket, UnknownInterval: if there is none.
        GateClosed: if its gate has been reached.
    """
    interval = get(c, market, starts_at)
    if interval.state != "open" or now >= interval.gate_at:
        raise GateClosed(
            f"The gate of interval {starts_at.isoformat()} of market '{market}' closed at {interval.gate_at.isoformat()}. "
            "Bid for a later interval."
        )
    return interval


def close_due(c: sa.Connection, now: datetime) -> list[Interval]:
    """Close the book of every interval whose gate has been reached; returns those, the earliest first."""
    due = [Interval(*row) for row in _DUE.rows(c, now=now)]
    for interval in due:
        c.execute(
            _row(interval.market, interval.starts_at).values(
                state="closed", closed_at=now
            )
        )
        _tell(c, interval.market, interval.starts_at, "closed", now)
        reach("intervals: gate closed")
    return [get(c, interval.market, interval.starts_at) for interval in due]


def publish(
    c: sa.Connection, market: str, starts_at: datetime, revision: int, now: datetime
) -> None:
    """Let a revision count from now on; `clearings.publish` alone calls this."""
    c.execute(_row(market, starts_at).values(state="cleared", published=revision))
    _tell(c, market, starts_at, "cleared", now, revision=revision)


def between(
    c: sa.Connection, market: str, earliest: datetime, latest: datetime
) -> list[Interval]:
    """Intervals of a market that start from `earliest` on and before `latest`, in order."""
    starts = intervals.c.starts_at
    is_between = (starts >= earliest) & (starts < latest)
    statement = intervals.select().where(intervals.c.market == market, is_between)
    return [Interval(*row) for row in c.execute(statement.order_by(starts))]


def newest(c: sa.Connection, market: str) -> datetime | None:
    """Start of the last interval of a market; None if it has none."""
    ((starts_at,),) = _NEWEST_START.rows(c, market=market)
    return starts_at


def next_gate(c: sa.Connection) -> datetime | None:
    """When the next gate of an open interval is reached, or was; None if none is open."""
    ((gate_at,),) = _NEXT_GATE.rows(c)
    return gate_at


def not_cleared(c: sa.Connection, market: str) -> list[Interval]:
    """Intervals of a market that are closed and wait for their clearing, in order: those of before a crash, too."""
    return [Interval(*row) for row in _NOT_CLEARED.rows(c, market=market)]


def newest_cleared(c: sa.Connection, market: str) -> Interval | None:
    """The latest interval with a clearing; None before there is one."""
    is_cleared = intervals.c.published.is_not(None)
    return _one(c, market, is_cleared, intervals.c.starts_at.desc())


def next_open(c: sa.Connection, market: str, now: datetime) -> Interval | None:
    """The interval whose gate closes next; None if none takes bids."""
    takes_bids = (intervals.c.state == "open") & (intervals.c.gate_at > now)
    return _one(c, market, takes_bids, intervals.c.gate_at)


def topic(market: str) -> str:
    """Topic of the events of a market."""
    return f"markets/{market}"


def _get(c: sa.Connection, market: str, starts_at: datetime) -> Interval | None:
    rows = _BY_START.rows(c, market=market, starts_at=starts_at)
    # in the order of the columns, which is that of the fields
    return Interval(*rows[0]) if rows else None


def _one(
    c: sa.Connection,
    market: str,
    condition: sa.ColumnElement[bool],
    order: sa.ColumnElement[datetime],
) -> Interval | None:
    """The first interval of a market that fits, in an order."""
    is_theirs = (intervals.c.market == market) & condition
    statement = intervals.select().where(is_theirs).order_by(order).limit(1)
    row = c.execute(statement).mappings().one_or_none()
    return None if row is None else Interval(**row)


def _row(market: str, starts_at: datetime) -> sa.Update:
    return intervals.update().where(
        intervals.c.market == market, intervals.c.starts_at == starts_at
    )


def _tell(
    c: sa.Connection,
    market: str,
    starts_at: datetime,
    state: State,
    now: datetime,
    **facts: int,
) -> None:
    payload = {"interval": starts_at.isoformat(), "state": state, **facts}
    events.tell(c, topic(market), f"interval-{state}", payload, now)
