"""Rules that a learned policy has to beat: no reactive power at all, and the volt-var curve of IEEE Std 1547-2018.

Real inverters follow their curve within seconds, so that over a quarter-hour Q and V are in balance: q = curve(V(q)). The balance
is found by going a part of the way from q to the curve's answer, again and again, in all episodes together.

Both are deciders: `act(observation, state)` gives the action of each episode.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tieline.devices import VoltVar
from tieline.envs.voltage_control.task import VoltageControlState, VoltageControlTask
from tieline.errors import InputError
from tieline.typing import FloatArray

PART_OF_THE_WAY = 0.4
"""The curve falls by 7 kVA per kVA and pu: with 0.4 the steps shrink unless full Q would lift voltages by more than 0.5 pu."""

IN_BALANCE = 1e-4
"""Change of reactive power at which the balance counts as found [share of kVA]: a voltage moves by less than 1e-4 pu then."""

MOST_ROUNDS = 40
"""Twice what such steps need to come from full reactive power to `IN_BALANCE` where voltages do not answer: 0.6^18 = 1e-4."""


@dataclass(frozen=True)
class DoNothing:
    """No reactive power."""

    task: VoltageControlTask

    def act(self, observation: FloatArray, state: VoltageControlState | None = None) -> FloatArray:
        """Zero for every inverter, (episode, inverter)."""
        del state
        return np.zeros((len(observation), self.task.action.size))


@dataclass(frozen=True)
class VoltVarRule:
    """Each inverter follows its curve at the mean voltage of its phases; the default is that of IEEE 1547-2018, category B."""

    task: VoltageControlTask
    curve: VoltVar = field(default_factory=VoltVar)

    def act(self, observation: FloatArray, state: VoltageControlState | None = None) -> FloatArray:
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
        room = self.task.inverters.q_limit_kvar(self.task.offered_kw(state))
        q_kvar = self._balance_kvar(state)
        return np.clip(
            np.divide(q_kvar, room, out=np.zeros_like(q_kvar), where=room > 0), -1.0, 1.0
        )

    def _balance_kvar(self, state: VoltageControlState) -> FloatArray:
        """Reactive power that the curve asks for at the voltages it leads to, (episode, inverter) [kvar]."""
        task, inverters = self.task, self.task.inverters
        p_kw, q_kvar = task.offered_kw(state), state.q_kvar
        for _ in range(MOST_ROUNDS):
            effect = task.effect(state, q_kvar)
            wanted = inverters.volt_var_kvar(task.model.at_terminals(effect.v_pu), p_kw, self.curve)
            change = np.where(effect.solved[:, None], wanted - q_kvar, 0.0)
            q_kvar = q_kvar + PART_OF_THE_WAY * change
            if (np.abs(change) <= IN_BALANCE * inverters.kva).all():
                break
        return q_kvar
