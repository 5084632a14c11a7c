"""Offers are checked whole: everything that is wrong is told at once."""

from __future__ import annotations

import pytest

from tieline.service.store.offers import Block, Offer, make_offer, read_offer
from tieline.service.store.refusals import Refusal


def test_plain_values_and_back():
    offer = make_offer("battery", [(5, 0.1), (2.5, -0.2)], "charge")
    assert offer == Offer("battery", (Block(5, 0.1), Block(2.5, -0.2)), "charge")
    assert offer.p_kw == 7.5
    assert read_offer(offer.to_plain()) == offer


def test_everything_that_is_wrong_is_told():
    blocks = [(float("nan"), 0.1), (1.0, float("inf")), (0.0, 0.1), (1.0, 0.1)]
    with pytest.raises(Refusal) as caught:
        make_offer("battery", blocks, "sideways")  # type: ignore[arg-type]
    told = str(caught.value)
    assert all(f"block {number} " in told for number in (1, 2, 3))
    assert "block 4 " not in told
    assert "sideways" in told
    with pytest.raises(Refusal, match="offers no block"):
        make_offer("battery", [])
