"""What comes of clearing a book: `Clearing`, made of set-points, prices, settlement and the fate of every bid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean
from typing import Any, Literal, NamedTuple

from tieline.files import digest_of
from tieline.service.store.revision_requests import RevisionRequest

Status = Literal["cleared", "fallback", "unmet"]
"""cleared: by the market; fallback: the last safe dispatch goes on; unmet: none is safe, and none is given."""


class SetPoint(NamedTuple):
    """What a device is to do: powers [kW] at or above 0."""

    device: str
    participant: str
    p_charge_kw: float
    p_discharge_kw: float


class NodePrice(NamedTuple):
    """Voltage of a phase of a bus, and the parts of its price [currency/kWh]."""

    bus: str
    phase: int
    v_pu: float
    energy: float
    loss: float
    voltage: float
    congestion: float

    @property
    def price(self) -> float:
        """The sum of the parts."""
        return self.energy + self.loss + self.voltage + self.congestion


class Settled(NamedTuple):
    """What an account delivered of something, and what it gets in whole cents; below 0 it pays.

    `participant` is whose account it is, empty for those of the network.
    """

    account: str
    what: str
    participant: str
    energy_kwh: float
    cents: int


class Fate(NamedTuple):
    """What became of a bid, and of each of its blocks as plain values."""

    fate: Literal["cleared", "rejected"]
    reason: str = ""
    blocks: Sequence[Mapping[str, Any]] = ()


class ClearingKey(NamedTuple):
    """What the tables know a clearing by: its interval, and its number among the clearings of that."""

    market: str
    starts_at: datetime
    revision: int


@dataclass(frozen=True)
class Clearing:
    """What came of clearing a book.

    Attributes:
        market, starts_at: the interval.
        book_digest: `Book.digest` of the book that was cleared.
        status, reason: cleared; or which dispatch stands in its place, and why.
        dispatch, prices, settlement: rows of each.
        fates: by the id of each bid in the book.
        facts: anything else that is told of it, as plain values.
        state: what the next interval begins with.
        began_from: start of the interval whose `state` this one began with; None for the first.
        began_revision: of its clearings the one that left that state.
    """

    market: str
    starts_at: datetime
    book_digest: str
    status: Status = "cleared"
    reason: str = ""
    dispatch: Sequence[SetPoint] = ()
    prices: Sequence[NodePrice] = ()
    settlement: Sequence[Settled] = ()
    fates: Mapping[int, Fate] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    state: bytes | None = field(default=None, repr=False)
    began_from: datetime | None = None
    began_revision: int = 1

    def mean_by_bus(self, column: str) -> dict[str, float]:
        """A column of `prices`, such as `price`, `loss` or `v_pu`: the mean over the phases of each bus."""
        by_bus: dict[str, list[float]] = {}
        for row in self.prices:
            by_bus.setdefault(row.bus, []).append(getattr(row, column))
        return {bus: fmean(values) for bus, values in by_bus.items()}

    @property
    def outcome_digest(self) -> str:
        """SHA-256 of dispatch, prices, settlement and fates: the same book gives the same one again."""
        outcome = {
            "dispatch": sorted(self.dispatch),
            "prices": sorted(self.prices),
            "settlement": sorted(self.settlement),
            "fates": sorted(self.fates.items()),
        }
        return digest_of(outcome)


@dataclass(frozen=True)
class Published:
    """A clearing as it is kept; `clearing.fates` holds those of replaced and withdrawn bids, too.

    `request` is why the interval was cleared again; None for the first clearing.
    """

    revision: int
    published_at: datetime
    outcome_digest: str
    clearing: Clearing
    request: RevisionRequest | None = None
