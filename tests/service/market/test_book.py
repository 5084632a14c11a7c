"""Where blocks stand in a minute."""

from __future__ import annotations

import numpy as np

from tieline.service.market.book import sale_of
from tieline.service.store.ledger import Bid
from tieline.service.store.offers import Block, Direction, Offer


def offer(
    device: str, *blocks: tuple[float, float], direction: Direction = "discharge"
) -> Offer:
    return Offer(device, tuple(Block(*block) for block in blocks), direction)


def test_blocks_are_sellers_at_the_bus_of_their_device(stage, now) -> None:
    offers = (offer("south", (200, 0.05), (100, 0.08)),)
    bid = Bid(7, "small", now, "bob", 1, "place", offers, now)
    sale = sale_of(stage, [bid])
    places = stage.plant.sellers.places
    assert [places[place.seller] for place in sale.places] == ["6", "6"]
    assert sale.p_max_kw.sum() == 300
    assert np.count_nonzero(sale.p_max_kw) == 2
    first, second = (place.seller for place in sale.places)
    assert (sale.offer[first], sale.offer[second]) == (0.05, 0.08)
