"""What devices follow of set-points: the nearest that they can do, step after step, P before Q."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.set_points import SetPoints
from tieline.envs.microgrids.windows import WindowStart
from tieline.typing import FloatArray


def followed(limits: DeviceLimits, wish: SetPoints, start: WindowStart) -> SetPoints:
    """Windows as devices carry them out.

    Args:
        limits: what devices can do.
        wish: set-points, (window, step, der).
        start: state before the first step.

    Returns:
        Set-points within ramps, stored energy and apparent power, (window, step, der).
    """
    der_kw = wish.der_kw.copy()
    state = start
    for step in range(der_kw.shape[1]):
        der_kw[:, step], state = _follow(limits, wish.der_kw[:, step], state)
    room_kvar = q_room(limits.kva, der_kw)
    lowest = np.maximum(limits.q_min_kvar, -room_kvar)
    highest = np.minimum(limits.q_max_kvar, room_kvar)
    return SetPoints(der_kw, np.clip(wish.der_kvar, lowest, highest))


def _follow(
    limits: DeviceLimits, wish_kw: FloatArray, state: WindowStart
) -> tuple[FloatArray, WindowStart]:
    """P of one step, (window, der), and the state after it."""
    plant = limits.plant
    der_kw = wish_kw.copy()
    units = plant.batteries
    battery_kw = der_kw[:, plant.battery_ders]
    charge_kw, discharge_kw = units.clip(battery_kw, state.stored_kwh, limits.step_h)
    der_kw[:, plant.battery_ders] = discharge_kw - charge_kw
    low_kw, high_kw = plant.generators.power_limits_kw(state.last_kw, limits.step_h)
    power_kw = np.clip(der_kw[:, plant.generator_ders], low_kw, high_kw)
    der_kw[:, plant.generator_ders] = power_kw
    stored_kwh = units.next_stored_kwh(
        state.stored_kwh, charge_kw, discharge_kw, limits.step_h
    )
    return der_kw, replace(state, stored_kwh=stored_kwh, last_kw=power_kw)
