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
    charge_kw = np.zeros(surplus_kw.shape)
    discharge_kw = np.zeros(surplus_kw.shape)
    # each day is played by itself, as if the one before had given back all that it took
    for number in np.unique(day):
        today = np.flatnonzero(day == number)
        charge_kw[today] = _charge(batteries, stored_kwh, surplus_kw[today], hours)
        gained_kwh = charge_kw[today].sum(axis=0) * hours * batteries.efficiency_charge
        returned_kwh = gained_kwh * batteries.efficiency_discharge
        discharge_kw[today] = _discharge(
            batteries, returned_kwh, surplus_kw[today], hours
        )
    gain_kw = charge_kw * batteries.efficiency_charge
    drain_kw = discharge_kw / batteries.efficiency_discharge
    change_kwh = hours * (gain_kw - drain_kw)
    return Schedule(
        charge_kw=charge_kw,
        discharge_kw=discharge_kw,
        stored_kwh=stored_kwh + np.cumsum(change_kwh, axis=0),
        shortage_kw=np.maximum(surplus_kw - charge_kw, 0.0),
    )


def _charge(
    batteries: Batteries, stored_kwh: FloatArray, surplus_kw: FloatArray, hours: float
) -> FloatArray:
    """Surplus as it comes, until full, (step, battery) [kW]."""
    wanted_kw = np.clip(surplus_kw, 0.0, batteries.charge_max_kw)
    room_kwh = (batteries.stored_max_kwh - stored_kwh) / batteries.efficiency_charge
    return _until(wanted_kw, room_kwh, hours)


def _discharge(
    batteries: Batteries, returned_kwh: FloatArray, surplus_kw: FloatArray, hours: float
) -> FloatArray:
    """At the highest loads after the last surplus, until `returned_kwh` is gone, (step, battery) [kW]."""
    steps = np.arange(len(surplus_kw))[:, None]
    last_surplus = np.where(surplus_kw > 0, steps, -1).max(axis=0)
    load_kw = np.clip(-surplus_kw, 0.0, batteries.discharge_max_kw)
    wanted_kw = np.where(steps > last_surplus, load_kw, 0.0)
    # the rule knows the evening ahead: the highest loads are served first
    highest_first = np.argsort(-wanted_kw, axis=0, kind="stable")
    ranked_kw = np.take_along_axis(wanted_kw, highest_first, axis=0)
    discharge_kw = np.zeros(wanted_kw.shape)
    np.put_along_axis(
        discharge_kw, highest_first, _until(ranked_kw, returned_kwh, hours), axis=0
    )
    return discharge_kw


def _until(wanted_kw: FloatArray, energy_kwh: FloatArray, hours: float) -> FloatArray:
    """Wanted powers in order of the steps until an energy is used up, (step, battery) [kW]."""
    used_kwh = np.minimum(np.cumsum(wanted_kw * hours, axis=0), energy_kwh)
    return np.diff(used_kwh, axis=0, prepend=0.0) / hours
