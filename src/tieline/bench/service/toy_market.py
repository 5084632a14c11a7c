"""A market small enough to be worked out anew at any time: blocks in merit order up to a demand, at one price.

The crash rounds clear with it, since they ask what becomes of bids and not what a network does to them.
"""

from __future__ import annotations

import hashlib

from tieline.service.store.clearings import (
    Clearing,
    Fate,
    NodePrice,
    SetPoint,
    Settled,
)
from tieline.service.store.ledger import Bid, Book


def demand_kw(book: Book) -> float:
    """What is asked for: the same number for the same interval, between 0 and 20 kW."""
    digest = hashlib.sha256(book.starts_at.isoformat().encode()).digest()
    return 20 * digest[0] / 255


def clear(book: Book) -> Clearing:
    """Serve the demand from the cheapest blocks; the dearest one that is used sets the price.

    Args:
        book: of a closed interval; a bid offers one device of its participant's name.
    """
    price, taken_kw = _merit_order(book)
    hours = 1 / 60
    dispatch = []
    settlement = []
    for bid in book.bids:
        p_kw = taken_kw[bid.bid_id]
        dispatch.append(SetPoint(bid.participant, bid.participant, 0.0, p_kw))
        energy_kwh = p_kw * hours
        cents = round(100 * energy_kwh * price)
        who = bid.participant
        settlement.append(Settled(who, "energy", who, energy_kwh, cents))
    return Clearing(
        market=book.market,
        starts_at=book.starts_at,
        book_digest=book.digest,
        dispatch=dispatch,
        prices=[NodePrice("source", 1, 1.0, price, 0.0, 0.0, 0.0)],
        settlement=settlement,
        fates={bid.bid_id: _fate(bid, taken_kw[bid.bid_id]) for bid in book.bids},
    )


def _merit_order(book: Book) -> tuple[float, dict[int, float]]:
    """The price, and the power taken from each bid [kW]."""
    left_kw = demand_kw(book)
    price = 0.0
    taken_kw = {bid.bid_id: 0.0 for bid in book.bids}
    blocks = [
        (block.price_per_kwh, bid.bid_id, block.p_kw)
        for bid in book.bids
        for offer in bid.offers
        for block in offer.blocks
    ]
    for block_price, bid_id, p_kw in sorted(blocks):
        if left_kw <= 0:
            break
        share_kw = min(p_kw, left_kw)
        taken_kw[bid_id] += share_kw
        left_kw -= share_kw
        price = block_price
    return price, taken_kw


def _fate(bid: Bid, p_kw: float) -> Fate:
    if p_kw > 0:
        return Fate("cleared")
    return Fate("rejected", "dearer than what the demand needed")
