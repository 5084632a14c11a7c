"""Bids at the door."""

from __future__ import annotations

import math

import pytest

from tieline.service.market.bid_check import bid_problems, door_of
from tieline.service.store.offers import Block, Direction, Offer


def offer(
    device: str, *blocks: tuple[float, float], direction: Direction = "discharge"
) -> Offer:
    return Offer(device, tuple(Block(*block) for block in blocks), direction)


@pytest.mark.parametrize(
    ("offers", "word"),
    [
        ([offer("south", (300, 0.05), (300, 0.06))], None),
        ([], "offers nothing"),
        ([offer("nroth", (1, 0.1))], "'nroth'"),
        ([offer("north", (1, 0.1))], "not one of participant 'bob'"),
        ([offer("south", (400, 0.05), (201, 0.06))], "601 kW; it injects 600"),
        ([offer("south", (1, 0.1), (1, 0.2), (1, 0.3))], "3 blocks"),
        ([offer("south", (math.nan, 0.1))], "no number"),
        ([offer("south", (10, -0.1))], "below 0"),
        ([offer("south", (10, 0.2), (10, 0.1))], "falling price"),
        ([offer("south", (-10, 0.2))], "p_discharge_kw only"),
        ([offer("south", (10, 0.2), direction="charge")], "p_discharge_kw only"),
        ([offer("south", (1, 0.1)), offer("south", (1, 0.1))], "offered twice"),
    ],
)
def test_a_bid_is_refused_for_what_is_wrong_with_it(definition, offers, word) -> None:
    findings = bid_problems(door_of(definition.as_values()), "bob", offers)
    if word is None:
        assert findings == []
    else:
        assert word in findings[0]


def test_all_findings_come_together(definition) -> None:
    offers = [
        offer("north", (1, 0.1)),
        offer("west", (700, 0.2)),
        offer("east", (1, 1)),
    ]
    assert len(bid_problems(door_of(definition.as_values()), "bob", offers)) == 3
