"""Rules that a learned policy has to beat: no reactive power at all, and the volt-var curve of IEEE Std 1547-2018.

Real inverters follow their curve within seconds, so over a quarter-hour Q and V are in balance: q = curve(V(q)), see
`devices.volt_var`.

Both are deciders: `act(observation, state)` gives the action of each episode.
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
        offered_kw = self.task.offered_kw(state)
        room_kvar = self.task.inverters.q_limit_kvar(offered_kw)
        q_kvar = self._balance_kvar(state)
        # where active power takes all the rating, no share means anything: zero
        share = np.zeros_like(q_kvar)
        np.divide(q_kvar, room_kvar, out=share, where=room_kvar > 0)
        return np.clip(share, -1.0, 1.0)

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
