"""`Measured`: what a bus takes in an interval, as the operator sends it; and what is wrong with such values at the door.

A bus that nobody measures keeps its schedule, so that a value for a bus that takes nothing would be passed over: it is refused.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tieline.errors import unknown_name_message
from tieline.service.market.known import feeder_of


@dataclass(frozen=True)
class Measured:
    """What a bus takes: p_kw, above 0 where it consumes, and q_kvar if it was measured."""

    bus: str
    p_kw: float
    q_kvar: float | None = None


def measured_buses(definition: Mapping[str, Any]) -> set[str]:
    """Buses of a market that may be measured: those with loads or meters; `definition` as `Definition.as_values` has it."""
    feeder = feeder_of(definition["feeder"])
    with_meters = {feeder.bus(bus).name for bus in definition.get("meters", {})}
    return {load.bus for load in feeder.loads} | with_meters


def check_measured(buses: Collection[str], measured: Iterable[Measured]) -> list[str]:
    """Everything that is wrong with measurements, as sentences; empty if they can be used.

    Args:
        buses: that may be measured.
        measured: what was sent.
    """
    findings = []
    counted: set[str] = set()
    for row in measured:
        bus = row.bus.lower()
        if bus not in buses:
            finding = unknown_name_message("bus with a load or meter", row.bus, buses)
            findings.append(finding)
        if bus in counted:
            findings.append(f"Bus '{row.bus}' is measured twice. Give its sum once.")
        counted.add(bus)
        for name, value in (("p_kw", row.p_kw), ("q_kvar", row.q_kvar)):
            if value is not None and not math.isfinite(value):
                findings.append(f"Bus '{row.bus}': {name} is {value}. Give a number.")
    return findings
