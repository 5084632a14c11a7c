"""Offers between the API, where a block charges or discharges, and the ledger, where an offer goes one way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from tieline.service.api.bodies.bids import Bid, BidShown, Block, DeviceOffer
from tieline.service.market.bid_check import Door, bid_problems
from tieline.service.store import clearings, intervals, ledger
from tieline.service.store.offers import Direction, Offer, make_offer
from tieline.service.web.problems import Finding, Refusal

WAYS: tuple[Direction, ...] = ("discharge", "charge")


def as_offers(bid: Bid) -> list[Offer]:
    """The offers of a bid: a device that offers both ways has one for each."""
    offers = []
    for offer in bid.offers:
        for direction in WAYS:
            blocks = _blocks(offer, direction)
            if blocks:
                offers.append(make_offer(offer.device, blocks, direction))
    return offers


def _blocks(offer: DeviceOffer, direction: Direction) -> list[tuple[float, float]]:
    """Power and price of the blocks that go one way."""
    powers = [
        (getattr(block, f"p_{direction}_kw"), block.price_per_kwh)
        for block in offer.blocks
    ]
    return [(p_kw, price) for p_kw, price in powers if p_kw > 0]


def require_sound(door: Door, participant: str, offers: Sequence[Offer]) -> None:
    """Refuse what the market cannot clear, with everything that is wrong with it."""
    problems = bid_problems(door, participant, offers)
    if problems:
        findings = [Finding(where="/offers", message=text) for text in problems]
        detail = "The market cannot clear this bid; nothing was stored. Correct it and bid again."
        raise Refusal("not-valid", detail, findings)


def shown_offers(offers: Sequence[Offer]) -> list[DeviceOffer]:
    """Offers of the ledger as they were sent."""
    by_device: dict[str, list[Block]] = {}
    for offer in offers:
        blocks = [
            Block(**{f"p_{offer.direction}_kw": p_kw, "price_per_kwh": price})
            for p_kw, price in offer.blocks
        ]
        by_device.setdefault(offer.device, []).extend(blocks)
    return [
        DeviceOffer(device=device, blocks=blocks)
        for device, blocks in by_device.items()
    ]


def shown_bids(
    connection: sa.Connection,
    market: str,
    starts_at: datetime,
    participant: str | None = None,
    revision: int | None = None,
) -> list[BidShown]:
    """The newest bid of each participant in an interval, or of the one that is given, and what became of it: in the clearing of
    a number, else in the one that counts.
    """
    interval = intervals.get(connection, market, starts_at)
    fates = clearings.book_fates(connection, market, starts_at, revision, participant)
    rows = ledger.rows(connection, market, starts_at, participant)
    # in the order in which they came: the last of a participant stays
    newest = {bid.participant: bid for bid in rows}
    return [
        _shown(bid, interval.state, fates.get(bid.bid_id)) for bid in newest.values()
    ]


def _shown(
    bid: ledger.Bid, state: intervals.State, fate: clearings.Fate | None
) -> BidShown:
    status = "withdrawn" if bid.act == "withdraw" else state
    reason = None
    blocks = []
    if fate is not None:
        status = fate.fate
        reason = fate.reason or None
        blocks = [dict(block) for block in fate.blocks]
    return BidShown(
        market=bid.market,
        interval=bid.starts_at,
        participant=bid.participant,
        bid_id=bid.bid_id,
        revision=bid.revision,
        received_at=bid.received_at,
        status=status,
        reason=reason,
        offers=shown_offers(bid.offers),
        blocks=blocks,
    )
