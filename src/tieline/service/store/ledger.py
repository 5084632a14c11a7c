"""The ledger of bids. Placing, replacing and withdrawing add a row; no row is changed or removed.

The book of an interval is what the ledger says of it: the newest row of each participant, unless that is a withdrawal. Once the
gate has closed, no row can come, so the book can be made again at any time, and has the same digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal, NamedTuple

import sqlalchemy as sa

from tieline.errors import unknown_name_message
from tieline.files import digest_of
from tieline.service.store import intervals, people
from tieline.service.store.fail_points import reach
from tieline.service.store.offers import Offer, read_offer
from tieline.service.store.prepared import Prepared
from tieline.service.store.refusals import Conflict, UnknownParticipant
from tieline.service.store.tables import bids, participants

Act = Literal["place", "replace", "withdraw"]

# every bid asks and adds; who is not there and who has not bid are told apart in one question
_IN_INTERVAL = sa.and_(
    bids.c.participant == participants.c.name,
    bids.c.market == sa.bindparam("market"),
    bids.c.starts_at == sa.bindparam("starts_at"),
)
_NEWEST = Prepared(
    sa.select(bids.c.revision, bids.c.act)
    .select_from(participants.outerjoin(bids, _IN_INTERVAL))
    .where(participants.c.name == sa.bindparam("participant"))
    .order_by(bids.c.revision.desc())
    .limit(1)
)
# of the thousands of rows of a busy interval only those that count are read
_NUMBERED = (
    sa.select(
        bids,
        sa.func.max(bids.c.revision)
        .over(partition_by=bids.c.participant)
        .label("newest"),
    )
    .where(
        bids.c.market == sa.bindparam("market"),
        bids.c.starts_at == sa.bindparam("starts_at"),
    )
    .subquery()
)
_BOOK = sa.select(*[_NUMBERED.c[column.name] for column in bids.c]).where(
    _NUMBERED.c.revision == _NUMBERED.c.newest, _NUMBERED.c.act != "withdraw"
)
_ENTERED = [column for column in bids.c if column is not bids.c.bid_id]
_APPEND = Prepared(
    bids.insert()
    .values({column: sa.bindparam(column.name) for column in _ENTERED})
    .returning(bids.c.bid_id)
)


@dataclass(frozen=True)
class BidReceipt:
    """What a participant gets for a bid that is on disk."""

    bid_id: int
    revision: int
    received_at: datetime


@dataclass(frozen=True)
class Bid:
    """A row of the ledger."""

    bid_id: int
    market: str
    starts_at: datetime
    participant: str
    revision: int
    act: Act
    offers: tuple[Offer, ...]
    received_at: datetime


@dataclass(frozen=True)
class Book:
    """The bids of an interval that count, by participant."""

    market: str
    starts_at: datetime
    bids: tuple[Bid, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything a clearing may depend on."""
        rows = [
            [bid.bid_id, bid.participant, [offer.to_plain() for offer in bid.offers]]
            for bid in self.bids
        ]
        interval = self.starts_at.isoformat()
        return digest_of({"market": self.market, "interval": interval, "bids": rows})


def place(
    c: sa.Connection,
    market: str,
    starts_at: datetime,
    participant: str,
    offers: Sequence[Offer],
    now: datetime,
) -> BidReceipt:
    """Place a bid, or replace the one that the participant has in this interval.

    Args:
        c: connection.
        market: its name.
        starts_at: when the interval starts.
        participant: who bids.
        offers: of its devices, as `make_offer` makes them.
        now: when the bid came in.

    Raises:
        UnknownMarket, UnknownInterval, UnknownParticipant: if there is none of that name.
        GateClosed: if the gate has been reached.
    """
    intervals.require_open(c, market, starts_at, now)
    newest = _newest(c, market, starts_at, participant)
    if newest is None:
        raise _unknown(c, participant)
    act: Act = "place" if newest.act == "withdraw" else "replace"
    bid = _Entry(market, starts_at, participant, act, tuple(offers))
    return _append(c, bid, newest, now)


