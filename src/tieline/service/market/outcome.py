"""`Outcome`: what came of an interval: dispatch, prices in parts, settlement, and what became of every block that was offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from tieline.opf.settlement import Line
from tieline.service.market.book import Bid

Status = Literal["cleared", "fallback", "unmet"]
"""cleared: by the program, confirmed on AC; fallback: the last safe dispatch goes on; unmet: none is safe, and none is given."""


class SetPoint(NamedTuple):
    """What a device injects [kW]."""

    device: str
    participant: str
    p_discharge_kw: float


class NodePrice(NamedTuple):
    """Parts of the price at a phase of a bus [currency/kWh]."""

    bus: str
    phase: int
    energy: float
    loss: float
    voltage: float
    congestion: float

    @property
    def price(self) -> float:
        """Their sum."""
        return self.energy + self.loss + self.voltage + self.congestion


class BlockFate(NamedTuple):
    """What became of a block.

    Attributes:
        bid_id, device, block: which.
        p_kw, price_per_kwh: what was offered.
        cleared_kw: what of it is taken.
        paid_per_kwh: what a kilowatt-hour of the device is worth; NaN where nothing was priced.
        reason: why not all of it is taken; empty where it is.
    """

    bid_id: int
    device: str
    block: int
    p_kw: float
    price_per_kwh: float
    cleared_kw: float
    paid_per_kwh: float
    reason: str


class BidFate(NamedTuple):
    """What became of a bid: cleared if any of its blocks is taken."""

    is_cleared: bool
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What came of an interval.

    Attributes:
        status, reason: how it was found, and why not by a program.
        dispatch: devices that give something.
        prices: of every phase of every bus; those of the last cleared interval in a fallback.
        lines: settlement in whole cents, sums to zero.
        blocks: of all bids.
        fates: of all bids, by id.
        state: what the next interval begins with, `MarketState.to_bytes`; None if nothing is known yet.
        facts: numbers for people: losses, voltages, regions.
    """

    status: Status
    reason: str
    dispatch: Sequence[SetPoint]
    prices: Sequence[NodePrice]
    lines: Sequence[Line]
    blocks: Sequence[BlockFate]
    fates: Mapping[int, BidFate]
    state: bytes | None
    facts: Mapping[str, Any] = field(default_factory=dict)


def fates_of(bids: Sequence[Bid], blocks: Sequence[BlockFate]) -> dict[int, BidFate]:
    """Fate of each bid by what became of its blocks."""
    reasons: dict[int, list[str]] = {bid.bid_id: [] for bid in bids}
    has_sold: set[int] = set()
    for block in blocks:
        if block.cleared_kw > 0:
            has_sold.add(block.bid_id)
        else:
            reasons[block.bid_id].append(f"{block.device}: {block.reason}")
    fates = {}
    for bid in bids:
        is_cleared = bid.bid_id in has_sold
        reason = "" if is_cleared else _first_of(reasons[bid.bid_id])
        fates[bid.bid_id] = BidFate(is_cleared, reason)
    return fates


def rejected(bids: Sequence[Bid], reason: str) -> dict[int, BidFate]:
    """The fate of bids of which nothing is taken for one reason."""
    return {bid.bid_id: BidFate(False, reason) for bid in bids}


def _first_of(reasons: Sequence[str]) -> str:
    """The first reason and how many more there are."""
    if not reasons:
        return "it offers nothing"
    more = len(reasons) - 1
    return f"{reasons[0]} (and {more} more)" if more else reasons[0]
