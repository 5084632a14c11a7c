"""What a decider of flexible loads sees: the step before, the loads of this one, the time, and what each device owes.

The entries, their order and their scales are those of the published task; in a step, `day_angle` is what tells the forms apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.devices.rebound_load import ReboundLoads
from tieline.envs.box import Box
from tieline.envs.flexible_loads.model import FeederModel
from tieline.envs.rebound_entries import REBOUND_WORDS
from tieline.typing import FloatArray

VOLTAGE_SCALE_PU = 0.1

HIGHEST_SEEN_PU = 2.0
HIGHEST_POWER_SEEN = 10.0
"""Bounds of what is seen: no operating point of the feeder comes near. What lies beyond is seen at the bound."""


class View:
    """The observation of a feeder with flexible loads.

    Args:
        model: the feeder.
        devices: its flexible loads.
        scale_kw, scale_kvar: what powers are seen as shares of.
    """

    def __init__(
        self,
        model: FeederModel,
        devices: ReboundLoads,
        scale_kw: float,
        scale_kvar: float,
    ):
        self._scale_kw = scale_kw
        self._scale_kvar = scale_kvar
        feeder = model.network.feeder
        buses = [bus.name for bus in feeder.buses]
        load_buses = np.array([load.bus for load in feeder.loads])
        self._is_at = (load_buses[:, None] == np.array(buses)).astype(float)
        self.box = _box(model, buses, devices)

    def see(
        self,
        v_pu: FloatArray,
        line_kw: FloatArray,
        line_kvar: FloatArray,
        load_kw: FloatArray,
        load_kvar: FloatArray,
        day_angle: FloatArray,
        device_entries: FloatArray,
        xp: Any = np,
    ) -> FloatArray:
        """The observation, (episode, entry), of arrays with the episode first.

        Args:
            v_pu, line_kw, line_kvar: after the step before.
            load_kw, load_kvar: of this step, before anything is done.
            day_angle: time of the day, 2 pi for all of it, (episode,).
            device_entries: from `rebound_entries`, (episode, device, 5); shown device by device.
            xp: the array package, `numpy` or `jax.numpy`.
        """
        parts = (
            (v_pu - 1.0) / VOLTAGE_SCALE_PU,
            line_kw / self._scale_kw,
            line_kvar / self._scale_kvar,
            load_kw @ self._is_at / self._scale_kw,
            load_kvar @ self._is_at / self._scale_kvar,
            xp.sin(day_angle)[:, None],
            xp.cos(day_angle)[:, None],
            device_entries.reshape(len(v_pu), -1),
        )
        return xp.clip(xp.hstack(parts), self.box.low, self.box.high)


def _box(model: FeederModel, buses: list[str], devices: ReboundLoads) -> Box:
    """Names and bounds, in the order in which `View.see` stacks them."""
    low_v = -1.0 / VOLTAGE_SCALE_PU
    high_v = (HIGHEST_SEEN_PU - 1.0) / VOLTAGE_SCALE_PU
    most = HIGHEST_POWER_SEEN
    device_names = []
    for name in devices.names:
        device_names += [f"{word} of {name}" for word in REBOUND_WORDS]
    parts = (
        Box.of(
            tuple(f"voltage at {name}" for name in model.points.names), low_v, high_v
        ),
        Box.of(tuple(f"line_p_share of {name}" for name in model.lines), -most, most),
        Box.of(tuple(f"line_q_share of {name}" for name in model.lines), -most, most),
        Box.of(tuple(f"load_p_share at {name}" for name in buses), -most, most),
        Box.of(tuple(f"load_q_share at {name}" for name in buses), -most, most),
        Box.of(("day_sine", "day_cosine"), -1.0, 1.0),
        Box.of(tuple(device_names), 0.0, 1.0),
    )
    return Box.joined(parts)