def withdraw(
    c: sa.Connection, market: str, starts_at: datetime, participant: str, now: datetime
) -> BidReceipt:
    """Withdraw the bid that the participant has in this interval.

    Raises:
        UnknownMarket, UnknownInterval: if there is none of that name.
        GateClosed: if the gate has been reached.
        Conflict: if there is no bid.
    """
    intervals.require_open(c, market, starts_at, now)
    newest = _newest(c, market, starts_at, participant)
    if newest is None or newest.act == "withdraw":
        raise Conflict(
            f"Participant '{participant}' has no bid in interval {starts_at.isoformat()} of market '{market}'."
        )
    bid = _Entry(market, starts_at, participant, "withdraw", ())
    return _append(c, bid, newest, now)


def book(c: sa.Connection, market: str, starts_at: datetime) -> Book:
    """The bids that count: at the moment while the interval is open, for good once it is closed.

    Raises:
        UnknownMarket, UnknownInterval: if there is none of that name.
    """
    intervals.get(c, market, starts_at)
    key = {"market": market, "starts_at": starts_at}
    valid = [_read(row) for row in c.execute(_BOOK, key).mappings()]
    # here and not in the database, whose order of letters depends on where it runs
    ordered = sorted(valid, key=lambda bid: bid.participant)
    return Book(market, starts_at, tuple(ordered))


def rows(
    c: sa.Connection, market: str, starts_at: datetime, participant: str | None = None
) -> list[Bid]:
    """Rows of the ledger in an interval, in the order in which they came; those of one participant if it is named."""
    statement = _select(market, starts_at, participant).order_by(bids.c.bid_id)
    return [_read(row) for row in c.execute(statement).mappings()]


def valid_bid(
    c: sa.Connection, market: str, starts_at: datetime, participant: str
) -> Bid | None:
    """The bid of a participant that counts; None if there is none."""
    entries = rows(c, market, starts_at, participant)
    if not entries or entries[-1].act == "withdraw":
        return None
    return entries[-1]


class _Newest(NamedTuple):
    """The last row of a participant in an interval."""

    revision: int
    act: Act


_NOTHING = _Newest(0, "withdraw")
"""Of who has not bid yet: like a bid that was withdrawn, but not counted."""


@dataclass(frozen=True)
class _Entry:
    market: str
    starts_at: datetime
    participant: str
    act: Act
    offers: tuple[Offer, ...]


def _append(
    c: sa.Connection, entry: _Entry, newest: _Newest, now: datetime
) -> BidReceipt:
    revision = newest.revision + 1
    ((bid_id,),) = _APPEND.rows(
        c,
        market=entry.market,
        starts_at=entry.starts_at,
        participant=entry.participant,
        revision=revision,
        act=entry.act,
        offers=[offer.to_plain() for offer in entry.offers],
        received_at=now,
    )
    reach("ledger: bid written")
    return BidReceipt(bid_id, revision, now)


def _newest(
    c: sa.Connection, market: str, starts_at: datetime, participant: str
) -> _Newest | None:
    """The last row of a participant in an interval; None if there is no such participant."""
    rows = _NEWEST.rows(c, market=market, starts_at=starts_at, participant=participant)
    if not rows:
        return None
    newest = _Newest(*rows[0])
    return _NOTHING if newest.revision is None else newest


def _select(market: str, starts_at: datetime, participant: str | None) -> sa.Select:
    condition = (bids.c.market == market) & (bids.c.starts_at == starts_at)
    if participant is not None:
        condition &= bids.c.participant == participant
    return bids.select().where(condition)


def _read(row: sa.RowMapping) -> Bid:
    values = dict(row)
    offers = tuple(read_offer(plain) for plain in values.pop("offers"))
    return Bid(**values, offers=offers)


def _unknown(c: sa.Connection, participant: str) -> UnknownParticipant:
    names = [person.name for person in people.everyone(c)]
    return UnknownParticipant(unknown_name_message("participant", participant, names))
