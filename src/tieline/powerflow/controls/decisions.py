"""What regulators and capacitor controls do about what they read, one scenario at a time.

What a regulator wants stands in `regulator_decisions`; a capacitor control adds or removes one step. Of all that want to move
only those with the smallest delay do, as in the static control mode of OpenDSS. Left out: time (delays only give the order),
dead bands in time.

Each move is a rising or falling staircase of a reading. A reading known up to an error hence decides a move for certain if the
moves at both ends of its range are the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tieline.network.capacitor_controls import VOLTAGE
from tieline.network.network import Network
from tieline.powerflow.controls.meters import NETWORKS_KEPT
from tieline.powerflow.controls.records import make_records
from tieline.powerflow.controls.regulator_decisions import (
    CHANGEOVER,
    IRREVERSIBLE,
    regulator_delay_s,
    regulator_move,
    regulator_settings,
    reversible_move,
)
from tieline.powerflow.kernel.compiled import leaf
from tieline.typing import IntArray

CAPACITOR = np.dtype(
    [
        ("sign", float),  # a bank comes in where sign * reading is above sign * on
        ("on", float),
        ("off", float),
        ("v_min_v", float),
        ("v_max_v", float),
        ("delay_on_s", float),
        ("delay_off_s", float),
        ("steps", float),  # in all
        ("state", np.int64),  # of the bank; in compiled code its row in the states of the lanes
    ]
)
"""Settings of a capacitor control."""


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


@lru_cache(maxsize=NETWORKS_KEPT)
def settings_of(network: Network) -> Settings:
    """Settings of all controls, as arrays."""
    return Settings(regulator_settings(network), _capacitor_settings(network))


def _capacitor_settings(network: Network) -> np.ndarray:
    table = network.capacitor_controls
    return make_records(
        CAPACITOR,
        sign=np.where(
            table.kind == VOLTAGE, -1.0, 1.0
        ),  # in at low voltage, or at high current or reactive power
        on=table.on,
        off=table.off,
        v_min_v=table.v_min_v,
        v_max_v=table.v_max_v,
        delay_on_s=table.delay_on_s,
        delay_off_s=table.delay_off_s,
        steps=[network.feeder.capacitors[k].steps for k in table.capacitor],
        state=network.states.capacitors.start + table.capacitor,
    )


@leaf
def decide(b, seen, error, tap, is_reversed, state, settings, moves):
    """Write what the controls of lane b want into `moves`; False if the errors of its readings leave that open.

    Args:
        b: lane.
        seen, error: readings and how far off they may be, (reading, LANES).
        tap, is_reversed: taps, and whether a regulator is in its reverse mode, (regulator, LANES).
        state: (state, LANES).
        settings: of all controls.
        moves: to be filled, steps of the regulators or `CHANGEOVER`, then steps of the capacitor controls, (control,).
    """
    n_regulators = len(settings.regulators)
    for k in range(n_regulators):
        regulator = settings.regulators[k]
        if regulator.reverse_mode != IRREVERSIBLE:
            moves[k], is_certain = reversible_move(
                regulator, b, k, seen, error, tap[k, b], is_reversed[k, b]
            )
            if not is_certain:
                return False
            continue
        if abs(regulator.set_v - seen[k, b]) + error[k, b] <= regulator.band_v / 2:
            moves[k] = 0  # as most do at most times
            continue
        moves[k] = regulator_move(regulator, seen[k, b] - error[k, b], tap[k, b])
        if moves[k] != regulator_move(regulator, seen[k, b] + error[k, b], tap[k, b]):
            return False
    for k in range(len(settings.capacitors)):
        control = settings.capacitors[k]
        steps_in = np.round(state[control.state, b] * control.steps)
        v, x = n_regulators + 2 * k, n_regulators + 2 * k + 1
        for corner in range(4):
            volt = seen[v, b] + error[v, b] * (1 - corner % 2 * 2)
            reading = seen[x, b] + error[x, b] * (1 - corner // 2 * 2)
            move = _capacitor_move(control, volt, reading, steps_in)
            if corner > 0 and moves[n_regulators + k] != move:
                return False
            moves[n_regulators + k] = move
    return True


@leaf
def _capacitor_move(control, volt, reading, steps_in):
    """Steps that a capacitor control wants to add, -1, 0 or 1; limits of the voltage come before all else."""
    is_out = steps_in == 0
    if is_out and volt < control.v_min_v:
        return 1
    if not is_out and (
        volt > control.v_max_v or control.sign * reading < control.sign * control.off
    ):
        return -1
    if steps_in < control.steps and control.sign * reading > control.sign * control.on:
        return 1
    return 0


@leaf
def act(b, moves, settings, tap, is_reversed, state):
    """Make those moves of lane b that have the smallest delay; False if there are none."""
    soonest = np.inf
    for control in range(len(moves)):
        if moves[control] != 0:
            soonest = min(soonest, _delay_s(b, control, moves[control], settings, is_reversed))
    for control in range(len(moves)):
        if (
            moves[control] != 0
            and _delay_s(b, control, moves[control], settings, is_reversed) == soonest
        ):
            _move(b, control, moves[control], settings, tap, is_reversed, state)
    return soonest < np.inf


@leaf
def _delay_s(b, control, move, settings, is_reversed):
    """How long a control of lane b waits before this move [s]."""
    k = control - len(settings.regulators)
    if k < 0:
        return regulator_delay_s(settings.regulators[control], move, is_reversed[control, b])
    return settings.capacitors[k].delay_on_s if move > 0 else settings.capacitors[k].delay_off_s


@leaf
def _move(b, control, move, settings, tap, is_reversed, state):
    """Write one move into taps, modes and states of lane b."""
    k = control - len(settings.regulators)
    if move == CHANGEOVER:
        is_reversed[control, b] = not is_reversed[control, b]
    elif k < 0:
        regulator = settings.regulators[control]
        tap[control, b] += move
        state[regulator.state, b] = 1.0 / (
            regulator.neutral_ratio + tap[control, b] * regulator.ratio_per_step
        )
    else:
        state[settings.capacitors[k].state, b] += move / settings.capacitors[k].steps
