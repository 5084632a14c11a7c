"""Rules that a learned policy has to beat: nothing, a constant share, fixed hours, and droop on the voltage, as published.

Hours are steps of the episode, as published: in the task as published they are not those of a clock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.flexible_loads.base import FlexibleLoadsState, FlexibleLoadsTask
from tieline.errors import InputError
from tieline.typing import FloatArray

TIME_OF_USE_STEPS = (16, 20)
"""First and last step in which the rule of fixed hours acts."""

FULL_CURTAIL_PU = 0.04
FULL_SHIFT_PU = 0.06
MOST_SHIFT = 0.5
DROOP_BELOW_PU = 0.96
"""Of the droop: where it begins, how far below it curtails all and would shift all, and the most that it shifts."""


@dataclass(frozen=True)
class ConstantShares:
    """Every device curtails and shifts the same shares of its caps in every step; the default does nothing."""

    task: FlexibleLoadsTask
    curtail_share: float = 0.0
    shift_share: float = 0.0

    def act(
        self, observation: FloatArray, state: FlexibleLoadsState | None = None
    ) -> FloatArray:
        """The shares, (episode, action)."""
        del state
        shape = (len(observation), len(self.task.devices.names))
        curtail = np.full(shape, self.curtail_share)
        shift = np.full(shape, self.shift_share)
        return as_action(curtail, shift)


@dataclass(frozen=True)
class FixedHours:
    """All devices curtail and shift given shares in some steps of the episode, and nothing in the others."""

    task: FlexibleLoadsTask
    steps: tuple[int, int] = TIME_OF_USE_STEPS
    curtail_share: float = 0.8
    shift_share: float = 0.5

    def act(
        self, observation: FloatArray, state: FlexibleLoadsState | None = None
    ) -> FloatArray:
        """The shares, (episode, action); raises `InputError` without `state`, which knows the step."""
        del observation
        step = _required(state).step
        first, last = self.steps
        acts = ((step >= first) & (step <= last)).astype(float)
        by_device = np.repeat(acts[:, None], len(self.task.devices.names), axis=1)
        return as_action(self.curtail_share * by_device, self.shift_share * by_device)


class Droop:
    """Each device curtails and shifts the more, the lower the voltage at its bus was in the step before."""

    def __init__(self, task: FlexibleLoadsTask):
        model = task.model
        feeder = model.network.feeder
        bus_names = [bus.name for bus in feeder.buses]
        buses = [feeder.loads[load].bus for load in model.device_load]
        numbers = [bus_names.index(bus) for bus in buses]
        is_there = np.array(numbers)[:, None] == model.points.bus
        # the mean of the phases, where a bus has several
        self._mean_of = (is_there / is_there.sum(axis=1, keepdims=True)).T

    def act(
        self, observation: FloatArray, state: FlexibleLoadsState | None = None
    ) -> FloatArray:
        """The shares, (episode, action); raises `InputError` without `state`."""
        del observation
        v_pu = _required(state).v_pu @ self._mean_of
        below_pu = DROOP_BELOW_PU - v_pu
        curtail = np.clip(below_pu / FULL_CURTAIL_PU, 0.0, 1.0)
        shift = np.clip(below_pu / FULL_SHIFT_PU, 0.0, MOST_SHIFT)
        return as_action(curtail, shift)


def as_action(curtail: FloatArray, shift: FloatArray) -> FloatArray:
    """Shares of each device, (episode, device) both, as an action, (episode, action): device by device."""
    return np.stack([curtail, shift], axis=2).reshape(len(curtail), -1)


def _required(state: FlexibleLoadsState | None) -> FlexibleLoadsState:
    if state is None:
        raise InputError(
            "The rule needs the state of the episodes: call act(observation, state)."
        )
    return state
