"""A book as the minute takes it: each block of a bid is a seller at the bus of its device."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tieline.service.market.stage import Stage
from tieline.service.store.ledger import Bid
from tieline.typing import FloatArray


@dataclass(frozen=True)
class Place:
    """Where a block stands.

    Attributes:
        seller: its number.
        bid_id, device: whose it is.
        block: its number in the offer, from 1.
        p_kw, price: what is offered [kW, currency/kWh].
    """

    seller: int
    bid_id: int
    device: str
    block: int
    p_kw: float
    price: float


@dataclass(frozen=True, eq=False)
class Sale:
    """A book as the minute takes it: offer and limit of every seller, (seller,) each, and whose they are."""

    offer: FloatArray
    p_max_kw: FloatArray
    places: tuple[Place, ...]


def sale_of(stage: Stage, bids: Iterable[Bid]) -> Sale:
    """The bids of a book, which `bid_problems` found nothing wrong with, as sellers."""
    offer = np.zeros(stage.n_sellers)
    p_max_kw = np.zeros(stage.n_sellers)
    places = []
    for bid in bids:
        for of_device in bid.offers:
            first = stage.first_seller_of[of_device.device]
            for k, (p_kw, price) in enumerate(of_device.blocks):
                seller = first + k
                offer[seller] = price
                p_max_kw[seller] = p_kw
                place = Place(seller, bid.bid_id, of_device.device, k + 1, p_kw, price)
                places.append(place)
    return Sale(offer, p_max_kw, tuple(places))
