"""Merit order and a rule by time of use: what every device wants by itself in each step; nobody looks at the network.

The merit order is that of `envs.microgrids.plan`. The rule knows no fuel curve: generators stand idle at the lowest price of the
day, give all they can at the highest and cover the load of their microgrid, less its sun, between; batteries charge and discharge
at these times. Q is 0 in both.
"""

from __future__ import annotations

import numpy as np

from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.microgrids import Microgrid
from tieline.envs.microgrids.plan import battery_wish_kw, generator_wish_kw
from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.ways.closed_loop import Powers, State, Wish
from tieline.typing import BoolArray, FloatArray


def merit_wish(plant: Plant, day: Day) -> Wish:
    """Set-points by merit order."""
    price = day.price[:, None]
    battery_kw = battery_wish_kw(plant, price)
    generator_kw = generator_wish_kw(plant, price)
    return _by_step(plant, day, battery_kw, generator_kw)


def time_of_use_wish(plant: Plant, day: Day) -> Wish:
    """Set-points by the rule."""
    return _by_step(plant, day, _by_time_kw(plant, day), _by_rule_kw(plant, day))


def _by_step(
    plant: Plant, day: Day, battery_kw: FloatArray, generator_kw: FloatArray
) -> Wish:
    """Wishes of all steps, in the order of every DER array, as a decider; PV gives what the sun gives."""
    sun_kw = plant.pv.available_kw(day.sun)
    der_kw = np.hstack([sun_kw, battery_kw, generator_kw])
    no_kvar = np.zeros(der_kw.shape[1])

    def wish(step: int, _: State) -> Powers:
        return der_kw[step], no_kvar

    return wish


def _by_rule_kw(plant: Plant, day: Day) -> FloatArray:
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
    load_kw = day.load_kw[:, microgrid.loads].sum(axis=1)
    pv_kw = plant.pv.available_kw(day.sun)
    is_inside = np.isin(plant.pv_ders, microgrid.ders)
    sun_kw = pv_kw[:, is_inside].sum(axis=1)
    return load_kw - sun_kw


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
