"""Section "What was assumed": the approximations behind the numbers."""

from __future__ import annotations

from tieline.reports.html import Section, Text
from tieline.reports.numbers import format_number
from tieline.studies.microgrids.config import MicrogridsConfig


def assumed(config: MicrogridsConfig) -> Section:
    """One paragraph each."""
    return Section("What was assumed", [Text(text) for text in _texts(config)])


def _texts(config: MicrogridsConfig) -> list[str]:
    unit = config.currency
    value = format_number(config.stored_value)
    return [
        "Everybody pays and is paid one price at the meter, the same in all microgrids; what the feeder loses is nobody's "
        "cost.",
        "Generators run all day and burn their no-load fuel: to stop one is a decision that nobody has here. A rule that stopped "
        "them for nothing would seem to beat the optimum.",
        f"What is stored at the end of a window is worth {value} {unit}/kWh to all deciders. Without such a value a window of an "
        "hour is blind to what comes after it, and empties every battery.",
        "PV gives what the sun gives, and is not curtailed; its inverters, batteries and generators give or take reactive power "
        "within their ratings.",
        "Load, sun and price of the window ahead are known. The central optimum knows all steps.",
        "Regulators and capacitors of the feeder, if it has any, stay while set-points are sought.",
        "All set-points are judged on the AC power flow of the whole feeder.",
    ]
