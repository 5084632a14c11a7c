"""Rules that learned policies have to beat: all devices idle, flexible loads curtailed, droop on the voltage, as published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.ders.base import DersTask
from tieline.envs.ders.observe import points_at
from tieline.envs.ders.state import DersState
from tieline.errors import InputError
from tieline.typing import FloatArray

Q_PER_PU = 10.0
"""Reactive power of the droop per pu below 1 [shares of apparent power], as published."""

SPILL_ABOVE_PU = 1.03
SPILLED_SHARE = 0.75
CURTAIL_BELOW_PU = 0.97
CURTAILED_SHARE = 0.5
"""Where the droop spills sun, and curtails loads, and how much."""


@dataclass(frozen=True)
class Idle:
    """Nothing but the sun; flexible loads may curtail a share of their caps in every step."""

    task: DersTask
    curtail_share: float = 0.0

    def act(
        self, observation: FloatArray, state: DersState | None = None
    ) -> FloatArray:
        """The action, (episode, action)."""
        del state
        action = self.task.idle_action(len(observation))
        _, _, flexible = self.task.of_kind(action)
        flexible[..., 0] = self.curtail_share
        return action


class VoltDroop:
    """Inverters of batteries and PV answer the voltage at their bus with reactive power; far from 1 pu sun and load give way."""

    def __init__(self, task: DersTask):
        self.task = task
        model = task.model
        self._points = points_at(model, model.device_buses)

    def act(
        self, observation: FloatArray, state: DersState | None = None
    ) -> FloatArray:
        """The action, (episode, action), from the voltages of the step before; raises `InputError` without `state`."""
        if state is None:
            raise InputError(
                "The droop needs the state of the episodes: call act(observation, state)."
            )
        action = self.task.idle_action(len(observation))
        # views of the action: what is written to them stands in it
        battery, pv, flexible = self.task.of_kind(action)
        v_pu = state.v_pu[:, self._points]
        n_batteries = battery.shape[1]
        n_inverters = n_batteries + pv.shape[1]
        q_share = np.clip(Q_PER_PU * (1.0 - v_pu), -1.0, 1.0)
        battery[..., 1] = q_share[:, :n_batteries]
        pv[..., 1] = q_share[:, n_batteries:n_inverters]
        is_high = v_pu[:, n_batteries:n_inverters] > SPILL_ABOVE_PU
        spilled_share = np.where(is_high, SPILLED_SHARE, 0.0)
        pv[..., 0] = self.task.spill_entry(spilled_share)
        is_low = v_pu[:, n_inverters:] < CURTAIL_BELOW_PU
        flexible[..., 0] = CURTAILED_SHARE * is_low
        return action
