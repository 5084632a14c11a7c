"""Bids: placed, replaced, read and withdrawn by their own participant, until the gate closes; and measurements of the operator.

201 is sent after the commit is on disk. What is refused leaves nothing.
"""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Path
from fastapi.concurrency import run_in_threadpool

from tieline.service.api.auth import (
    Anybody,
    Bidder,
    Operator,
    require_self,
    require_self_or_all,
)
from tieline.service.api.bodies.bids import Bid, BidShown, Book, Receipt
from tieline.service.api.bodies.measurements import Measurements
from tieline.service.api.known_buses import require_buses
from tieline.service.api.markets import IntervalStart, Revision
from tieline.service.api.offers import as_offers, require_sound, shown_bids
from tieline.service.store import intervals, ledger, measurements
from tieline.service.store.ledger import BidReceipt
from tieline.service.web.names import MarketName, Name
from tieline.service.web.problems import Refusal, documented
from tieline.service.web.service import ServiceHere

ROUTES = APIRouter(prefix="/v1/markets/{market}/intervals/{interval}", tags=["bids"])

Participant = Annotated[Name, Path(description="Who bids: the owner of the key.")]

REFUSED = documented("not-allowed", "not-there", "gate-closed", "conflict", "not-valid")


@ROUTES.put("/bids/{participant}", status_code=201, responses=REFUSED)
async def place(
    bid: Bid,
    market: MarketName,
    interval: IntervalStart,
    participant: Participant,
    bidder: Bidder,
) -> Receipt:
    """Bid in an interval, in place of an earlier bid. Answered once the bid is on disk; refused once the gate is closed."""
    require_self(bidder.person, participant)
    service = bidder.service
    # before the transaction: what takes time must not hold up the bids of others
    offers = as_offers(bid)

    def work(connection: sa.Connection) -> BidReceipt:
        # asked in the transaction: a bid that waited for it until the gate closed is late
        moment = service.store.now()
        bidder.require_key(connection, moment)
        door = service.doors.find(connection, market)
        require_sound(door, participant, offers)
        return ledger.place(connection, market, interval, participant, offers, moment)

    return _receipt(await service.store.write_soon(work))


@ROUTES.delete("/bids/{participant}", responses=REFUSED)
async def withdraw(
    market: MarketName,
    interval: IntervalStart,
    participant: Participant,
    bidder: Bidder,
) -> Receipt:
    """Withdraw a bid before the gate closes."""
    require_self(bidder.person, participant)
    service = bidder.service

    def work(connection: sa.Connection) -> BidReceipt:
        moment = service.store.now()
        bidder.require_key(connection, moment)
        return ledger.withdraw(connection, market, interval, participant, moment)

    return _receipt(await service.store.write_soon(work))


def _receipt(receipt: BidReceipt) -> Receipt:
    return Receipt(
        bid_id=receipt.bid_id,
        revision=receipt.revision,
        received_at=receipt.received_at,
    )


@ROUTES.get(
    "/bids/{participant}", responses=documented("not-allowed", "not-there", "not-valid")
)
def read_own(
    market: MarketName,
    interval: IntervalStart,
    participant: Participant,
    service: ServiceHere,
    person: Anybody,
    revision: Revision = None,
) -> BidShown:
    """The bid that a participant has in an interval, and what became of it."""
    require_self_or_all(person, participant)
    with service.store.read() as connection:
        bids = shown_bids(connection, market, interval, participant, revision)
    if bids:
        return bids[0]
    detail = f"'{participant}' has no bid in interval {interval.isoformat()} of market '{market}'."
    raise Refusal("not-there", detail)


@ROUTES.get("/bids", responses=documented("not-allowed", "not-there", "not-valid"))
def read_book(
    market: MarketName,
    interval: IntervalStart,
    service: ServiceHere,
    person: Anybody,
    revision: Revision = None,
) -> Book:
    """The bids of an interval that count: all of them for an operator, its own for a participant."""
    if person.role == "reader":
        raise Refusal("not-allowed", "A reader sees what is published, and no bids.")
    participant = person.name if person.role == "participant" else None
    with service.store.read() as connection:
        bids = shown_bids(connection, market, interval, participant, revision)
    return Book(market=market, interval=interval, bids=bids)


@ROUTES.put("/measurements", status_code=204, responses=REFUSED)
async def measure(
    values: Measurements,
    market: MarketName,
    interval: IntervalStart,
    service: ServiceHere,
    person: Operator,
) -> None:
    """Send what was measured on the feeder, for the clearing of an interval; a later value of the same quantity counts."""
    # in a thread: the feeder is read once, which takes a moment
    await run_in_threadpool(require_buses, service, market, values.buses)
    rows = values.by_quantity()

    def work(connection: sa.Connection) -> None:
        moment = service.store.now()
        # what comes later has no say in the clearing, and must not seem to have
        intervals.require_open(connection, market, interval, moment)
        measurements.add(connection, market, interval, rows, person.name, moment)

    await service.store.write_soon(work)
