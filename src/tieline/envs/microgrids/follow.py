"""What devices follow of set-points in a step: the nearest that they can do, P before Q."""

from __future__ import annotations

import numpy as np

from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.set_points import SetPoints
from tieline.envs.microgrids.windows import WindowStart


def followed(
    limits: DeviceLimits, wish: SetPoints, start: WindowStart, step: int = 0
) -> SetPoints:
    """One step of windows as devices carry it out.

    Args:
        limits: what devices can do.
        wish: set-points, (window, step, der).
        start: state before that step.
        step: which step of the windows.

    Returns:
        Set-points within the limits, (window, 1, der).
    """
    plant = limits.plant
    der_kw = wish.der_kw[:, step].copy()
    units = plant.batteries
    charge_kw, discharge_kw = units.clip(
        der_kw[:, plant.battery_ders], start.stored_kwh, limits.step_h
    )
    der_kw[:, plant.battery_ders] = discharge_kw - charge_kw
    low_kw, high_kw = plant.generators.power_limits_kw(start.last_kw, limits.step_h)
    power_kw = der_kw[:, plant.generator_ders]
    der_kw[:, plant.generator_ders] = np.clip(power_kw, low_kw, high_kw)
    square = limits.kva**2 - der_kw**2
    room_kvar = np.sqrt(np.maximum(square, 0.0))
    lowest = np.maximum(limits.q_min_kvar, -room_kvar)
    highest = np.minimum(limits.q_max_kvar, room_kvar)
    der_kvar = np.clip(wish.der_kvar[:, step], lowest, highest)
    return SetPoints(der_kw[:, None], der_kvar[:, None])
