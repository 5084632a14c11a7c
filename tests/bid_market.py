"""A market with one interval, and offers for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tieline.service.store import Store, intervals, markets, people
from tieline.service.store.offers import Offer, make_offer

MARKET = "minute"
START = datetime(2030, 6, 1, 12, 0, tzinfo=UTC)
END = START + timedelta(minutes=1)
GATE = START - timedelta(seconds=10)
OPENED = START - timedelta(minutes=5)


def an_offer(device: str, kw: float, price: float = 0.1) -> Offer:
    """An offer of one block."""
    return make_offer(device, [(kw, price)])


def add_market(store: Store, *names: str) -> None:
    """The market, its interval and participants of these names."""

    def add(c):
        markets.add(c, MARKET, {"feeder": "two buses"}, "USD", OPENED)
        intervals.open_(c, MARKET, START, END, GATE, OPENED)
        for name in names:
            people.add_participant(c, name, "participant", OPENED)

    store.write(add)
