"""What is told of a market: its intervals, and what was published of each."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from tieline.service.api.bodies.base import Moment


class MarketShown(BaseModel):
    """A market."""

    market: str
    currency: str = Field(description="Currency of all its prices and amounts.")
    definition: dict[str, Any] = Field(description="Feeder, devices, rules and gates.")


class Markets(BaseModel):
    """The markets there are."""

    markets: list[MarketShown]


class IntervalShown(BaseModel):
    """An interval and how far it is."""

    market: str
    interval: Moment = Field(description="When it starts; it is known by that.")
    ends_at: Moment
    gate_at: Moment = Field(description="From then on no bid is taken.")
    state: str = Field(description="open, closed or cleared.")
    revision: int | None = Field(
        default=None, description="The clearing that counts; none before there is one."
    )


class Intervals(BaseModel):
    """Intervals of a market, in order."""

    intervals: list[IntervalShown]


class Published(BaseModel):
    """Which clearing is shown."""

    market: str
    interval: Moment
    revision: int
    published_at: Moment
    status: str = Field(
        description="cleared; fallback: the last safe dispatch goes on; unmet: none is safe, and none is given."
    )
    reason: str = Field(description="Why it was not cleared; else empty.")
    because: str = Field(
        description="Why the interval was cleared again; empty for the first clearing."
    )


class SetPoint(BaseModel):
    """What a device is to do."""

    device: str
    participant: str
    p_charge_kw: float
    p_discharge_kw: float


class Dispatch(Published):
    """Set-points of an interval."""

    set_points: list[SetPoint]
    facts: dict[str, Any] = Field(description="What else is told of the clearing.")


class NodePrice(BaseModel):
    """The price at a phase of a bus and the parts it is made of [currency/kWh]."""

    bus: str
    phase: int
    v_pu: float = Field(description="Voltage there [pu].")
    price: float = Field(description="Sum of the parts.")
    energy: float
    loss: float
    voltage: float
    congestion: float


class Prices(Published):
    """Prices of an interval."""

    currency: str
    prices: list[NodePrice]


class Settled(BaseModel):
    """What an account delivered of something and is paid; below 0 it pays."""

    account: str
    what: str
    participant: str = Field(description="Whose account it is; empty: the network's.")
    energy_kwh: float
    cents: int = Field(description="Hundredths of the currency.")


class Settlement(Published):
    """Who pays and is paid for an interval."""

    currency: str
    settled: list[Settled]
