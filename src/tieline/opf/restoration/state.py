"""`IslandState`: what an island takes from one step to the next, one row per scenario."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.opf.restoration.plant import IslandPlant
from tieline.typing import BoolArray, FloatArray


@dataclass(frozen=True)
class IslandState:
    """State of many scenarios.

    Attributes:
        unit_fuel_kwh, unit_last_kw: fuel and power of the step before, of droop units, (scenario, unit).
        fuel_kwh, last_kw: the same of microturbines, (scenario, generator).
        stored_kwh: in batteries, (scenario, battery).
        served: share of each load that is on, (scenario, load).
        frequency_hz: of the step before, nominal at the start; a dead island keeps the last that it had, (scenario,).
        is_dead: islands that went dark, and stay so, (scenario,).
    """

    unit_fuel_kwh: FloatArray
    unit_last_kw: FloatArray
    fuel_kwh: FloatArray
    last_kw: FloatArray
    stored_kwh: FloatArray
    served: FloatArray
    frequency_hz: FloatArray
    is_dead: BoolArray

    @property
    def n_scenarios(self) -> int:
        """Number of scenarios."""
        return len(self.is_dead)


def first_state(plant: IslandPlant, n_scenarios: int) -> IslandState:
    """The state at the start: no load is on."""
    start = plant.start

    def rows(values: FloatArray) -> FloatArray:
        return np.tile(values, (n_scenarios, 1))

    return IslandState(
        unit_fuel_kwh=rows(start.unit_fuel_kwh),
        unit_last_kw=rows(start.unit_last_kw),
        fuel_kwh=rows(start.fuel_kwh),
        last_kw=rows(start.last_kw),
        stored_kwh=rows(start.stored_kwh),
        served=np.zeros((n_scenarios, len(plant.load_kw))),
        frequency_hz=np.full(n_scenarios, plant.feeder.frequency_hz),
        is_dead=np.zeros(n_scenarios, dtype=bool),
    )
