"""A storage that follows a wish for its power as far as its energy reaches, step by step, with what it loses by idling.

    P = P_own - P_idle                  P: injected at its terminals; P_idle: taken for its own use, always
    P_own = P_wish + P_idle             where a power is wished for, else 0; as far as stored energy and room allow
    E' = E - h P_own / eta_d            discharging,         E' = E - h eta_c P_own         charging (P_own < 0)

A storage without a wish, or one that is empty or full, takes P_idle from the grid; one that charges or discharges covers it
first, so that its terminals show what was wished for. Source: `Storage.pas` of OpenDSS (dispatch mode Follow, %IdlingkW,
UpdateStorage), which keeps a wished power to the end of the step in which the storage runs empty; here that step has what is
left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.feeders.elements import Storage
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class StorageCourse:
    """`p_kw`: injected in each step, below zero where it charges, (step,) [kW]. `stored_kwh`: at the end of each, (step,)."""

    p_kw: FloatArray
    stored_kwh: FloatArray


def storage_course(
    storage: Storage, wish_kw: FloatArray, step_h: float
) -> StorageCourse:
    """What a storage does.

    Args:
        storage: its ratings, and what it holds before the first step.
        wish_kw: injection that is wished for, (step,); 0 is idle.
        step_h: length of a step [h].
    """
    count = len(wish_kw)
    p_kw = np.empty(count)
    stored_kwh = np.empty(count)
    within_rating_kw = np.clip(wish_kw, -storage.rated_kw, storage.rated_kw)
    stored = storage.stored_kwh
    for step, wish in enumerate(within_rating_kw.tolist()):
        own_kw = 0.0
        if wish != 0:
            own_kw = _within_energy(storage, wish + storage.idling_kw, stored, step_h)
        stored -= step_h * _drawn_kw(storage, own_kw)
        p_kw[step] = own_kw - storage.idling_kw
        stored_kwh[step] = stored
    return StorageCourse(p_kw, stored_kwh)


def _within_energy(
    storage: Storage, own_kw: float, stored_kwh: float, step_h: float
) -> float:
    """The power that stored energy and room carry through a step."""
    left_kwh = max(stored_kwh - storage.reserve_kwh, 0.0)
    room_kwh = max(storage.energy_kwh - stored_kwh, 0.0)
    most_kw = left_kwh * storage.efficiency_discharge / step_h
    least_kw = -room_kwh / storage.efficiency_charge / step_h
    return min(max(own_kw, least_kw), most_kw)


def _drawn_kw(storage: Storage, own_kw: float) -> float:
    """What leaves the store for a power; below zero what enters it."""
    if own_kw > 0:
        return own_kw / storage.efficiency_discharge
    return own_kw * storage.efficiency_charge
