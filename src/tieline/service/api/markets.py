"""Markets, their intervals, and what was published of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from tieline.service.api.auth import Anybody
from tieline.service.api.bodies import published as shown
from tieline.service.api.bodies.base import Moment
from tieline.service.api.shown_clearings import (
    shown_dispatch,
    shown_interval,
    shown_prices,
    shown_settlement,
)
from tieline.service.store import clearings, intervals, markets
from tieline.service.store.clearings import Published
from tieline.service.store.markets import MarketRow
from tieline.service.web import events
from tieline.service.web.names import MarketName
from tieline.service.web.problems import Refusal, documented
from tieline.service.web.service import ServiceHere

ROUTES = APIRouter(prefix="/v1/markets", tags=["markets"])

LONGEST = timedelta(days=2)
"""Of the intervals that one answer lists: 2880 minutes."""

LARGEST_REVISION = 1_000_000
"""More than an interval has: what a database takes as a number is larger."""

IntervalStart = Annotated[
    Moment, Path(description="When the interval starts, with its zone.")
]

Revision = Annotated[
    int | None,
    Query(
        ge=1,
        le=LARGEST_REVISION,
        description="Number of a clearing; the one that counts if not given.",
    ),
]

NOT_THERE = documented("not-there", "not-valid")


@ROUTES.get("", responses=documented())
def listed(service: ServiceHere, person: Anybody) -> shown.Markets:
    """The markets there are."""
    del person
    with service.store.read() as connection:
        rows = markets.all_of(connection)
    return shown.Markets(markets=[_shown(market) for market in rows])


@ROUTES.get("/{market}", responses=NOT_THERE)
def one(market: MarketName, service: ServiceHere, person: Anybody) -> shown.MarketShown:
    """A market: feeder, devices, rules, gates."""
    del person
    with service.store.read() as connection:
        return _shown(markets.find(connection, market))


def _shown(market: MarketRow) -> shown.MarketShown:
    return shown.MarketShown(
        market=market.name, currency=market.currency, definition=market.definition
    )


@ROUTES.get("/{market}/intervals", responses=NOT_THERE)
def listed_intervals(
    market: MarketName,
    service: ServiceHere,
    person: Anybody,
    earliest: Annotated[
        Moment | None, Query(description="Default: an hour ago.")
    ] = None,
    latest: Annotated[
        Moment | None, Query(description="Default: a day after the earliest.")
    ] = None,
) -> shown.Intervals:
    """Intervals that start from `earliest` on and before `latest`, at most two days of them."""
    del person
    if earliest is None:
        earliest = service.store.now() - timedelta(hours=1)
    end = _end(earliest, latest)
    with service.store.read() as connection:
        markets.find(connection, market)
        rows = intervals.between(connection, market, earliest, end)
    return shown.Intervals(intervals=[shown_interval(row) for row in rows])


def _end(earliest: datetime, latest: datetime | None) -> datetime:
    """Where a list of intervals ends."""
    try:
        longest = earliest + LONGEST
    except OverflowError:
        # the last days that a calendar of four digits has
        return latest or earliest
    return min(latest or longest, longest)


@ROUTES.get("/{market}/intervals/{interval}", responses=NOT_THERE)
def one_interval(
    market: MarketName, interval: IntervalStart, service: ServiceHere, person: Anybody
) -> shown.IntervalShown:
    """An interval and how far it is."""
    del person
    with service.store.read() as connection:
        return shown_interval(intervals.get(connection, market, interval))


def find_published(
    market: MarketName,
    interval: IntervalStart,
    service: ServiceHere,
    revision: Revision = None,
) -> tuple[MarketRow, Published]:
    """A clearing of an interval without fates of bids: the one of a number, else the one that counts."""
    with service.store.read() as connection:
        row = markets.find(connection, market)
        if revision is not None:
            clearing = clearings.find(
                connection, market, interval, revision, with_fates=False
            )
            return row, clearing
        counting = clearings.published(connection, market, interval, with_fates=False)
    if counting is None:
        detail = f"Interval {interval.isoformat()} of market '{market}' is not cleared yet. Follow the market's events."
        raise Refusal("not-there", detail)
    return row, counting


FoundPublished = Annotated[tuple[MarketRow, Published], Depends(find_published)]


@ROUTES.get("/{market}/intervals/{interval}/dispatch", responses=NOT_THERE)
def dispatch(person: Anybody, clearing: FoundPublished) -> shown.Dispatch:
    """What the devices are to do: a participant sees its own."""
    _, counting = clearing
    return shown_dispatch(counting, _whose(person))


@ROUTES.get("/{market}/intervals/{interval}/prices", responses=NOT_THERE)
def prices(person: Anybody, clearing: FoundPublished) -> shown.Prices:
    """The price at every bus and its parts."""
    del person
    market, counting = clearing
    return shown_prices(counting, market.currency)


@ROUTES.get("/{market}/intervals/{interval}/settlement", responses=NOT_THERE)
def settlement(person: Anybody, clearing: FoundPublished) -> shown.Settlement:
    """Who pays and is paid: a participant sees its own."""
    market, counting = clearing
    return shown_settlement(counting, market.currency, _whose(person))


def _whose(person: Anybody) -> str | None:
    """The participant to whom an answer is limited; None: it is not."""
    return person.name if person.role == "participant" else None


def found_stream(market: MarketName, service: ServiceHere, person: Anybody) -> str:
    """The market's name, if there is such a market and one more stream may be opened."""
    del person
    events.require_stream(service)
    with service.store.read() as connection:
        return markets.find(connection, market).name


@ROUTES.get(
    "/{market}/events",
    response_class=EventSourceResponse,
    responses=documented("not-there", "not-valid", "too-many"),
)
async def follow(
    name: Annotated[str, Depends(found_stream)],
    service: ServiceHere,
    last_event_id: events.LastEventId = None,
) -> AsyncIterator[ServerSentEvent]:
    """What happens in a market, as it happens: gates, clearings, prices."""
    topic = intervals.topic(name)
    async for event in events.stream(service, topic, last_event_id or 0):
        yield event
