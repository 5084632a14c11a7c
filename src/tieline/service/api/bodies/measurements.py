"""What was measured on a feeder before an interval is cleared."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from tieline.service.api.bodies.base import MOST_KW, Body, Moment
from tieline.service.api.bodies.examples import MEASUREMENTS
from tieline.service.web.names import Name

MOST_BUSES = 20_000
"""Buses of one message: more than the 8500-node feeder has nodes."""

SignedPower = Annotated[float, Field(ge=-MOST_KW, le=MOST_KW)]


class MeasuredBus(Body):
    """What the loads of a bus took together."""

    bus: Name = Field(description="Bus of the feeder.")
    p_kw: SignedPower = Field(description="Active power, above 0 where it takes [kW].")
    q_kvar: SignedPower | None = Field(
        default=None, description="Reactive power, above 0 where it takes [kvar]."
    )


class MeasuredBuses(Body):
    """What buses took, each once."""

    buses: list[MeasuredBus]

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        names = {row.bus.lower() for row in self.buses}
        if len(names) < len(self.buses):
            raise ValueError("a bus stands there twice; send its sum once")
        return self

    def by_quantity(self) -> dict[tuple[str, str], float]:
        """Every value by bus and by quantity with its unit, without those that were not sent."""
        values: dict[tuple[str, str], float] = {}
        for row in self.buses:
            bus = row.bus.lower()
            values[bus, "p_kw"] = row.p_kw
            if row.q_kvar is not None:
                values[bus, "q_kvar"] = row.q_kvar
        return values


class Measurements(MeasuredBuses):
    """Loads of a feeder at a moment; a bus that is not named keeps its schedule."""

    model_config = ConfigDict(json_schema_extra={"examples": [MEASUREMENTS]})

    measured_at: Moment = Field(description="When it was measured.")
    buses: list[MeasuredBus] = Field(min_length=1, max_length=MOST_BUSES)
