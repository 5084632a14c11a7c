"""`Question`: everything that the clearing of an interval depends on, as the database has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from tieline.service.market.measured import Measured
from tieline.service.store import clearings, intervals, ledger, measurements
from tieline.service.store.clearings import NodePrice, Published, SetPoint
from tieline.service.store.ledger import Book
from tieline.service.store.revision_requests import RevisionRequest
from tieline.service.store.tables.base import MICROSECOND

FALLBACK = timedelta(minutes=15)
"""How long the last safe dispatch may go on, in time of the market: loads of a feeder change little within a quarter of an hour,
over which network operators average what they settle. Ours."""


@dataclass(frozen=True)
class LastSafe:
    """The last dispatch that a program found and AC confirmed.

    Attributes:
        starts_at: of its interval.
        dispatch, prices: as published then.
        paid_per_kwh: of each device.
    """

    starts_at: datetime
    dispatch: Sequence[SetPoint]
    prices: Sequence[NodePrice]
    paid_per_kwh: Mapping[str, float]

    @classmethod
    def of(cls, published: Published) -> LastSafe:
        """What a published clearing says of it."""
        clearing = published.clearing
        paid = clearing.facts["paid_per_kwh"]
        return cls(clearing.starts_at, clearing.dispatch, clearing.prices, paid)


@dataclass(frozen=True)
class Question:
    """An interval to be cleared.

    Attributes:
        book: its bids.
        measured: what buses took, as it was known at the gate, or when a revision was asked for.
        state: what the last clearing left, `MarketState.to_bytes`; None before the first.
        began_from, began_revision: the interval and revision of that clearing.
        last: the last safe dispatch, if there was one.
    """

    book: Book
    measured: Sequence[Measured] = ()
    state: bytes | None = None
    began_from: datetime | None = None
    began_revision: int = 1
    last: LastSafe | None = None

    @property
    def market(self) -> str:
        """Name of the market."""
        return self.book.market

    @property
    def starts_at(self) -> datetime:
        """When the interval starts."""
        return self.book.starts_at


def ask(
    c: sa.Connection,
    market: str,
    starts_at: datetime,
    request: RevisionRequest | None = None,
) -> Question:
    """The question of an interval whose gate has closed; the same whenever it is asked, up to what counts before it.

    Args:
        c: connection.
        market: its name.
        starts_at: when the interval starts.
        request: for a revision; what was measured until it was asked for counts.

    Raises:
        UnknownMarket, UnknownInterval: if there is none of that name.
    """
    before = clearings.latest(c, market, starts_at)
    safe = before
    # as a rule the last one was cleared: a clearing has thousands of rows, which are not read twice
    if before is not None and before.clearing.status != "cleared":
        safe = clearings.latest(c, market, starts_at, "cleared")
    return _question(c, market, starts_at, request, before, safe)


def ask_again(c: sa.Connection, published: Published) -> Question:
    """The question that a published clearing answered: asked again, it has the same answer."""
    clearing = published.clearing
    market = clearing.market
    before = None
    if clearing.began_from is not None:
        # that one may have been revised since
        before = clearings.find(c, market, clearing.began_from, clearing.began_revision)
    return _question(c, market, clearing.starts_at, published.request, before, None)


def _question(
    c: sa.Connection,
    market: str,
    starts_at: datetime,
    request: RevisionRequest | None,
    before: Published | None,
    safe: Published | None,
) -> Question:
    """An interval with the clearing that it begins with, and the last safe one."""
    interval = intervals.get(c, market, starts_at)
    until = interval.gate_at
    if request is not None:
        # what came with the request counts
        until = request.asked_at + MICROSECOND
    values = measurements.newest(c, market, starts_at, before=until)
    question = Question(
        book=ledger.book(c, market, starts_at),
        measured=_measured(values),
        last=None if safe is None else LastSafe.of(safe),
    )
    if before is None:
        return question
    return replace(
        question,
        state=before.clearing.state,
        began_from=before.clearing.starts_at,
        began_revision=before.revision,
    )


def _measured(values: Mapping[tuple[str, str], float]) -> list[Measured]:
    """Measurements of buses by name; those of devices are no loads."""
    return [
        Measured(bus, p_kw, values.get((bus, "q_kvar")))
        for (bus, quantity), p_kw in sorted(values.items())
        if quantity == "p_kw"
    ]
