"""The controls of a scenario between two solutions: what they want is entered, and what is due first is done.

What a control wants stands in `regulator_decisions` and `capacitor_decisions`, what it remembers in `memory`. Of all actions
entered, those with the smallest delay are made, as in the static control mode of OpenDSS; the others wait.

Each wish is a rising or falling staircase of a reading. A reading known up to an error hence decides a wish for certain if the
wishes at both ends of its range are the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.controls.capacitor_decisions import (
    AS_ENTERED,
    capacitor_delay_s,
    capacitor_settings,
    certain_wish,
    switch_bank,
)
from tieline.powerflow.controls.memory import fresh_memory
from tieline.powerflow.controls.readings import NETWORKS_KEPT
from tieline.powerflow.controls.regulator_decisions import (
    CHANGEOVER,
    NEUTRAL,
    elaborate_wish,
    regulator_move,
    regulator_settings,
    turn_tap,
)
from tieline.powerflow.kernel.compiled import leaf
from tieline.typing import FloatArray, IntArray


class Settings(NamedTuple):
    """Settings of all controls of a network: records of `REGULATOR` (regulator,) and of `CAPACITOR` (control,)."""

    regulators: np.ndarray
    capacitors: np.ndarray

    def at(self, column: IntArray) -> Settings:
        """The same for compiled code; `column` is the row of each varying state in the states of the lanes, (state,)."""
        copies = Settings(self.regulators.copy(), self.capacitors.copy())
        for records in copies:
            records["state"] = column[records["state"]]
        return copies

    def memory(self, state: FloatArray, count: int) -> np.ndarray:
        """What the controls remember before the first round, (scenario, control); `state` (scenario or 1, state)."""
        return fresh_memory(len(self.regulators), self.capacitors, state, count)


@lru_cache(maxsize=NETWORKS_KEPT)
def settings_of(network: Network) -> Settings:
    """Settings of all controls, as arrays."""
    return Settings(regulator_settings(network), capacitor_settings(network))


@leaf
def decide(b, readings, errors, tap, memory, state, settings, wishes):
    """Write what the controls of lane b want into `wishes`; False if the errors of its readings leave that open.

    Args:
        b: lane.
        readings, errors: what the meters show and how far off that may be, (reading, LANES).
        tap: taps, (regulator, LANES).
        memory: records of `MEMORY`, (control, LANES).
        state: (state, LANES).
        settings: of all controls.
        wishes: to be filled, taps of the regulators, plus `CHANGEOVER` for those that want one, then steps of the capacitor
            controls or `AS_ENTERED`, (control,).
    """
    if not _decide_regulators(
        b, readings, errors, tap, memory, settings.regulators, wishes
    ):
        return False
    return _decide_capacitors(b, readings, errors, memory, state, settings, wishes)


@leaf
def _decide_regulators(b, readings, errors, tap, memory, regulators, wishes):
    """`decide` for the regulators."""
    for k in range(len(regulators)):
        regulator = regulators[k]
        if regulator.is_elaborate:
            wishes[k], is_certain = elaborate_wish(
                regulator, b, readings, errors, tap[k, b], memory[k, b]
            )
            if not is_certain:
                return False
            continue
        volt = readings[k, b]
        if abs(regulator.set_v - volt) + errors[k, b] <= regulator.band_v / 2:
            wishes[k] = 0  # as most do at most times
            continue
        wishes[k] = regulator_move(regulator, volt - errors[k, b], tap[k, b])
        if wishes[k] != regulator_move(regulator, volt + errors[k, b], tap[k, b]):
            return False
    return True


@leaf
def _decide_capacitors(b, readings, errors, memory, state, settings, wishes):
    """`decide` for the capacitor controls, whose wishes follow those of the regulators."""
    n_regulators = len(settings.regulators)
    for k in range(len(settings.capacitors)):
        control = settings.capacitors[k]
        is_open = memory[n_regulators + control.first, b].is_open
        steps_in = np.rint(state[control.state, b] * control.steps)
        wishes[n_regulators + k], is_certain = certain_wish(
            control, b, readings, errors, steps_in, is_open
        )
        if not is_certain:
            return False
    return True


@leaf
def act(b, wishes, settings, tap, memory, state):
    """Enter what the controls of lane b want and do what is due first; False if nothing waits."""
    n_regulators = len(settings.regulators)
    soonest_s = np.inf
    for k in range(len(wishes)):
        entry = memory[k, b]
        if k < n_regulators:
            _enter_regulator(settings.regulators[k], wishes[k], entry)
        else:
            _enter_capacitor(settings.capacitors[k - n_regulators], wishes[k], entry)
        soonest_s = min(soonest_s, entry.due_s, entry.changeover_due_s)
    if soonest_s == np.inf:
        return False
    for k in range(len(wishes)):
        entry = memory[k, b]
        if entry.due_s == soonest_s:
            entry.due_s = np.inf
            if k < n_regulators:
                turn_tap(settings.regulators[k], b, k, entry.pending, tap, state)
            else:
                control = settings.capacitors[k - n_regulators]
                bank = memory[n_regulators + control.first, b]
                switch_bank(control, b, entry.pending, entry, bank, state)
        if entry.changeover_due_s == soonest_s:
            entry.changeover_due_s = np.inf
            entry.is_reversed = not entry.is_reversed
    return True


@leaf
def _enter_regulator(regulator, wish, entry):
    """Enter the taps and the changeover that a regulator wants, or withdraw what it no longer wants."""
    if wish >= CHANGEOVER // 2:
        entry.changeover_due_s = min(entry.changeover_due_s, regulator.changeover_s)
        taps = wish - CHANGEOVER
    else:
        entry.changeover_due_s = np.inf
        taps = wish
    goes_to_neutral = entry.is_reversed and regulator.reverse_mode == NEUTRAL
    # what it has entered before the changeover comes first, though it is of no use any more: so does the engine
    if goes_to_neutral and entry.due_s < np.inf:
        return
    if taps == 0:
        entry.due_s = np.inf
        return
    entry.pending = taps
    if entry.due_s == np.inf:
        delay_s = entry.delay_s if regulator.is_elaborate else regulator.delay_s
        entry.due_s = regulator.neutral_s if goes_to_neutral else delay_s


@leaf
def _enter_capacitor(control, wish, entry):
    """Enter the step that a capacitor control wants, or withdraw what it no longer wants."""
    if wish == AS_ENTERED:
        return
    if wish == 0:
        entry.due_s = np.inf
        return
    entry.pending = wish
    if entry.due_s == np.inf:
        entry.due_s = capacitor_delay_s(control, wish, entry.was_opened)
