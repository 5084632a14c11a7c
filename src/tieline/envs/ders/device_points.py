"""From what an action asks of batteries and PV to what they can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.devices import Batteries, PvInverters
from tieline.devices.apparent_power import q_room
from tieline.envs.substation_days.series import STEP_H
from tieline.typing import FloatArray

MOVED = 1e-9
"""A set-point that a limit moves by less stands [kW or kvar]."""


@dataclass(frozen=True, eq=False)
class DevicePoints:
    """Set-points of the devices of one kind.

    Attributes:
        p_kw, q_kvar: injected, (episode, device).
        n_clipped: set-points that a limit of their device moved, (episode,).
    """

    p_kw: FloatArray
    q_kvar: FloatArray
    n_clipped: FloatArray


def points_of_batteries(
    batteries: Batteries,
    stored_kwh: FloatArray,
    p_share: FloatArray,
    q_share: FloatArray,
    xp: Any = np,
) -> DevicePoints:
    """P gives way to what is stored and to the room left, Q to the circle.

    Args:
        batteries: the devices.
        stored_kwh: before the step, (episode, battery).
        p_share, q_share: shares of rating and apparent power, (episode, battery).
        xp: the array package, `numpy` or `jax.numpy`.
    """
    wanted_kw = p_share * batteries.discharge_max_kw
    charge_kw, discharge_kw = batteries.power_limits_kw(stored_kwh, STEP_H, xp)
    p_kw = xp.clip(wanted_kw, -charge_kw, discharge_kw)
    room_kvar = q_room(batteries.kva, p_kw, xp)
    wanted_kvar = q_share * batteries.kva
    q_kvar = xp.clip(wanted_kvar, -room_kvar, room_kvar)
    n_clipped = _n_moved(wanted_kw, p_kw) + _n_moved(wanted_kvar, q_kvar)
    return DevicePoints(p_kw, q_kvar, n_clipped)


def points_of_pv(
    inverters: PvInverters,
    offered_kw: FloatArray,
    spilled_share: FloatArray,
    q_share: FloatArray,
    xp: Any = np,
) -> DevicePoints:
    """P is what is not spilled of the offer, Q gives way to it.

    Args:
        inverters: the devices.
        offered_kw: by the sun, (episode, inverter).
        spilled_share: of the offer, (episode, inverter).
        q_share: share of apparent power, (episode, inverter).
        xp: the array package, `numpy` or `jax.numpy`.
    """
    p_kw = offered_kw * (1.0 - spilled_share)
    room_kvar = inverters.q_limit_kvar(p_kw, xp)
    wanted_kvar = q_share * inverters.kva
    q_kvar = xp.clip(wanted_kvar, -room_kvar, room_kvar)
    return DevicePoints(p_kw, q_kvar, _n_moved(wanted_kvar, q_kvar))


def _n_moved(wish: FloatArray, set_point: FloatArray) -> FloatArray:
    """How many devices do something else than what was wished, (episode,)."""
    is_moved = abs(wish - set_point) > MOVED
    return is_moved.sum(axis=1).astype(float)
