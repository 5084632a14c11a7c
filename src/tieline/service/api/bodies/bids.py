"""A bid: for each device blocks of power, each with the price from which it is willing."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tieline.service.api.bodies.base import Body, Moment, PowerKw, PricePerKwh
from tieline.service.api.bodies.examples import BID
from tieline.service.web.names import Name

MOST_OFFERS = 1000
"""Devices in one bid: those of an aggregator on one feeder."""

MOST_BLOCKS = 50
"""Blocks of one device; day-ahead markets take 20 to 200 steps a curve."""


class Block(Body):
    """A power and its price; a block either discharges (generates) or charges (takes)."""

    p_discharge_kw: PowerKw = Field(
        default=0.0, description="Power into the feeder [kW]."
    )
    p_charge_kw: PowerKw = Field(
        default=0.0, description="Power out of the feeder [kW]."
    )
    price_per_kwh: PricePerKwh = Field(
        description="Least price at which it discharges, or highest at which it charges [currency/kWh]."
    )

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if (self.p_discharge_kw > 0) == (self.p_charge_kw > 0):
            raise ValueError("a block has either p_discharge_kw or p_charge_kw above 0")
        return self

    @property
    def injection_kw(self) -> float:
        """Power into the feeder, below 0 where it charges [kW]."""
        return self.p_discharge_kw - self.p_charge_kw


class DeviceOffer(Body):
    """What one device offers."""

    device: Name = Field(description="Device of the market.")
    blocks: list[Block] = Field(min_length=1, max_length=MOST_BLOCKS)


class Bid(Body):
    """What a participant offers in one interval; it replaces what this participant bid before."""

    offers: list[DeviceOffer] = Field(min_length=1, max_length=MOST_OFFERS)

    model_config = ConfigDict(json_schema_extra={"examples": [BID]})

    @model_validator(mode="after")
    def _names_a_device_once(self) -> Self:
        names = [offer.device for offer in self.offers]
        if len(set(names)) < len(names):
            raise ValueError("a device is offered twice; put its blocks together")
        return self


class Receipt(BaseModel):
    """A bid is on disk."""

    bid_id: int = Field(description="Row of the ledger.")
    revision: int = Field(
        description="How often this participant has bid or withdrawn in the interval."
    )
    received_at: Moment = Field(description="When it was committed.")


class BidShown(BaseModel):
    """The bid that holds, and what became of it."""

    market: str
    interval: Moment
    participant: str
    bid_id: int
    revision: int
    received_at: Moment
    status: str = Field(description="open, withdrawn, cleared or rejected.")
    reason: str | None = Field(default=None, description="Why it was rejected.")
    offers: list[DeviceOffer]
    blocks: list[dict[str, Any]] = Field(
        default_factory=list, description="What became of each block, once cleared."
    )


class Book(BaseModel):
    """The bids of an interval that hold."""

    market: str
    interval: Moment
    bids: list[BidShown]
