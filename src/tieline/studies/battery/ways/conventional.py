"""The conventional rule: batteries charge from the first surplus of their bus and discharge at its highest load after that.

Charging takes the surplus as it comes, up to rated power, until the battery is full. Discharging serves the steps of highest load
after the last surplus, at most as much as the bus takes, until the battery is where it began. No price, no forecast of the sun,
no cooperation. On several days in a row each day is played by itself.

Source: M. Al-Saffar, PhD thesis, University of Alberta, section 4.4.3: "conventional method".
"""

from __future__ import annotations

import numpy as np

from tieline.devices import Batteries
from tieline.opf.battery_mpc import Schedule
from tieline.typing import FloatArray, IntArray


def conventional(
    batteries: Batteries,
    stored_kwh: FloatArray,
    surplus_kw: FloatArray,
    day: IntArray,
    hours: float,
) -> Schedule:
    """What the rule does.

    Args:
        batteries: ratings.
        stored_kwh: at the start, (battery,) [kWh].
        surplus_kw: PV less load, the battery's part, (step, battery) [kW].
        day: number of the day of each step, (step,).
        hours: length of a step [h].
    """
    charge, discharge = np.zeros(surplus_kw.shape), np.zeros(surplus_kw.shape)
    for number in np.unique(day):
        today = np.flatnonzero(day == number)
        charge[today] = _charge(batteries, stored_kwh, surplus_kw[today], hours)
        gained = charge[today].sum(axis=0) * hours * batteries.efficiency_charge
        discharge[today] = _discharge(
            batteries, gained * batteries.efficiency_discharge, surplus_kw[today], hours
        )
    change = hours * (
        charge * batteries.efficiency_charge - discharge / batteries.efficiency_discharge
    )
    shortage = np.maximum(surplus_kw - charge, 0.0)
    return Schedule(charge, discharge, stored_kwh + np.cumsum(change, axis=0), shortage)


def _charge(
    batteries: Batteries, stored_kwh: FloatArray, surplus_kw: FloatArray, hours: float
) -> FloatArray:
    """Surplus as it comes, until full, (step, battery) [kW]."""
    wanted = np.clip(surplus_kw, 0.0, batteries.charge_max_kw)
    room_kwh = (batteries.stored_max_kwh - stored_kwh) / batteries.efficiency_charge
    return _until(wanted, room_kwh, hours)


def _discharge(
    batteries: Batteries, given_kwh: FloatArray, surplus_kw: FloatArray, hours: float
) -> FloatArray:
    """At the highest loads after the last surplus, until `given_kwh` is gone, (step, battery) [kW]."""
    steps = np.arange(len(surplus_kw))[:, None]
    last = np.where(surplus_kw > 0, steps, -1).max(axis=0)
    wanted = np.where(steps > last, np.clip(-surplus_kw, 0.0, batteries.discharge_max_kw), 0.0)
    order = np.argsort(-wanted, axis=0, kind="stable")
    served = _until(np.take_along_axis(wanted, order, axis=0), given_kwh, hours)
    found = np.zeros(wanted.shape)
    np.put_along_axis(found, order, served, axis=0)
    return found


def _until(wanted_kw: FloatArray, energy_kwh: FloatArray, hours: float) -> FloatArray:
    """Wanted powers in order of the steps until an energy is used up, (step, battery) [kW]."""
    so_far = np.minimum(np.cumsum(wanted_kw * hours, axis=0), energy_kwh)
    return np.diff(so_far, axis=0, prepend=0.0) / hours
