"""What was measured on a feeder before an interval is cleared."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from tieline.service.api.bodies.base import MOST_KW, Body, Moment, Name, PowerKw
from tieline.service.api.bodies.examples import MEASUREMENTS

MOST_ROWS = 20_000
"""Loads or devices of one message: more than the 8500-node feeder has nodes."""

SignedPower = Annotated[float, Field(ge=-MOST_KW, le=MOST_KW)]


OF_A_DEVICE = ("p_charge_kw", "p_discharge_kw", "available_kw", "energy_kwh")
"""Quantities of a device."""


class MeasuredLoad(Body):
    """What a load, or all loads of a bus, took."""

    load: Name = Field(description="Load of the feeder.")
    p_kw: SignedPower = Field(description="Active power, above 0 where it takes [kW].")
    q_kvar: SignedPower = Field(
        default=0.0, description="Reactive power, above 0 where it takes [kvar]."
    )


class MeasuredDevice(Body):
    """What a device did."""

    device: Name = Field(description="Device of the market.")
    p_charge_kw: PowerKw = Field(default=0.0, description="What it took [kW].")
    p_discharge_kw: PowerKw = Field(default=0.0, description="What it gave [kW].")
    available_kw: PowerKw | None = Field(
        default=None, description="What it could have given, as with sun [kW]."
    )
    energy_kwh: PowerKw | None = Field(
        default=None, description="What a store holds [kWh]."
    )


class Measurements(Body):
    """Loads and devices of a feeder at a moment."""

    measured_at: Moment = Field(description="When it was measured.")
    loads: list[MeasuredLoad] = Field(default_factory=list, max_length=MOST_ROWS)
    devices: list[MeasuredDevice] = Field(default_factory=list, max_length=MOST_ROWS)

    model_config = ConfigDict(json_schema_extra={"examples": [MEASUREMENTS]})

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        names = [row.load for row in self.loads] + [row.device for row in self.devices]
        if len(set(names)) < len(names):
            raise ValueError("a load or device stands there twice; send each once")
        return self

    def by_quantity(self) -> dict[tuple[str, str], float]:
        """Every value by load or device and by quantity with its unit, without those that were not sent."""
        values: dict[tuple[str, str], float] = {}
        for load in self.loads:
            values |= _values(load.load, load, ("p_kw", "q_kvar"))
        for device in self.devices:
            values |= _values(device.device, device, OF_A_DEVICE)
        return values


def _values(
    name: str, row: Body, quantities: tuple[str, ...]
) -> dict[tuple[str, str], float]:
    sent = {quantity: getattr(row, quantity) for quantity in quantities}
    return {(name, quantity): v for quantity, v in sent.items() if v is not None}
