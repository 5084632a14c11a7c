"""How large a battery run is, before it begins: what would not end or fit into memory is refused."""

from __future__ import annotations

from tieline.effort import BYTES, require_memory, require_power_flows
from tieline.feeders import Feeder
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.cases import CASES

MINUTES_A_DAY = 24 * 60
NUMBERS_A_BUS = 4
"""Kept of every bus in every step and case: a complex voltage, the highest magnitude, reverse power."""

REMEDY = "Lower scenarios or days, or raise step_minutes."


def require_size(feeder: Feeder, config: BatteryConfig) -> None:
    """Refuse a run that is too large; raises `InputError` saying how much was asked and what the limit is."""
    profiles = config.drawn_profiles
    steps = profiles.days * MINUTES_A_DAY // profiles.step_minutes
    asked = f"{config.scenarios:,} scenarios of {steps:,} time steps"
    flows = config.scenarios * steps * len(CASES)
    require_power_flows(asked, flows, REMEDY)
    require_memory(asked, flows * len(feeder.buses) * NUMBERS_A_BUS * BYTES, REMEDY)
