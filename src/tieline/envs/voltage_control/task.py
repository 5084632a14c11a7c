"""`VoltageControlTask`: hold voltages inside a band by the reactive power of PV inverters, over a day in quarter-hours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tieline.envs.box import Box
from tieline.envs.draws import pick
from tieline.envs.safeguarded import Bounds, Kept, Limited, limited_voltages
from tieline.envs.task import Agent, Constraint, Outcome, Task, Term
from tieline.envs.voltage_band import outside_pu
from tieline.envs.voltage_control.config import VoltageControlEnvConfig
from tieline.envs.voltage_control.days import Days, draw_days
from tieline.envs.voltage_control.model import Effect, Positions, VoltageModel
from tieline.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from tieline.envs.voltage_control.compiled import CompiledVoltageControl

VOLTAGE_SCALE_PU = 0.1
"""A voltage is seen as its distance from nominal in tenths: what occurs on a feeder then lies within -1 and 1."""

HIGHEST_SEEN_PU = 2.0
HIGHEST_LOAD_SEEN = 5.0
"""Bounds of what is seen: a voltage twice nominal is no operating point, and a load of few homes may pass its expected peak a few
times over. What lies beyond is seen at the bound."""


@dataclass(frozen=True, eq=False)
class VoltageControlState:
    """Where an episode stands: its `day` in the pool and `step`, both (episode,); what the step before left behind: voltages of
    all points, (episode, point) [pu], reactive power, (episode, inverter) [kvar], and positions of regulators and capacitors.
    """

    day: IntArray
    step: IntArray
    v_pu: FloatArray
    q_kvar: FloatArray
    tap: IntArray
    capacitor_steps: FloatArray

    @property
    def positions(self) -> Positions:
        """Where regulators and capacitors stand."""
        return Positions(self.tap, self.capacitor_steps)


class VoltageControlTask(Task[VoltageControlState]):
    """Hold voltages inside a band, at small losses, by the reactive power of n PV inverters.

    Episode: a day in quarter-hours (96 steps; see `profiles`), then truncated, since the world goes on. The seed picks the day
    from a pool of days that the configuration draws once; the inverters start at Q = 0. Terminated only where the power flow
    has no solution.

    Step: load and sun of the step are known, the voltages are those measured in the step before. The inverters give what the
    sun offers and the reactive power that is decided; regulators and capacitors act, unless held, from where they stand.

    Observation: `offer_share`, the active power on offer of each inverter over its kVA, [0, 1]; `last_q_share`, its last
    reactive power over its kVA, [-1, 1]; `voltage` of every point of the feeder as (V - 1 pu) / 0.1 pu, [-10, 10]; `load_share`,
    every load over its nominal power, [0, 5]; `day_sine` and `day_cosine` of the time of day.

    Action, n numbers in [-1, 1]: `q_share`, reactive power of each inverter as a share of what its active power leaves of its
    kVA; above 0 it injects, which lifts the voltage.

    Agents: one per inverter. It sees its own power on offer, reactive power and voltages, and the time.

    Reward: -(loss_weight x `loss_pct` [% of the feeder's peak load] + outside_weight x `outside_pct`, mean over points of the
    distance from the band [% of nominal] + reactive_weight x `reactive_pct`, mean |Q| of the inverters [% of kVA] + tap_weight x
    `tap_steps` that all regulators together stand away from where they stood before [steps]).

    Costs: `undervoltage_pu`, how far the lowest voltage falls below `lowest_pu`, and `overvoltage_pu`, how far the highest rises
    above `highest_pu` [pu], limit 0.

    Info: `p_kw`, `q_kvar` (episode, inverter), `voltage_pu` (episode, point), `loss_kw` (episode,).

    Own data: give `days` made from them, in place of the drawn pool.
    """

    name = "voltage-control"

    def __init__(
        self,
        config: VoltageControlEnvConfig,
        model: VoltageModel | None = None,
        days: Days | None = None,
    ):
        self.config = config
        self.model = model or VoltageModel.of(config)
        self.inverters = self.model.inverters
        feeder = self.model.network.feeder
        self.feeder_name = feeder.name
        self.network = self.model.network
        self.band_pu = (config.lowest_pu, config.highest_pu)
        self.days = days or draw_days(feeder, config)
        self._peak_kw = feeder.peak_load_kw
        self.observation = self._observation_box()
        self.action = Box.of(
            tuple(f"q_share of {name}" for name in self.inverters.names), -1.0, 1.0
        )
        self.terms = (
            Term("loss_pct", "%", -config.loss_weight, 100.0),
            Term("outside_pct", "%", -config.outside_weight, 100.0 * config.lowest_pu),
            Term("reactive_pct", "%", -config.reactive_weight, 100.0),
            Term("tap_steps", "steps", -config.tap_weight, self.model.all_tap_steps),
        )
        self.constraints = (
            Constraint("undervoltage_pu", "pu", 0.0, 1.0),
            Constraint("overvoltage_pu", "pu", 0.0, 1.0),
        )

    def _observation_box(self) -> Box:
        inverters = self.inverters.names
        model = self.model
        points = model.points.names
        loads = [load.name for load in model.network.feeder.loads]
        low = -1.0 / VOLTAGE_SCALE_PU
        high = (HIGHEST_SEEN_PU - 1.0) / VOLTAGE_SCALE_PU
        # in the order in which `observe` stacks them
        parts = (
            Box.of(tuple(f"offer_share of {name}" for name in inverters), 0.0, 1.0),
            Box.of(tuple(f"last_q_share of {name}" for name in inverters), -1.0, 1.0),
            Box.of(tuple(f"voltage at {name}" for name in points), low, high),
            Box.of(
                tuple(f"load_share of {name}" for name in loads), 0.0, HIGHEST_LOAD_SEEN
            ),
            Box.of(("day_sine", "day_cosine"), -1.0, 1.0),
        )
        return Box.joined(parts)

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        """One per inverter."""
        n = len(self.inverters.names)
        size = self.observation.size
        agents = []
        for k, name in enumerate(self.inverters.names):
            # its offer, its last Q, the voltages at its terminals, and the time, as `observe` lists them
            voltages = 2 * n + self.model.terminals[k]
            sees = np.array([k, n + k, *voltages, size - 2, size - 1])
            agents.append(Agent(name, sees, sets=np.array([k])))
        return tuple(agents)

    def start(self, seeds: IntArray) -> VoltageControlState:
        """The first step of a day per seed, inverters at Q = 0 and controls at rest."""
        count = len(seeds)
        day = pick(seeds, self.days.n_days)
        model = self.model
        positions = model.positions
        # what the step before left behind is not known yet: placeholders, replaced by the effect at Q = 0
        state = VoltageControlState(
            day=day,
            step=np.zeros(count, dtype=np.int64),
            v_pu=np.ones((count, len(model.points.names))),
            q_kvar=np.zeros((count, len(self.inverters.names))),
            tap=np.repeat(positions.tap, count, axis=0),
            capacitor_steps=np.repeat(positions.capacitor_steps, count, axis=0),
        )
        effect = self.effect(state, state.q_kvar)
        return self._after(state, effect, state.q_kvar, step=state.step)

    def observe(self, state: VoltageControlState) -> FloatArray:
        """What is on offer and asked now, what the step before left behind, and the time, (episode, observation)."""
        kva = self.inverters.kva
        days = self.days
        angle = days.hour[state.day, state.step] * (2.0 * np.pi / 24.0)
        parts = (
            self.offered_kw(state) / kva,
            state.q_kvar / kva,
            (state.v_pu - 1.0) / VOLTAGE_SCALE_PU,
            days.load_pu[state.day, state.step],
            np.sin(angle)[:, None],
            np.cos(angle)[:, None],
        )
        return self.observation.clip(np.hstack(parts))

    def offered_kw(self, state: VoltageControlState) -> FloatArray:
        """Active power that the sun offers now, (episode, inverter) [kW]."""
        sun_pu = self.days.sun_pu[state.day, state.step]
        return self.inverters.available_kw(sun_pu[:, None])

    def shares_of(self, state: VoltageControlState, q_kvar: FloatArray) -> FloatArray:
        """Reactive powers as an action, (episode, inverter): shares of what active power leaves, at most all of it."""
        room_kvar = self.inverters.q_limit_kvar(self.offered_kw(state))
        # where active power takes all the rating, no share means anything: zero
        share = np.zeros_like(q_kvar)
        np.divide(q_kvar, room_kvar, out=share, where=room_kvar > 0)
        return np.clip(share, -1.0, 1.0)

    def effect(self, state: VoltageControlState, q_kvar: FloatArray) -> Effect:
        """What reactive powers of the inverters, (episode, inverter) [kvar], would lead to in this step."""
        load_pu = self.days.load_pu[state.day, state.step]
        offered_kw = self.offered_kw(state)
        return self.model.effect(load_pu, offered_kw, q_kvar, state.positions)

    def advance(
        self, state: VoltageControlState, actions: FloatArray
    ) -> Outcome[VoltageControlState]:
        """Carry out the shares of reactive power for one step."""
        p_kw = self.offered_kw(state)
        q_kvar = actions * self.inverters.q_limit_kvar(p_kw)
        effect = self.effect(state, q_kvar)
        step = state.step + 1
        return Outcome(
            state=self._after(state, effect, q_kvar, step),
            terms=self._terms(state, effect, q_kvar),
            costs=self._costs(effect),
            terminated=np.zeros(len(actions), dtype=bool),
            truncated=step == self.days.n_steps,
            solved=effect.solved,
            details={
                "p_kw": p_kw,
                "q_kvar": q_kvar,
                "voltage_pu": effect.v_pu,
                "loss_kw": effect.loss_kw,
            },
            solution=effect.solution,
        )

    def limited(self, state: VoltageControlState, actions: FloatArray) -> Limited:
        """Voltages of all points inside the band; see `Safeguarded`."""
        offered_kw = self.offered_kw(state)
        room_kvar = self.inverters.q_limit_kvar(offered_kw)
        solution = self.effect(state, actions * room_kvar).solution
        config = self.config
        band = (config.lowest_pu, config.highest_pu)
        inverters = np.arange(self.action.size)
        points = self.model.points
        # an action is a share of the room: kvar per action
        return limited_voltages(
            solution, points, band, "der_kvar", inverters, room_kvar
        )

    def carried_out(
        self, state: VoltageControlState, actions: FloatArray
    ) -> FloatArray:
        """The action as it is; see `Safeguarded`, (episode, action)."""
        del state
        return actions

    @property
    def controls_act(self) -> bool:
        """Whether the feeder has any that are not held; see `Safeguarded`."""
        model = self.model
        feeder = model.network.feeder
        return model.controls == "feeder" and feeder.has_controls

    def bounds(self, state: VoltageControlState) -> Bounds:
        """The same at all times, as an action is a share of what there is; see `Safeguarded`."""
        return Bounds.of(self.action, len(state.day))

    def kept(self, state: VoltageControlState) -> Kept:
        """Inverters owe each other nothing; see `Safeguarded`."""
        return Kept.nothing(len(state.day), self.action.size)

    def _after(
        self,
        state: VoltageControlState,
        effect: Effect,
        q_kvar: FloatArray,
        step: IntArray,
    ) -> VoltageControlState:
        """Where the effect leaves an episode; one without a solution keeps what it had seen before."""
        v_pu = np.where(
            effect.solved[:, None],
            effect.v_pu,
            state.v_pu,
        )
        positions = effect.positions
        return VoltageControlState(
            state.day, step, v_pu, q_kvar, positions.tap, positions.capacitor_steps
        )

    def _terms(
        self, state: VoltageControlState, effect: Effect, q_kvar: FloatArray
    ) -> FloatArray:
        config = self.config
        band_pu = (config.lowest_pu, config.highest_pu)
        outside = outside_pu(effect.v_pu, band_pu).mean(axis=1)
        q_share = np.abs(q_kvar / self.inverters.kva)
        tap_moves = np.abs(effect.positions.tap - state.tap)
        # in the order of `terms`
        columns = [
            100.0 * effect.loss_kw / self._peak_kw,
            100.0 * outside,
            100.0 * q_share.mean(axis=1),
            tap_moves.sum(axis=1),
        ]
        return np.column_stack(columns)

    def _costs(self, effect: Effect) -> FloatArray:
        lowest = effect.v_pu.min(axis=1)
        highest = effect.v_pu.max(axis=1)
        config = self.config
        below = config.lowest_pu - lowest
        above = highest - config.highest_pu
        beyond = np.column_stack([below, above])
        return np.maximum(beyond, 0.0)

    def compiled(self) -> CompiledVoltageControl:
        """The task as pure JAX functions; refused where regulators or capacitors act."""
        # not at the top: it imports JAX
        from tieline.envs.voltage_control.compiled import CompiledVoltageControl

        return CompiledVoltageControl(self)

    @property
    def setting(self) -> dict[str, Any]:
        """Ratings of the inverters, length of a step, band and weights."""
        names = (
            "controls",
            "lowest_pu",
            "highest_pu",
            "loss_weight",
            "outside_weight",
            "reactive_weight",
            "tap_weight",
        )
        return {
            "rated_kw": self.inverters.rated_kw.tolist(),
            "kva": self.inverters.kva.tolist(),
            "step_minutes": self.config.profiles.step_minutes,
            **{name: getattr(self.config, name) for name in names},
        }
