"""`DersTask`: what both forms of the task share: states, agents, set-points, the power flow of a step.

A form says what the sun offers and what of it is spilled, what is rewarded, and what each agent sees of its device.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from tieline.devices.rebound_load import ReboundLoads, Reduction
from tieline.envs.box import Box
from tieline.envs.ders.days import Days
from tieline.envs.ders.device_points import points_of_batteries, points_of_pv
from tieline.envs.ders.model import DerModel, Effect
from tieline.envs.ders.observe import Entry, LocalView
from tieline.envs.ders.state import DersState, SetPoints
from tieline.envs.draws import pick
from tieline.envs.rebound_entries import REBOUND_WORDS, rebound_entries
from tieline.envs.substation_days.series import STEP_H
from tieline.envs.task import Agent, Outcome, Task
from tieline.typing import FloatArray, IntArray

FLEXIBLE_ENTRIES = tuple(Entry(word) for word in REBOUND_WORDS)
"""What a flexible load's agent sees of it."""


class DersTask(Task[DersState]):
    """Batteries, PV inverters and flexible loads, an agent each; the forms say what is decided and rewarded.

    Where a method takes `xp`, the array package, it is for `jax.numpy` as well: the compiled form asks it too.

    Args:
        model: the feeder.
        flexible_loads: what they may do.
        days: load and sun of every episode.
        band_pu: limits of every voltage.
        view: what agents see.
        action: what they set, two entries each.

    Attributes:
        closes_within_episode: whether nothing may be shifted that would return after the last step.
    """

    closes_within_episode: bool

    def __init__(
        self,
        model: DerModel,
        flexible_loads: ReboundLoads,
        days: Days,
        band_pu: tuple[float, float],
        view: LocalView,
        action: Box,
    ):
        self.model = model
        self.flexible_loads = flexible_loads
        self.days = days
        self.limits_pu = band_pu
        self.band_pu = band_pu
        self.network = model.network
        self.feeder_name = model.network.feeder.name
        self.view = view
        self.observation = view.box
        self.action = action
        storages = model.network.feeder.storages
        self.first_kwh = np.array([storage.stored_kwh for storage in storages])
        self.energy_kwh = np.array([storage.energy_kwh for storage in storages])

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        """One per device: batteries, PV, flexible loads."""
        agents = []
        for number, name in enumerate(self.model.agent_names):
            sets = np.array([2 * number, 2 * number + 1])
            agents.append(Agent(name, self.view.rows(number), sets))
        return tuple(agents)

    @abstractmethod
    def idle_action(self, count: int) -> FloatArray:
        """The action that does nothing: no power, no spill, no curtailing, (count, action)."""

    @abstractmethod
    def spill_entry(self, spilled_share: FloatArray) -> FloatArray:
        """The entry of an action that spills a share of the sun's offer, of the same shape."""

    @abstractmethod
    def spilled_share(self, entry: FloatArray) -> FloatArray:
        """The share of the sun's offer that an entry of an action spills, of the same shape: the inverse of `spill_entry`."""

    @abstractmethod
    def sun_kw(self, sun: FloatArray, xp: Any = np) -> FloatArray:
        """Active power that the sun offers, (..., inverter) [kW], from the output of panels over their rating, (...,)."""

    @abstractmethod
    def shared_seen(self, state: DersState, xp: Any = np) -> FloatArray:
        """What every agent sees beside voltages, (episode, shared entry)."""

    @abstractmethod
    def battery_seen(self, state: DersState, xp: Any = np) -> FloatArray:
        """What the agent of each battery sees of it, (episode, battery, 5)."""

    @abstractmethod
    def pv_seen(self, state: DersState, xp: Any = np) -> FloatArray:
        """What the agent of each inverter sees of it, (episode, inverter, 5)."""

    @abstractmethod
    def terms_of(
        self,
        state: DersState,
        after: DersState,
        points: SetPoints,
        effect: Effect,
        xp: Any = np,
    ) -> FloatArray:
        """Value of each reward term, (episode, term)."""

    @abstractmethod
    def costs_of(self, points: SetPoints, effect: Effect, xp: Any = np) -> FloatArray:
        """Value of each constraint, (episode, constraint)."""

    def start(self, seeds: IntArray) -> DersState:
        """The first step of a day per seed; what is seen of the step before is the first with all devices idle."""
        return self.start_of(pick(seeds, self.days.n_days))

    def start_of(self, day: IntArray) -> DersState:
        """The first step of given days, (episode,)."""
        state = self.unseen_start(day)
        idle, _, effect = self._carried_out(state, self.idle_action(len(day)))
        return self._with_seen(state, idle, effect)

    def unseen_start(self, day: IntArray) -> DersState:
        """The first step of given days, (episode,), before any voltage was seen."""
        count = len(day)
        devices = self.flexible_loads
        no_load_kw = np.zeros((count, len(devices.names)))
        no_pv_kw = np.zeros((count, len(self.model.inverters.names)))
        no_battery_kw = np.zeros((count, len(self.model.batteries.names)))
        return DersState(
            day=day,
            step=np.zeros(count, dtype=np.int64),
            v_pu=np.ones((count, len(self.model.points.names))),
            stored_kwh=np.repeat(self.first_kwh[None], count, axis=0),
            battery_kw=no_battery_kw,
            battery_kvar=no_battery_kw,
            sun=np.zeros(count),
            pv_kw=no_pv_kw,
            pv_kvar=no_pv_kw,
            spilled_share=no_pv_kw,
            curtailed_kw=no_load_kw,
            shifted_kw=no_load_kw,
            returned_kw=no_load_kw,
            owed_kw=np.repeat(devices.nothing_owed_kw[None], count, axis=0),
        )

    def advance(self, state: DersState, actions: FloatArray) -> Outcome[DersState]:
        """Carry out one step, as far as devices allow."""
        points, returned_kw, effect = self._carried_out(state, actions)
        after = self.after(state, points, returned_kw, effect)
        return Outcome(
            state=after,
            terms=self.terms_of(state, after, points, effect),
            costs=self.costs_of(points, effect),
            terminated=np.zeros(len(actions), dtype=bool),
            truncated=after.step == self.days.n_steps,
            solved=effect.solved,
            details={
                "loss_kw": effect.loss_kw,
                "battery_kw": points.battery_kw,
                "battery_kvar": points.battery_kvar,
                "stored_kwh": after.stored_kwh,
                "pv_kw": points.pv_kw,
                "pv_kvar": points.pv_kvar,
                "curtailed_kw": points.reduction.curtailed_kw,
                "shifted_kw": points.reduction.shifted_kw,
                "returned_kw": returned_kw,
                "voltage_pu": effect.v_pu,
            },
            solution=effect.solution,
        )

    def observe(self, state: DersState) -> FloatArray:
        """What all agents see, one after the other, (episode, observation)."""
        return self.seen(state)

    def seen(self, state: DersState, xp: Any = np) -> FloatArray:
        """As `observe`."""
        devices = (
            self.battery_seen(state, xp),
            self.pv_seen(state, xp),
            self.flexible_seen(state, xp),
        )
        by_agent = xp.concatenate(devices, axis=1)
        return self.view.see(state.v_pu, self.shared_seen(state, xp), by_agent, xp)

    def offered_kw(self, state: DersState, xp: Any = np) -> FloatArray:
        """Active power that the sun offers now, (episode, inverter) [kW]."""
        sun = xp.asarray(self.days.sun)[state.day, state.step]
        return self.sun_kw(sun, xp)

    def set_points(
        self, state: DersState, actions: FloatArray, load_kw: FloatArray
    ) -> SetPoints:
        """What an action becomes; `load_kw` is the load at each flexible load, (episode, device)."""
        _, _, flexible = self.of_kind(actions)
        reduction = self.reduction(state, flexible, load_kw)
        return self.points_beside(reduction, state, actions)

    def points_beside(
        self,
        reduction: Reduction,
        state: DersState,
        actions: FloatArray,
        xp: Any = np,
    ) -> SetPoints:
        """Set-points of batteries and PV, beside what flexible loads do."""
        battery, pv, _ = self.of_kind(actions)
        of_batteries = points_of_batteries(
            self.model.batteries, state.stored_kwh, battery[..., 0], battery[..., 1], xp
        )
        spilled_share = self.spilled_share(pv[..., 0])
        offered_kw = self.offered_kw(state, xp)
        of_pv = points_of_pv(
            self.model.inverters, offered_kw, spilled_share, pv[..., 1], xp
        )
        return SetPoints(
            of_batteries.p_kw,
            of_batteries.q_kvar,
            of_pv.p_kw,
            of_pv.q_kvar,
            spilled_share,
            reduction,
            of_batteries.n_clipped + of_pv.n_clipped,
        )

    def of_kind(self, actions: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """An action's entries for batteries, PV and flexible loads, (episode, device, 2) each."""
        by_agent = actions.reshape(len(actions), -1, 2)
        n_batteries = len(self.model.batteries.names)
        n_flexible = len(self.model.flexible_load)
        return (
            by_agent[:, :n_batteries],
            by_agent[:, n_batteries:-n_flexible],
            by_agent[:, -n_flexible:],
        )

    def reduction(
        self, state: DersState, entries: FloatArray, load_kw: FloatArray
    ) -> Reduction:
        """What flexible loads take off their loads, from the shares of their caps that they curtail and shift."""
        # entries below 0, which there are as published, count as 0
        shares = np.clip(entries, 0.0, 1.0)
        devices = self.flexible_loads
        steps_after = self.days.n_steps - 1 - state.step
        return devices.clip(
            shares[..., 0] * devices.curtail_max_kw,
            shares[..., 1] * devices.shift_max_kw,
            load_kw,
            state.owed_kw,
            steps_after=steps_after if self.closes_within_episode else None,
        )

    def flexible_seen(self, state: DersState, xp: Any = np) -> FloatArray:
        """`FLEXIBLE_ENTRIES` of each flexible load, (episode, flexible load, entry)."""
        return rebound_entries(
            self.flexible_loads,
            state.curtailed_kw,
            state.shifted_kw,
            state.returned_kw,
            state.owed_kw,
            xp,
        )

    def _carried_out(
        self, state: DersState, actions: FloatArray
    ) -> tuple[SetPoints, FloatArray, Effect]:
        """Set-points of an action, what comes back, (episode, flexible load) [kW], and the power flow of the step."""
        share = self.days.load[state.day, state.step]
        load_kw, load_kvar = self.model.loads(share)
        at_device = self.model.flexible_load
        points = self.set_points(state, actions, load_kw[:, at_device])
        returned_kw = self.flexible_loads.returned_kw(state.owed_kw)
        p_kw, q_kvar = self.flexible_loads.consumption(
            load_kw[:, at_device],
            load_kvar[:, at_device],
            points.reduction,
            returned_kw,
        )
        # products made above, so that these arrays belong to this step alone
        load_kw[:, at_device] = p_kw
        load_kvar[:, at_device] = q_kvar
        effect = self.model.effect(
            load_kw,
            load_kvar,
            (points.pv_kw, points.pv_kvar),
            (points.battery_kw, points.battery_kvar),
            self.tap_of(state),
        )
        return points, returned_kw, effect

    def tap_of(self, state: DersState) -> IntArray | None:
        """Where regulators start from in this step, (episode, regulator); None where there is none."""
        del state
        return None

    def _with_seen(
        self, state: DersState, points: SetPoints, effect: Effect
    ) -> DersState:
        """The first state, with voltages and PV as seen with all devices idle; nothing else has moved."""
        return replace(
            state,
            v_pu=np.where(effect.solved[:, None], effect.v_pu, state.v_pu),
            sun=self.days.sun[state.day, state.step],
            pv_kw=points.pv_kw,
        )

    def after(
        self,
        state: DersState,
        points: SetPoints,
        returned_kw: FloatArray,
        effect: Effect,
    ) -> DersState:
        """Where a step leaves the episode; one without a solution keeps the voltages it had seen before."""
        charge_kw = np.maximum(-points.battery_kw, 0.0)
        discharge_kw = np.maximum(points.battery_kw, 0.0)
        reduction = points.reduction
        return DersState(
            day=state.day,
            step=state.step + 1,
            v_pu=np.where(effect.solved[:, None], effect.v_pu, state.v_pu),
            stored_kwh=self.model.batteries.next_stored_kwh(
                state.stored_kwh, charge_kw, discharge_kw, STEP_H
            ),
            battery_kw=points.battery_kw,
            battery_kvar=points.battery_kvar,
            sun=self.days.sun[state.day, state.step],
            pv_kw=points.pv_kw,
            pv_kvar=points.pv_kvar,
            spilled_share=points.spilled_share,
            curtailed_kw=reduction.curtailed_kw,
            shifted_kw=reduction.shifted_kw,
            returned_kw=returned_kw,
            owed_kw=self.flexible_loads.next_owed_kw(
                state.owed_kw, reduction.shifted_kw
            ),
        )
