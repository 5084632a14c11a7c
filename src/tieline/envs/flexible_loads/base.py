"""`FlexibleLoadsTask`: what both forms of the task share: states, the power flow of a step, and what is seen.

A form says what a decider's wish becomes (`give_way`), what it is paid and charged, and which time of day it is shown.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from tieline.devices.rebound_load import ReboundLoads, Reduction
from tieline.envs.box import Box
from tieline.envs.draws import pick
from tieline.envs.flexible_loads.days import Days
from tieline.envs.flexible_loads.definition import Definition
from tieline.envs.flexible_loads.model import Effect, FeederModel
from tieline.envs.flexible_loads.observe import View
from tieline.envs.rebound_entries import rebound_entries
from tieline.envs.task import Outcome, Task
from tieline.envs.voltage_band import count_outside
from tieline.feeders import load_feeder
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class FlexibleLoadsState:
    """Where an episode stands: its `day` and `step`, (episode,), and what the step before left behind.

    Attributes:
        v_pu: voltages, (episode, point).
        line_kw, line_kvar: flows, (episode, line).
        curtailed_kw, shifted_kw, returned_kw: of each device, (episode, device).
        owed_kw: what comes back in each of the next steps, (episode, device, lag).
    """

    day: IntArray
    step: IntArray
    v_pu: FloatArray
    line_kw: FloatArray
    line_kvar: FloatArray
    curtailed_kw: FloatArray
    shifted_kw: FloatArray
    returned_kw: FloatArray
    owed_kw: FloatArray


class FlexibleLoadsTask(Task[FlexibleLoadsState]):
    """Flexible loads on a feeder; the forms say what is decided and rewarded.

    Args:
        definition: feeder, zones and devices.
        model: the feeder.
        devices: what they may do.
        days: load of each zone in every episode.
        lowest_action: of every entry; the highest is 1.

    Attributes:
        closes_within_episode: whether nothing may be shifted that would return after the last step.
        view: what a decider sees.
    """

    closes_within_episode: bool

    def __init__(
        self,
        definition: Definition,
        model: FeederModel,
        devices: ReboundLoads,
        days: Days,
        lowest_action: float,
    ):
        self.model = model
        self.devices = devices
        self.days = days
        self.network = model.network
        self.feeder_name = model.network.feeder.name
        self.limits_pu = (definition.lowest_pu, definition.highest_pu)
        self.band_pu = self.limits_pu
        case = load_feeder(definition.feeder)
        self.view = View(
            model,
            devices,
            scale_kw=sum(load.p_kw for load in case.loads),
            scale_kvar=sum(load.q_kvar for load in case.loads),
        )
        self.observation = self.view.box
        names = []
        for name in devices.names:
            names += [f"curtail_share of {name}", f"shift_share of {name}"]
        self.action = Box.of(tuple(names), lowest_action, 1.0)

    @abstractmethod
    def give_way(
        self, state: FlexibleLoadsState, actions: FloatArray, load_kw: FloatArray
    ) -> Reduction:
        """What devices take off their loads; `load_kw` is the load at each, (episode, device)."""

    @abstractmethod
    def day_angle(self, state: FlexibleLoadsState) -> FloatArray:
        """The time of day that is shown, 2 pi for all of it, (episode,)."""

    @abstractmethod
    def terms_of(self, effect: Effect, reduction: Reduction) -> FloatArray:
        """Value of each reward term, (episode, term)."""

    def effect_of(
        self, state: FlexibleLoadsState, load_kw: FloatArray, load_kvar: FloatArray
    ) -> Effect:
        """What loads of this step, (episode, load), lead to."""
        del state
        return self.model.effect(load_kw, load_kvar)

    def start(self, seeds: IntArray) -> FlexibleLoadsState:
        """The first step of a day per seed; what is seen of the step before is the first without control."""
        count = len(seeds)
        devices = self.devices
        day = pick(seeds, self.days.n_days)
        first = np.zeros(count, dtype=np.int64)
        effect = self.model.effect(*self.model.loads(self.days.shape[day, first]))
        no_kw = np.zeros((count, len(devices.names)))
        return FlexibleLoadsState(
            day=day,
            step=first,
            v_pu=effect.v_pu,
            line_kw=effect.line_kw,
            line_kvar=effect.line_kvar,
            curtailed_kw=no_kw,
            shifted_kw=no_kw,
            returned_kw=no_kw,
            owed_kw=np.repeat(devices.nothing_owed_kw[None], count, axis=0),
        )

    def observe(self, state: FlexibleLoadsState) -> FloatArray:
        """The step before, the loads of this one, the time and the devices, (episode, observation)."""
        load_kw, load_kvar = self.loads(state)
        device_entries = rebound_entries(
            self.devices,
            state.curtailed_kw,
            state.shifted_kw,
            state.returned_kw,
            state.owed_kw,
        )
        return self.view.see(
            state.v_pu,
            state.line_kw,
            state.line_kvar,
            load_kw,
            load_kvar,
            self.day_angle(state),
            device_entries,
        )

    def loads(self, state: FlexibleLoadsState) -> tuple[FloatArray, FloatArray]:
        """P and Q of all loads in this step before anything is done, (episode, load) [kW, kvar]."""
        return self.model.loads(self.days.shape[state.day, state.step])

    def advance(
        self, state: FlexibleLoadsState, actions: FloatArray
    ) -> Outcome[FlexibleLoadsState]:
        """Carry out the wishes of one step, as far as the form allows."""
        load_kw, load_kvar = self.loads(state)
        at_device = self.model.device_load
        reduction = self.give_way(state, actions, load_kw[:, at_device])
        returned_kw = self.devices.returned_kw(state.owed_kw)
        p_kw, q_kvar = self.devices.consumption(
            load_kw[:, at_device], load_kvar[:, at_device], reduction, returned_kw
        )
        # products made above, so that these arrays belong to this step alone
        load_kw[:, at_device] = p_kw
        load_kvar[:, at_device] = q_kvar
        effect = self.effect_of(state, load_kw, load_kvar)
        after = self.after(state, effect, reduction, returned_kw)
        n_outside = count_outside(effect.v_pu, self.limits_pu)
        return Outcome(
            state=after,
            terms=self.terms_of(effect, reduction),
            costs=n_outside[:, None],
            terminated=np.zeros(len(actions), dtype=bool),
            truncated=after.step == self.days.n_steps,
            solved=effect.solved,
            details={
                "loss_kw": effect.loss_kw,
                "curtailed_kw": reduction.curtailed_kw,
                "shifted_kw": reduction.shifted_kw,
                "returned_kw": returned_kw,
                "voltage_pu": effect.v_pu,
            },
            solution=effect.solution,
        )

    def after(
        self,
        state: FlexibleLoadsState,
        effect: Effect,
        reduction: Reduction,
        returned_kw: FloatArray,
    ) -> FlexibleLoadsState:
        """Where a step leaves the episode; one without a solution keeps the voltages and flows it had seen before."""
        solved = effect.solved[:, None]
        return FlexibleLoadsState(
            day=state.day,
            step=state.step + 1,
            v_pu=np.where(solved, effect.v_pu, state.v_pu),
            line_kw=np.where(solved, effect.line_kw, state.line_kw),
            line_kvar=np.where(solved, effect.line_kvar, state.line_kvar),
            curtailed_kw=reduction.curtailed_kw,
            shifted_kw=reduction.shifted_kw,
            returned_kw=returned_kw,
            owed_kw=self.devices.next_owed_kw(state.owed_kw, reduction.shifted_kw),
        )
