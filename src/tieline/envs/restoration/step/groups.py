"""What a decision asks of the droop units: scenarios that the same units hold are solved together.

A unit without fuel stands still, and the others hold the island without it. Dead islands are asked nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tieline.devices import DroopSettings
from tieline.envs.restoration.step.relief import (
    TOLERANCE_KW,
    Demand,
    PowerRange,
    Relieved,
)
from tieline.envs.restoration.step.set_points import SetPoints, injections
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.state import IslandState
from tieline.powerflow.island import Island
from tieline.typing import BoolArray, FloatArray, IntArray


class Tanks(NamedTuple):
    """Last power and fuel of the running units, (scenario, unit)."""

    last_kw: FloatArray
    fuel_kwh: FloatArray

    def range(
        self, island: Island, hours: float, settings: DroopSettings
    ) -> PowerRange:
        """What each unit may deliver in the step."""
        limits = island.units.power_limits_kw(
            self.last_kw, hours, self.fuel_kwh, settings
        )
        return PowerRange(*limits)

    def holds(self, relieved: Relieved, hours: float) -> BoolArray:
        """Whether every unit delivers no less than nothing and no more than its rating and its fuel last for, (scenario,)."""
        solution = relieved.solution
        machines = solution.island.units.generators
        # from full power no ramp stands in the way
        _, high = machines.power_limits_kw(machines.p_max_kw, hours, self.fuel_kwh)
        p_kw = solution.p_kw
        # NaN, where there is no solution, holds nothing
        is_inside = (p_kw >= -TOLERANCE_KW) & (p_kw <= high + TOLERANCE_KW)
        return np.all(is_inside, axis=1)


@dataclass(frozen=True, eq=False)
class UnitGroup:
    """Scenarios, the units that hold them, what these have in their tanks, and what is asked of these."""

    rows: IntArray
    units: IntArray
    tanks: Tanks
    demand: Demand


def unit_groups(
    plant: IslandPlant, state: IslandState, decided: SetPoints, hours: float
) -> Iterator[UnitGroup]:
    """What set-points that units can carry out ask of the droop units, group by group."""
    der_kw, der_kvar = injections(plant, decided)
    for rows, is_running in _held_alike(state):
        island = plant.held_by(is_running)
        units = np.flatnonzero(is_running)
        tanks = Tanks(
            last_kw=state.unit_last_kw[rows][:, units],
            fuel_kwh=state.unit_fuel_kwh[rows][:, units],
        )
        settings = _settings(island, decided, rows, units)
        demand = Demand(
            plant=plant,
            island=island,
            settings=settings,
            limits=tanks.range(island, hours, settings),
            served=decided.served[rows],
            der_kw=der_kw[rows],
            der_kvar=der_kvar[rows],
        )
        yield UnitGroup(rows, units, tanks, demand)


def _held_alike(state: IslandState) -> Iterator[tuple[IntArray, BoolArray]]:
    """Living scenarios in groups whose droop units with fuel are the same, and which these are, (unit,)."""
    is_running = state.unit_fuel_kwh > 0
    has_unit = is_running.any(axis=1)
    alive = np.flatnonzero(has_unit & ~state.is_dead)
    if not alive.size:
        return
    # each pattern of running units is a network of its own, which is solved in one batch
    patterns, which = np.unique(is_running[alive], axis=0, return_inverse=True)
    for k, pattern in enumerate(patterns):
        yield alive[which.ravel() == k], pattern


def _settings(
    island: Island, decided: SetPoints, rows: IntArray, units: IntArray
) -> DroopSettings:
    """Droop laws of the running units of a group, (scenario, unit)."""
    shape = (len(rows), len(units))
    at_rest = island.units.settings
    columns = [np.broadcast_to(column, shape) for column in at_rest]
    settings = DroopSettings(*columns)
    set_kw = decided.unit_set_kw
    if set_kw is None:
        return settings
    return settings._replace(p_set_kw=set_kw[rows][:, units])
