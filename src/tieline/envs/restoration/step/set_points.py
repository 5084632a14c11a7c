"""What is decided in a step, and the same moved inside what the units can do.

P of droop units is none of it: that is what is left for them. Powers of units that cannot follow are cut, active before reactive:
P to rating, ramp, fuel, stored energy and what sun or wind offer, Q to its own limit. Loads are served between nothing and all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.devices.battery import split
from tieline.network.devices import der_rows
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.state import IslandState
from tieline.typing import BoolArray, FloatArray


@dataclass(frozen=True)
class SetPoints:
    """Decisions of a step, one row per scenario.

    Attributes:
        served: share of each load, (scenario, load).
        p_kw, q_kvar: of microturbines, (scenario, generator).
        battery_kw, battery_kvar: injection, > 0 discharges, (scenario, battery).
        renewable_kw, renewable_kvar: what is taken of the available power, (scenario, renewable).
        unit_set_kw: set-points P* of the droop units, by which these share the load, (scenario, unit); None leaves those of their
            ratings.
    """

    served: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray
    battery_kw: FloatArray
    battery_kvar: FloatArray
    renewable_kw: FloatArray
    renewable_kvar: FloatArray
    unit_set_kw: FloatArray | None = None


def within_limits(
    plant: IslandPlant,
    state: IslandState,
    set_points: SetPoints,
    available_kw: FloatArray,
    hours: float,
) -> SetPoints:
    """Set-points that the units can carry out.

    Args:
        plant: the island.
        state: before the step.
        set_points: what was decided.
        available_kw: what sun and wind offer, (renewable,) or (scenario, renewable) [kW].
        hours: length of the step [h].
    """
    low, high = plant.generators.power_limits_kw(state.last_kw, hours, state.fuel_kwh)
    charge_kw, discharge_kw = plant.batteries.clip(
        set_points.battery_kw, state.stored_kwh, hours
    )
    offered_kw = np.clip(available_kw, 0.0, plant.renewables.p_max_kw)
    q_max = plant.q_max_kvar
    return SetPoints(
        served=np.clip(set_points.served, 0.0, 1.0),
        p_kw=np.clip(set_points.p_kw, low, high),
        q_kvar=_clipped(set_points.q_kvar, q_max[plant.generator_ders]),
        battery_kw=discharge_kw - charge_kw,
        battery_kvar=_clipped(set_points.battery_kvar, q_max[plant.battery_ders]),
        renewable_kw=np.clip(set_points.renewable_kw, 0.0, offered_kw),
        renewable_kvar=_clipped(set_points.renewable_kvar, q_max[plant.renewable_ders]),
        unit_set_kw=set_points.unit_set_kw,
    )


def injections(
    plant: IslandPlant, set_points: SetPoints
) -> tuple[FloatArray, FloatArray]:
    """What all DERs of the feeder inject, (scenario, der) [kW, kvar]; those that are no unit stay as the feeder has them."""
    devices = plant.island.network.devices
    p_kw = devices.der_kw
    q_kvar = devices.der_kvar
    parts = (
        (plant.generator_ders, set_points.p_kw, set_points.q_kvar),
        (plant.battery_ders, set_points.battery_kw, set_points.battery_kvar),
        (plant.renewable_ders, set_points.renewable_kw, set_points.renewable_kvar),
    )
    for ders, part_kw, part_kvar in parts:
        p_kw = der_rows(p_kw, ders, part_kw)
        q_kvar = der_rows(q_kvar, ders, part_kvar)
    return p_kw, q_kvar


def as_carried_out(
    plant: IslandPlant,
    set_points: SetPoints,
    served: FloatArray,
    der_kw: FloatArray,
    is_alive: BoolArray,
) -> SetPoints:
    """The same with what was served, and injected, in the end; nothing is on in a dead island."""
    on = is_alive[:, None].astype(float)
    return SetPoints(
        served=served,
        p_kw=der_kw[:, plant.generator_ders],
        q_kvar=set_points.q_kvar * on,
        battery_kw=der_kw[:, plant.battery_ders],
        battery_kvar=set_points.battery_kvar * on,
        renewable_kw=der_kw[:, plant.renewable_ders],
        renewable_kvar=set_points.renewable_kvar * on,
        unit_set_kw=set_points.unit_set_kw,
    )


def next_stored_kwh(
    plant: IslandPlant, state: IslandState, battery_kw: FloatArray, hours: float
) -> FloatArray:
    """Stored energy after a step, (scenario, battery) [kWh]."""
    charge_kw, discharge_kw = split(battery_kw)
    return plant.batteries.next_stored_kwh(
        state.stored_kwh, charge_kw, discharge_kw, hours
    )


def _clipped(q_kvar: FloatArray, limit_kvar: FloatArray) -> FloatArray:
    return np.clip(q_kvar, -limit_kvar, limit_kvar)
