"""A device that offers both ways has an offer for each in the ledger, and is shown as it was sent."""

from __future__ import annotations

from tieline.service.api.bodies.bids import Bid
from tieline.service.api.offers import as_offers, shown_offers


def test_both_ways_and_back():
    blocks = [
        {"p_discharge_kw": 40.0, "price_per_kwh": 0.11},
        {"p_charge_kw": 25.0, "price_per_kwh": 0.05},
        {"p_discharge_kw": 20.0, "price_per_kwh": 0.19},
    ]
    bid = Bid.model_validate({"offers": [{"device": "bess-3", "blocks": blocks}]})
    offers = as_offers(bid)
    assert [(o.device, o.direction, o.blocks) for o in offers] == [
        ("bess-3", "discharge", ((40.0, 0.11), (20.0, 0.19))),
        ("bess-3", "charge", ((25.0, 0.05),)),
    ]
    (shown,) = shown_offers(offers)
    assert [block.injection_kw for block in shown.blocks] == [40.0, 20.0, -25.0]
