"""What was measured on a feeder before an interval is cleared."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from tieline.service.api.bodies.base import MOST_KW, Body, Moment, Name, PowerKw
from tieline.service.api.bodies.examples import MEASUREMENTS

MOST_ROWS = 20_000
"""Loads or devices of one message: more than the 8500-node feeder has nodes."""

SignedPower = Annotated[float, Field(ge=-MOST_KW, le=MOST_KW)]


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
