"""Where an episode stands, and what its devices do in a step."""

from __future__ import annotations

from dataclasses import dataclass

from tieline.devices.rebound_load import Reduction
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class DersState:
    """Where an episode stands: its `day` and `step`, (episode,), and what the step before left behind.

    Attributes:
        v_pu: voltages, (episode, point).
        stored_kwh, battery_kw, battery_kvar: (episode, battery); powers above 0 are injected.
        sun: that of the step before, (episode,).
        pv_kw, pv_kvar, spilled_share: (episode, inverter).
        curtailed_kw, shifted_kw, returned_kw: (episode, flexible load).
        owed_kw: what comes back in each of the next steps, (episode, flexible load, lag).
    """

    day: IntArray
    step: IntArray
    v_pu: FloatArray
    stored_kwh: FloatArray
    battery_kw: FloatArray
    battery_kvar: FloatArray
    sun: FloatArray
    pv_kw: FloatArray
    pv_kvar: FloatArray
    spilled_share: FloatArray
    curtailed_kw: FloatArray
    shifted_kw: FloatArray
    returned_kw: FloatArray
    owed_kw: FloatArray


@dataclass(frozen=True, eq=False)
class SetPoints:
    """What all devices do in a step, (episode, device) each.

    Attributes:
        battery_kw, battery_kvar, pv_kw, pv_kvar: injected.
        spilled_share: part of what the sun offers that is not used.
        reduction: what flexible loads take off their loads.
        n_clipped: set-points that a limit of their device moved, (episode,).
    """

    battery_kw: FloatArray
    battery_kvar: FloatArray
    pv_kw: FloatArray
    pv_kvar: FloatArray
    spilled_share: FloatArray
    reduction: Reduction
    n_clipped: FloatArray
