"""Merit order: every device by itself, against the price; and a rule by time of use.

    generator     P = clip((price / fuel price - b) / 2a, 0, P_max): fuel at the margin costs what power costs; ramp kept
    battery       charges while price < value x eta_charge, discharges while price > value / eta_discharge, with all it has
    Q             0

The rule knows no fuel curve: generators stand idle at the lowest price of the day, give all they can at the highest and cover the
load of their microgrid, less its sun, between; batteries charge and discharge at these times. Neither looks at the network.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tieline.studies.microgrids.ways.dispatch import Dispatch
from tieline.studies.microgrids.world.day import Day, problem_of
from tieline.studies.microgrids.world.plant import Plant
from tieline.typing import FloatArray


def merit_order(plant: Plant, day: Day) -> Dispatch:
    """Set-points by merit order, on the AC power flow."""
    return _dispatch(plant, day, _merit_kw(plant, day), _by_value_kw(plant, day))


def time_of_use_rule(plant: Plant, day: Day) -> Dispatch:
    """Set-points by the rule, on the AC power flow."""
    return _dispatch(plant, day, _rule_kw(plant, day), _by_time_kw(plant, day))


def _merit_kw(plant: Plant, day: Day) -> FloatArray:
    """Power of least cost of each generator, ramps apart, (step, generator) [kW]."""
    sets = plant.generators
    at_no_load = sets.cost_per_kwh
    slope = 2 * sets.cost_per_kw2h
    # a straight fuel curve is worth all or nothing
    per_slope = np.divide(
        day.price[:, None] - at_no_load,
        slope,
        out=np.where(day.price[:, None] > at_no_load, np.inf, 0.0),
        where=slope > 0,
    )
    return np.clip(per_slope, 0.0, sets.p_max_kw)


def _by_value_kw(plant: Plant, day: Day) -> FloatArray:
    """Injection that each battery wants, energy apart, (step, battery) [kW]."""
    units = plant.batteries
    price = day.price[:, None]
    is_cheap = price < plant.stored_value * units.efficiency_charge
    is_dear = price > plant.stored_value / units.efficiency_discharge
    return np.where(is_dear, units.discharge_max_kw, 0.0) - np.where(
        is_cheap, units.charge_max_kw, 0.0
    )


def _rule_kw(plant: Plant, day: Day) -> FloatArray:
    sets = plant.generators
    power_kw = np.zeros((len(day.price), len(sets.names)))
    pv_kw = plant.pv.available_kw(day.sun)
    for microgrid in plant.microgrids:
        numbers = plant.generators_of(microgrid)
        sun_kw = pv_kw[:, np.isin(plant.pv_ders, microgrid.ders)].sum(axis=1)
        net_kw = day.load_kw[:, microgrid.loads].sum(axis=1) - sun_kw
        power_kw[:, numbers] = net_kw[:, None] / max(len(numbers), 1)
    power_kw[day.price == day.price.min()] = 0.0
    power_kw[day.price == day.price.max()] = sets.p_max_kw
    return np.clip(power_kw, 0.0, sets.p_max_kw)


def _by_time_kw(plant: Plant, day: Day) -> FloatArray:
    units = plant.batteries
    is_cheap = (day.price == day.price.min())[:, None]
    is_dear = (day.price == day.price.max())[:, None]
    return is_dear * units.discharge_max_kw - is_cheap * units.charge_max_kw


def _dispatch(
    plant: Plant, day: Day, generator_kw: FloatArray, battery_kw: FloatArray
) -> Dispatch:
    """What devices can follow of wishes, step after step; PV gives what the sun gives."""
    der_kw = np.zeros((len(day.price), len(plant.network.feeder.ders)))
    der_kw[:, plant.pv_ders] = plant.pv.available_kw(day.sun)
    der_kw[:, plant.generator_ders] = _within_ramps(plant, day, generator_kw)
    der_kw[:, plant.battery_ders] = _within_energy(plant, day, battery_kw)
    return Dispatch(plant, problem_of(plant, day), der_kw, np.zeros(der_kw.shape))


def _within_ramps(plant: Plant, day: Day, wish_kw: FloatArray) -> FloatArray:
    def follow(last_kw: FloatArray, wish: FloatArray) -> tuple[FloatArray, FloatArray]:
        low, high = plant.generators.power_limits_kw(last_kw, day.step_h)
        power = np.clip(wish, low, high)
        return power, power

    return _follow_all(follow, day.last_kw, wish_kw)


def _within_energy(plant: Plant, day: Day, wish_kw: FloatArray) -> FloatArray:
    units = plant.batteries

    def follow(stored: FloatArray, wish: FloatArray) -> tuple[FloatArray, FloatArray]:
        charge, discharge = units.clip(wish, stored, day.step_h)
        after = units.next_stored_kwh(stored, charge, discharge, day.step_h)
        return after, discharge - charge

    return _follow_all(follow, day.stored_kwh, wish_kw)


Follow = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
"""State of devices and what is wished of them, to the next state and what they do."""


def _follow_all(follow: Follow, state: FloatArray, wish_kw: FloatArray) -> FloatArray:
    power_kw = np.empty(wish_kw.shape)
    for step, wish in enumerate(wish_kw):
        state, power_kw[step] = follow(state, wish)
    return power_kw
