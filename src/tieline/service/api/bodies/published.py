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
    method: str = Field(
        description="How it was cleared; a missed deadline publishes the last safe dispatch and says so here."
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


class PriceAtBus(BaseModel):
    """The price at a bus and the parts it is made of [currency/kWh]."""

    bus: str
    price_per_kwh: float = Field(description="Sum of the parts.")
    parts: dict[str, float] = Field(description="energy, loss, voltage, congestion.")


class Prices(Published):
    """Prices of an interval."""

    currency: str
    prices: list[PriceAtBus]


class Settled(BaseModel):
    """What a participant delivered and is paid; below 0 it pays."""

    participant: str
    energy_kwh: float
    amount: float


class Settlement(Published):
    """Who pays and is paid for an interval."""

    currency: str
    settled: list[Settled]
