"""Rules that a learned policy has to beat: no reactive power at all, that of the loads nearby, a volt-var curve.

Real inverters follow their curve within seconds, so over a quarter-hour Q and V are in balance: q = curve(V(q)), see
`devices.volt_var`.

All are deciders: `act(observation, state)` gives the action of each episode.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tieline.devices import VoltVar
from tieline.devices.volt_var import settle
from tieline.envs.state_rows import take_rows
from tieline.envs.voltage_control.task import VoltageControlState, VoltageControlTask
from tieline.errors import InputError
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True)
class DoNothing:
    """No reactive power."""

    task: VoltageControlTask

    def act(
        self, observation: FloatArray, state: VoltageControlState | None = None
    ) -> FloatArray:
        """Zero for every inverter, (episode, inverter)."""
        del state
        return np.zeros((len(observation), self.task.action.size))


STEEP = VoltVar((0.95, 1.0, 1.05), (1.0, 0.0, -1.0))
"""A straight droop with no dead band, which gives all there is at the edges of ANSI C84.1 range A."""


class OwnLoadRule:
    """Each inverter gives the reactive power that the loads at its bus take: the least that flows on the line to it."""

    def __init__(self, task: VoltageControlTask):
        self.task = task
        feeder = task.model.network.feeder
        load_buses = np.array([load.bus for load in feeder.loads])
        pv_buses = np.array([pv.bus for pv in feeder.pvs])
        loads = slice(len(feeder.loads))
        nominal_kvar = task.model.network.devices.q_kvar[loads]
        is_there = load_buses[:, None] == pv_buses
        # several inverters at a bus share what is asked there
        per_bus = (pv_buses[:, None] == pv_buses).sum(axis=1)
        self._kvar_per_load = nominal_kvar[:, None] * is_there / per_bus

    def act(
        self, observation: FloatArray, state: VoltageControlState | None = None
    ) -> FloatArray:
        """Shares of what active power leaves, (episode, inverter)."""
        del observation
        if state is None:
            raise InputError(
                "The rule needs the state of the episodes: call act(observation, state)."
            )
        task = self.task
        load_pu = task.days.load_pu[state.day, state.step]
        return task.shares_of(state, load_pu @ self._kvar_per_load)


@dataclass(frozen=True)
class VoltVarRule:
    """Each inverter follows its curve at the mean voltage of its phases; the default is that of IEEE 1547-2018, category B."""

    task: VoltageControlTask
    curve: VoltVar = field(default_factory=VoltVar)

    def act(
        self, observation: FloatArray, state: VoltageControlState | None = None
    ) -> FloatArray:
        """Shares of what active power leaves, in the balance of this step's load and sun, (episode, inverter).

        An episode whose power flow fails on the way keeps the reactive power it had then.

        Raises:
            InputError: without `state`; the voltages of this step are not in the observation.
        """
        del observation
        if state is None:
            raise InputError(
                "The volt-var rule needs the state of the episodes: call act(observation, state)."
            )
        return self.task.shares_of(state, self._balance_kvar(state))

    def _balance_kvar(self, state: VoltageControlState) -> FloatArray:
        """Reactive power that the curve asks for at the voltages it leads to, (episode, inverter) [kvar]."""
        task = self.task
        p_kw = task.offered_kw(state)

        def answer(episodes: IntArray, q_kvar: FloatArray) -> FloatArray:
            moving = take_rows(state, episodes)
            effect = task.effect(moving, q_kvar)
            v_pu = task.model.at_terminals(effect.v_pu)
            return task.inverters.volt_var_kvar(v_pu, p_kw[episodes], self.curve)

        # from the step before, which is near; on a copy, since settling writes and a state is never changed
        q_kvar = state.q_kvar.copy()
        kva = np.broadcast_to(task.inverters.kva, q_kvar.shape)
        settle(q_kvar, kva, answer)
        return q_kvar
