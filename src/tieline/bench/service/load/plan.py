"""What callers are told to do, and what they tell of it. Imports nothing heavy: their process shares the server's machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

MARKET = "measured"
"""Name of the market that is bid in."""

LOWEST, HIGHEST = 0.04, 0.12
"""Prices are drawn around the reference price of 0.10, so that some bids are taken and some are not [currency/kWh]."""


@dataclass(frozen=True)
class Bidder:
    """A participant: its key, its one device, and the most that this injects [kW]."""

    participant: str
    key: str
    device: str
    p_kw: float


@dataclass(frozen=True)
class Plan:
    """What callers do.

    Attributes:
        host, port: of the server.
        rate: bids a second.
        seconds: for how long [s].
        seed: of instants, bidders and prices.
        bidders: who calls.
    """

    host: str
    port: int
    rate: float
    seconds: float
    seed: int
    bidders: Sequence[Bidder]


class Sample(NamedTuple):
    """A bid and what became of it.

    Attributes:
        planned_s, sent_s, answered_s: after the beginning [s].
        status: of the answer; 0 if none came.
        problem: kind of the refusal; empty for a bid that was taken.
        bid_id: of the ledger; 0 for one that was refused.
        device, p_kw, price: what was offered.
    """

    planned_s: float
    sent_s: float
    answered_s: float
    status: int
    problem: str
    bid_id: int
    device: str
    p_kw: float
    price: float

    @property
    def latency_ms(self) -> float:
        """From the planned instant to the whole answer [ms]."""
        return 1000 * (self.answered_s - self.planned_s)
