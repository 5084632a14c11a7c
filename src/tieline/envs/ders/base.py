"""`DersTask`: what both forms of the task share: states, agents, the power flow of a step.

A form says what an action becomes (`set_points`), what is rewarded, and what each agent sees of its device.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.devices.rebound_load import ReboundLoads, Reduction
from tieline.envs.box import Box
from tieline.envs.ders.days import Days
from tieline.envs.ders.model import DerModel, Effect
from tieline.envs.ders.observe import Entry, LocalView
from tieline.envs.draws import pick
from tieline.envs.rebound_entries import REBOUND_WORDS, rebound_entries
from tieline.envs.substation_days.series import STEP_H
from tieline.envs.task import Agent, Outcome, Task
from tieline.typing import FloatArray, IntArray

FLEXIBLE_ENTRIES = tuple(Entry(word) for word in REBOUND_WORDS)
"""What a flexible load's agent sees of it."""

MOVED = 1e-9
"""A set-point that a limit moves by less stands [kW or kvar]."""


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


class DersTask(Task[DersState]):
    """Batteries, PV inverters and flexible loads, an agent each; the forms say what is decided and rewarded.

    Args:
        model: the feeder.
        flexible_loads: what they may do.
        days: load and sun of every episode.
        band_pu: limits of every voltage.
        view: what agents see.
        action: what they set, two entries each.
    """

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
    def set_points(
        self, state: DersState, actions: FloatArray, load_kw: FloatArray
    ) -> SetPoints:
        """What an action becomes; `load_kw` is the load at each flexible load, (episode, device)."""

    @abstractmethod
    def offered_kw(self, state: DersState) -> FloatArray:
        """Active power that the sun offers now, (episode, inverter) [kW]."""

    @abstractmethod
    def terms_of(
        self, state: DersState, after: DersState, points: SetPoints, effect: Effect
    ) -> FloatArray:
        """Value of each reward term, (episode, term)."""

    @abstractmethod
    def costs_of(self, points: SetPoints, effect: Effect) -> FloatArray:
        """Value of each constraint, (episode, constraint)."""

    def start(self, seeds: IntArray) -> DersState:
        """The first step of a day per seed; what is seen of the step before is the first with all devices idle."""
        count = len(seeds)
        day = pick(seeds, self.days.n_days)
        devices = self.flexible_loads
        no_load_kw = np.zeros((count, len(devices.names)))
        no_pv_kw = np.zeros((count, len(self.model.inverters.names)))
        no_battery_kw = np.zeros((count, len(self.model.batteries.names)))
        state = DersState(
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
        idle, _, effect = self._carried_out(state, self.idle_action(count))
        return self._with_seen(state, idle, effect)

    def advance(self, state: DersState, actions: FloatArray) -> Outcome[DersState]:
        """Carry out one step, as far as devices allow."""
        points, returned_kw, effect = self._carried_out(state, actions)
        after = self._after(state, points, returned_kw, effect)
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

    def battery_points(
        self, state: DersState, p_share: FloatArray, q_share: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """P and Q of batteries from shares of rating and apparent power, and how many set-points a limit moved, (episode,).

        P gives way to what is stored and to the room left, Q to the circle.
        """
        batteries = self.model.batteries
        wanted_kw = p_share * batteries.discharge_max_kw
        charge_kw, discharge_kw = batteries.power_limits_kw(state.stored_kwh, STEP_H)
        p_kw = np.clip(wanted_kw, -charge_kw, discharge_kw)
        room_kvar = q_room(batteries.kva, p_kw)
        wanted_kvar = q_share * batteries.kva
        q_kvar = np.clip(wanted_kvar, -room_kvar, room_kvar)
        n_moved = _n_moved(wanted_kw, p_kw) + _n_moved(wanted_kvar, q_kvar)
        return p_kw, q_kvar, n_moved

    def pv_points(
        self, state: DersState, spilled_share: FloatArray, q_share: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """P and Q of PV from the share of the offer that is spilled and a share of apparent power, and set-points moved."""
        inverters = self.model.inverters
        p_kw = self.offered_kw(state) * (1.0 - spilled_share)
        room_kvar = inverters.q_limit_kvar(p_kw)
        wanted_kvar = q_share * inverters.kva
        q_kvar = np.clip(wanted_kvar, -room_kvar, room_kvar)
        return p_kw, q_kvar, _n_moved(wanted_kvar, q_kvar)

    def flexible_seen(self, state: DersState) -> FloatArray:
        """`FLEXIBLE_ENTRIES` of each flexible load, (episode, flexible load, entry)."""
        return rebound_entries(
            self.flexible_loads,
            state.curtailed_kw,
            state.shifted_kw,
            state.returned_kw,
            state.owed_kw,
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
        )
        return points, returned_kw, effect

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

    def _after(
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


def action_box(
    model: DerModel, pv_word: str, pv_low: float, flexible_low: float
) -> Box:
    """Two entries for each agent: P and Q of batteries, what PV spills and its Q, what flexible loads curtail and shift.

    Args:
        model: the feeder.
        pv_word, pv_low: name and least value of the first entry of PV; the highest is 1.
        flexible_low: least value of both entries of flexible loads.
    """
    boxes = []
    for agent in model.agent_names:
        kind = agent.partition("_")[0]
        words, low = {
            "battery": (("p_share", "q_share"), (-1.0, -1.0)),
            "pv": ((pv_word, "q_share"), (pv_low, -1.0)),
            "flexible": (("curtail_share", "shift_share"), 2 * (flexible_low,)),
        }[kind]
        names = tuple(f"{word} of {agent}" for word in words)
        boxes.append(Box(names, np.array(low), np.ones(2)))
    return Box.joined(boxes)


def _n_moved(wish: FloatArray, set_point: FloatArray) -> FloatArray:
    """How many devices do something else than what was wished, (episode,)."""
    is_moved = np.abs(wish - set_point) > MOVED
    return is_moved.sum(axis=1).astype(float)
