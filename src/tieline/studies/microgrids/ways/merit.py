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

from tieline.envs.microgrids.day import Day, problem_of
from tieline.envs.microgrids.microgrids import Microgrid
from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.ways.dispatch import Dispatch
from tieline.typing import BoolArray, FloatArray


def merit_order(plant: Plant, day: Day) -> Dispatch:
    """Set-points by merit order, on the AC power flow."""
    generator_kw = _merit_kw(plant, day)
    battery_kw = _by_value_kw(plant, day)
    return _dispatch(plant, day, generator_kw, battery_kw)


def time_of_use_rule(plant: Plant, day: Day) -> Dispatch:
    """Set-points by the rule, on the AC power flow."""
    generator_kw = _rule_kw(plant, day)
    battery_kw = _by_time_kw(plant, day)
    return _dispatch(plant, day, generator_kw, battery_kw)


def _merit_kw(plant: Plant, day: Day) -> FloatArray:
    """Power of least cost of each generator, ramps apart, (step, generator) [kW]."""
    sets = plant.generators
    at_no_load = sets.cost_per_kwh
    slope = 2 * sets.cost_per_kw2h
    gain = day.price[:, None] - at_no_load
    # with a straight fuel curve a set is worth all or nothing
    power_kw = np.where(gain > 0, np.inf, 0.0)
    np.divide(gain, slope, out=power_kw, where=slope > 0)
    return np.clip(power_kw, 0.0, sets.p_max_kw)


def _by_value_kw(plant: Plant, day: Day) -> FloatArray:
    """Injection that each battery wants, energy apart, (step, battery) [kW]."""
    units = plant.batteries
    price = day.price[:, None]
    # what is bought is worth less once stored, what is stored less once sold
    is_cheap = price < plant.stored_value * units.efficiency_charge
    is_dear = price > plant.stored_value / units.efficiency_discharge
    discharge_kw = is_dear * units.discharge_max_kw
    charge_kw = is_cheap * units.charge_max_kw
    return discharge_kw - charge_kw


def _rule_kw(plant: Plant, day: Day) -> FloatArray:
    """Power of each generator by the time of use, ramps apart, (step, generator) [kW]."""
    sets = plant.generators
    power_kw = np.zeros((len(day.price), len(sets.names)))
    for microgrid in plant.microgrids:
        numbers = plant.generators_of(microgrid)
        net_kw = _net_load_kw(plant, day, microgrid)
        # a microgrid without a generator has no column
        n_sets = max(len(numbers), 1)
        power_kw[:, numbers] = net_kw[:, None] / n_sets
    is_cheap, is_dear = _times_of_use(day)
    power_kw[is_cheap] = 0.0
    power_kw[is_dear] = sets.p_max_kw
    return np.clip(power_kw, 0.0, sets.p_max_kw)


def _net_load_kw(plant: Plant, day: Day, microgrid: Microgrid) -> FloatArray:
    """Load less sun, (step,) [kW]."""
    load_kw = day.load_kw[:, microgrid.loads]
    pv_kw = plant.pv.available_kw(day.sun)
    is_inside = np.isin(plant.pv_ders, microgrid.ders)
    of_sun_kw = pv_kw[:, is_inside]
    return load_kw.sum(axis=1) - of_sun_kw.sum(axis=1)


def _times_of_use(day: Day) -> tuple[BoolArray, BoolArray]:
    """Steps of the lowest and of the highest price of the day, (step,) each."""
    lowest = day.price.min()
    highest = day.price.max()
    return day.price == lowest, day.price == highest


def _by_time_kw(plant: Plant, day: Day) -> FloatArray:
    """Injection that each battery wants by the time of use, energy apart, (step, battery) [kW]."""
    units = plant.batteries
    is_cheap, is_dear = _times_of_use(day)
    discharge_kw = np.outer(is_dear, units.discharge_max_kw)
    charge_kw = np.outer(is_cheap, units.charge_max_kw)
    return discharge_kw - charge_kw


def _dispatch(
    plant: Plant, day: Day, generator_kw: FloatArray, battery_kw: FloatArray
) -> Dispatch:
    """What devices can follow of wishes, step after step; PV gives what the sun gives."""
    sun_kw = plant.pv.available_kw(day.sun)
    stored_kw = _within_energy(plant, day, battery_kw)
    fuel_kw = _within_ramps(plant, day, generator_kw)
    # the order of every DER array
    der_kw = np.hstack([sun_kw, stored_kw, fuel_kw])
    no_kvar = np.zeros(der_kw.shape)
    problem = problem_of(plant, day)
    return Dispatch(plant, problem, der_kw, no_kvar)


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
