"""What regulators and capacitor controls do about what they read, one scenario at a time.

A regulator moves by the whole number of taps that brings its compensated voltage nearest to the set point, cut to
`SHARE_OF_THE_WAY` of them (at least one, at most its limit); a capacitor control adds or removes one step. Of all that want to
move only those with the smallest delay do, as in the static control mode of OpenDSS. Left out: time (delays only give the order),
reverse-power modes, dead bands in time.

Each move is a rising or falling staircase of a reading. A reading known up to an error hence decides a move for certain if the
moves at both ends of its range are the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tieline.network.capacitor_controls import VOLTAGE
from tieline.network.network import Network
from tieline.powerflow.compiled import leaf
from tieline.powerflow.meters import NETWORKS_KEPT
from tieline.typing import IntArray

SHARE_OF_THE_WAY = 0.7
"""How much of its error a regulator corrects in one move: all of it would overshoot where regulators stand in a row. OpenDSS'
value.
"""


REGULATOR = np.dtype(
    [
        ("set_v", float),
        ("band_v", float),
        ("pt_ratio", float),
        ("tap_v", float),  # across the winding
        ("most", np.int64),  # taps in one move
        ("lowest", np.int64),
        ("highest", np.int64),
        ("neutral_ratio", float),
        ("ratio_per_step", float),
        ("delay_s", float),
        ("state", np.int64),  # of the winding moved; in compiled code its row in the states of the lanes
    ]
)
"""Settings of a regulator."""

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
    return Settings(_regulator_settings(network), _capacitor_settings(network))


def _regulator_settings(network: Network) -> np.ndarray:
    table, regulators = network.regulators, network.feeder.regulators
    return _records(
        REGULATOR,
        set_v=[r.v_set_v for r in regulators],
        band_v=[r.band_v for r in regulators],
        pt_ratio=[r.pt_ratio for r in regulators],
        tap_v=table.rated_volt * table.ratio_per_step,
        most=[r.max_tap_change for r in regulators],
        lowest=table.lowest_tap,
        highest=table.highest_tap,
        neutral_ratio=table.neutral_ratio,
        ratio_per_step=table.ratio_per_step,
        delay_s=[r.delay_s for r in regulators],
        state=network.states.regulated_windings,
    )


def _capacitor_settings(network: Network) -> np.ndarray:
    table = network.capacitor_controls
    return _records(
        CAPACITOR,
        sign=np.where(table.kind == VOLTAGE, -1.0, 1.0),  # in at low voltage, or at high current or reactive power
        on=table.on,
        off=table.off,
        v_min_v=table.v_min_v,
        v_max_v=table.v_max_v,
        delay_on_s=table.delay_on_s,
        delay_off_s=table.delay_off_s,
        steps=[network.feeder.capacitors[k].steps for k in table.capacitor],
        state=network.states.capacitors.start + table.capacitor,
    )


def _records(kind: np.dtype, **columns: ArrayLike) -> np.ndarray:
    """An array of records from their columns."""
    records = np.empty(np.size(columns["state"]), dtype=kind)
    for name, column in columns.items():
        records[name] = column
    return records


@leaf
def decide(b, seen, error, tap, state, settings, moves):
    """Write what the controls of lane b want into `moves`; False if the errors of its readings leave that open.

    Args:
        b: lane.
        seen, error: readings and how far off they may be, (reading, LANES).
        tap, state: taps (regulator, LANES) and states (state, LANES).
        settings: of all controls.
        moves: to be filled, steps of the regulators, then of the capacitor controls, (control,).
    """
    n_regulators = len(settings.regulators)
    for k in range(n_regulators):
        regulator = settings.regulators[k]
        if abs(regulator.set_v - seen[k, b]) + error[k, b] <= regulator.band_v / 2:
            moves[k] = 0  # as most do at most times
            continue
        moves[k] = _regulator_move(regulator, seen[k, b] - error[k, b], tap[k, b])
        if moves[k] != _regulator_move(regulator, seen[k, b] + error[k, b], tap[k, b]):
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
def _regulator_move(regulator, seen_v, tap):
    """Taps that a regulator wants to move at a compensated voltage; 0 if that is NaN."""
    error_v = regulator.set_v - seen_v
    if not abs(error_v) > regulator.band_v / 2:
        return 0
    needed = error_v * regulator.pt_ratio / regulator.tap_v
    whole = abs(np.round(needed))
    least = 1.0 if whole > 0 else 0.0
    steps = np.sign(needed) * min(max(np.floor(SHARE_OF_THE_WAY * whole), least), regulator.most)
    return int(min(max(tap + steps, regulator.lowest), regulator.highest)) - tap


@leaf
def _capacitor_move(control, volt, reading, steps_in):
    """Steps that a capacitor control wants to add, -1, 0 or 1; limits of the voltage come before all else."""
    is_out = steps_in == 0
    if is_out and volt < control.v_min_v:
        return 1
    if not is_out and (volt > control.v_max_v or control.sign * reading < control.sign * control.off):
        return -1
    if steps_in < control.steps and control.sign * reading > control.sign * control.on:
        return 1
    return 0


@leaf
def act(b, moves, settings, tap, state):
    """Make those moves of lane b that have the smallest delay; False if there are none."""
    soonest = np.inf
    for control in range(len(moves)):
        if moves[control] != 0:
            soonest = min(soonest, _delay_s(control, moves[control], settings))
    for control in range(len(moves)):
        if moves[control] != 0 and _delay_s(control, moves[control], settings) == soonest:
            _move(b, control, moves[control], settings, tap, state)
    return soonest < np.inf


@leaf
def _delay_s(control, move, settings):
    """How long a control waits before this move [s]."""
    k = control - len(settings.regulators)
    if k < 0:
        return settings.regulators[control].delay_s
    return settings.capacitors[k].delay_on_s if move > 0 else settings.capacitors[k].delay_off_s


@leaf
def _move(b, control, move, settings, tap, state):
    """Write one move into taps and states of lane b."""
    k = control - len(settings.regulators)
    if k < 0:
        regulator = settings.regulators[control]
        tap[control, b] += move
        state[regulator.state, b] = 1.0 / (regulator.neutral_ratio + tap[control, b] * regulator.ratio_per_step)
    else:
        state[settings.capacitors[k].state, b] += move / settings.capacitors[k].steps
