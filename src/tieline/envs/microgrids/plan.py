"""The merit plan of windows: what every device would do by itself, against the price; nobody looks at the network.

    generator     P = clip((price / fuel price - b) / 2a, P_min, P_max): fuel at the margin costs what power costs; ramp kept
    battery       charges while price < value x eta_charge, discharges while price > value / eta_discharge, energy kept
    Q             0

A device needs its own data and the price for it, so that each agent can make its part of the plan alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.windows import Windows
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Plan:
    """Set-points: `battery_kw` (window, step, battery), `generator_kw` (window, step, generator)."""

    battery_kw: FloatArray
    generator_kw: FloatArray


def merit_plan(plant: Plant, windows: Windows) -> Plan:
    """Set-points by merit order."""
    price = windows.price[..., None]
    battery_kw = battery_wish_kw(plant, price)
    generator_kw = generator_wish_kw(plant, price)
    return Plan(
        _within_energy(plant, windows, battery_kw),
        _within_ramps(plant, windows, generator_kw),
    )


def generator_wish_kw(plant: Plant, price: FloatArray) -> FloatArray:
    """Power of least cost of each generator, ramps apart, (..., generator) [kW], at prices (..., 1)."""
    sets = plant.generators
    slope = 2 * sets.cost_per_kw2h
    gain = price - sets.cost_per_kwh
    # with a straight fuel curve a set is worth all or nothing
    power_kw = np.where(gain > 0, np.inf, 0.0)
    np.divide(gain, slope, out=power_kw, where=slope > 0)
    return np.clip(power_kw, plant.generator_min_kw, sets.p_max_kw)


def battery_wish_kw(plant: Plant, price: FloatArray) -> FloatArray:
    """Injection that each battery wants, energy apart, (..., battery) [kW], at prices (..., 1)."""
    units = plant.batteries
    # what is bought is worth less once stored, what is stored less once sold
    is_cheap = price < plant.stored_value * units.efficiency_charge
    is_dear = price > plant.stored_value / units.efficiency_discharge
    discharge_kw = is_dear * units.discharge_max_kw
    charge_kw = is_cheap * units.charge_max_kw
    return discharge_kw - charge_kw


def _within_ramps(plant: Plant, windows: Windows, wish_kw: FloatArray) -> FloatArray:
    power_kw = np.empty(wish_kw.shape)
    last_kw = windows.start.last_kw
    # a step decides in which range the next may lie, so that steps cannot be clipped together
    for step in range(windows.n_steps):
        low, high = plant.generators.power_limits_kw(last_kw, windows.step_h)
        wish_now_kw = wish_kw[:, step]
        last_kw = np.clip(wish_now_kw, low, high)
        power_kw[:, step] = last_kw
    return power_kw


def _within_energy(plant: Plant, windows: Windows, wish_kw: FloatArray) -> FloatArray:
    units = plant.batteries
    step_h = windows.step_h
    power_kw = np.empty(wish_kw.shape)
    stored_kwh = windows.start.stored_kwh
    for step in range(windows.n_steps):
        wish_now_kw = wish_kw[:, step]
        charge, discharge = units.clip(wish_now_kw, stored_kwh, step_h)
        stored_kwh = units.next_stored_kwh(stored_kwh, charge, discharge, step_h)
        power_kw[:, step] = discharge - charge
    return power_kw
