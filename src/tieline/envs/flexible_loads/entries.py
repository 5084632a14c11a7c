"""The entries of an action: device by device, what is curtailed and what is shifted, as shares of the caps."""

from __future__ import annotations

import numpy as np

from tieline.devices.rebound_load import ReboundLoads, Reduction
from tieline.envs.box import Box
from tieline.typing import FloatArray


def action_box(devices: ReboundLoads, lowest: float) -> Box:
    """Names and bounds of the entries; the highest is 1."""
    names = []
    for name in devices.names:
        names += [f"curtail_share of {name}", f"shift_share of {name}"]
    return Box.of(tuple(names), lowest, 1.0)


def as_action(curtail: FloatArray, shift: FloatArray) -> FloatArray:
    """Shares of each device, (episode, device) both, as an action, (episode, action)."""
    return np.stack([curtail, shift], axis=2).reshape(len(curtail), -1)


def shares_of(devices: ReboundLoads, wish: Reduction) -> FloatArray:
    """The action that asks for powers (episode, device), (episode, action)."""
    curtail = wish.curtailed_kw / devices.curtail_max_kw
    shift = wish.shifted_kw / devices.shift_max_kw
    return as_action(np.minimum(curtail, 1.0), np.minimum(shift, 1.0))
