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
    steps = []
    state = start
    for wish_kw in wish.der_kw.swapaxes(0, 1):
        response_kw, state = _follow(limits, wish_kw, state)
        steps.append(response_kw)
    der_kw = np.stack(steps, axis=1)
    return SetPoints(der_kw, _beside(limits, der_kw, wish.der_kvar))


def _follow(
    limits: DeviceLimits, wish_kw: FloatArray, state: WindowStart
) -> tuple[FloatArray, WindowStart]:
    """P of one step, (window, der), and the state after it."""
    plant = limits.plant
    step_h = limits.step_h
    units = plant.batteries
    battery_wish_kw = wish_kw[:, plant.battery_ders]
    charge_kw, discharge_kw = units.clip(battery_wish_kw, state.stored_kwh, step_h)
    low_kw, high_kw = plant.generators.power_limits_kw(state.last_kw, step_h)
    # what a ramp does not reach is given in a later step
    low_kw = np.clip(plant.generator_min_kw, low_kw, high_kw)
    generator_wish_kw = wish_kw[:, plant.generator_ders]
    generator_kw = np.clip(generator_wish_kw, low_kw, high_kw)
    der_kw = wish_kw.copy()
    der_kw[:, plant.battery_ders] = discharge_kw - charge_kw
    der_kw[:, plant.generator_ders] = generator_kw
    stored_kwh = units.next_stored_kwh(
        state.stored_kwh, charge_kw, discharge_kw, step_h
    )
    # the next step departs from what was carried out, not from what was wished
    after = replace(state, stored_kwh=stored_kwh, last_kw=generator_kw)
    return der_kw, after


def _beside(
    limits: DeviceLimits, der_kw: FloatArray, wish_kvar: FloatArray
) -> FloatArray:
    """Q beside P, (window, step, der)."""
    room_kvar = q_room(limits.kva, der_kw)
    lowest = np.maximum(limits.q_min_kvar, -room_kvar)
    highest = np.minimum(limits.q_max_kvar, room_kvar)
    return np.clip(wish_kvar, lowest, highest)
