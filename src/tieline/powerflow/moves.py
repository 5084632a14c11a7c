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

from tieline.network.capacitor_controls import VOLTAGE
from tieline.network.network import Network
from tieline.powerflow.compiled import leaf
from tieline.powerflow.meters import NETWORKS_KEPT
from tieline.typing import FloatArray, IntArray

SHARE_OF_THE_WAY = 0.7
"""How much of its error a regulator corrects in one move: all of it would overshoot where regulators stand in a row. OpenDSS'
value.
"""


class RegulatorSettings(NamedTuple):
    """Settings of all regulators, (regulator,); `tap_v` is the voltage of a tap across the winding, `state` the state of the
    winding moved (in compiled code its row in the states of the lanes).
    """

    set_v: FloatArray
    band_v: FloatArray
    pt_ratio: FloatArray
    tap_v: FloatArray
    most: IntArray
    lowest: IntArray
    highest: IntArray
    neutral_ratio: FloatArray
    ratio_per_step: FloatArray
    delay_s: FloatArray
    state: IntArray


class CapacitorSettings(NamedTuple):
    """Settings of all capacitor controls, (control,); a bank comes in where sign * reading is above sign * on. `steps` counts all
    steps of the bank, `state` is the state of the bank (in compiled code its row in the states of the lanes).
    """

    sign: FloatArray
    on: FloatArray
    off: FloatArray
    v_min_v: FloatArray
    v_max_v: FloatArray
    delay_on_s: FloatArray
    delay_off_s: FloatArray
    steps: FloatArray
    state: IntArray


class Settings(NamedTuple):
    """Settings of all controls of a network."""

    regulators: RegulatorSettings
    capacitors: CapacitorSettings

    def at(self, column: IntArray) -> Settings:
        """The same for compiled code; `column` is the row of each varying state in the states of the lanes, (state,)."""
        return Settings(*(part._replace(state=column[part.state]) for part in self))


@lru_cache(maxsize=NETWORKS_KEPT)
def settings_of(network: Network) -> Settings:
    """Settings of all controls, as arrays."""
    return Settings(_regulator_settings(network), _capacitor_settings(network))


def _regulator_settings(network: Network) -> RegulatorSettings:
    table, regulators = network.regulators, network.feeder.regulators
    return RegulatorSettings(
        set_v=np.array([r.v_set_v for r in regulators], dtype=float),
        band_v=np.array([r.band_v for r in regulators], dtype=float),
        pt_ratio=np.array([r.pt_ratio for r in regulators], dtype=float),
        tap_v=table.rated_volt * table.ratio_per_step,
        most=np.array([r.max_tap_change for r in regulators], dtype=np.int64),
        lowest=table.lowest_tap,
        highest=table.highest_tap,
        neutral_ratio=table.neutral_ratio,
        ratio_per_step=table.ratio_per_step,
        delay_s=np.array([r.delay_s for r in regulators], dtype=float),
        state=network.states.regulated_windings,
    )


def _capacitor_settings(network: Network) -> CapacitorSettings:
    table = network.capacitor_controls
    return CapacitorSettings(
        sign=np.where(table.kind == VOLTAGE, -1.0, 1.0),  # in at low voltage, or at high current or reactive power
        on=table.on,
        off=table.off,
        v_min_v=table.v_min_v,
        v_max_v=table.v_max_v,
        delay_on_s=table.delay_on_s,
        delay_off_s=table.delay_off_s,
        steps=np.array([network.feeder.capacitors[k].steps for k in table.capacitor], dtype=float),
        state=network.states.capacitors.start + table.capacitor,
    )


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
    n_regulators = len(settings.regulators.set_v)
    for k in range(n_regulators):
        if abs(settings.regulators.set_v[k] - seen[k, b]) + error[k, b] <= settings.regulators.band_v[k] / 2:
            moves[k] = 0  # as most do at most times
            continue
        moves[k] = _regulator_move(k, seen[k, b] - error[k, b], tap[k, b], settings.regulators)
        if moves[k] != _regulator_move(k, seen[k, b] + error[k, b], tap[k, b], settings.regulators):
            return False
    for k in range(len(settings.capacitors.on)):
        steps_all = settings.capacitors.steps[k]
        steps_in = np.round(state[settings.capacitors.state[k], b] * steps_all)
        v, x = n_regulators + 2 * k, n_regulators + 2 * k + 1
        for corner in range(4):
            volt = seen[v, b] + error[v, b] * (1 - corner % 2 * 2)
            reading = seen[x, b] + error[x, b] * (1 - corner // 2 * 2)
            move = _capacitor_move(k, volt, reading, steps_in, steps_all, settings.capacitors)
            if corner > 0 and moves[n_regulators + k] != move:
                return False
            moves[n_regulators + k] = move
    return True


@leaf
def _regulator_move(k, seen_v, tap, settings):
    """Taps that regulator k wants to move at a compensated voltage; 0 if that is NaN."""
    error_v = settings.set_v[k] - seen_v
    if not abs(error_v) > settings.band_v[k] / 2:
        return 0
    needed = error_v * settings.pt_ratio[k] / settings.tap_v[k]
    whole = abs(np.round(needed))
    least = 1.0 if whole > 0 else 0.0
    steps = np.sign(needed) * min(max(np.floor(SHARE_OF_THE_WAY * whole), least), settings.most[k])
    return int(min(max(tap + steps, settings.lowest[k]), settings.highest[k])) - tap


@leaf
def _capacitor_move(k, volt, reading, steps_in, steps_all, settings):
    """Steps that capacitor control k wants to add, -1, 0 or 1; limits of the voltage come before all else."""
    sign = settings.sign[k]
    is_out = steps_in == 0
    if is_out and volt < settings.v_min_v[k]:
        return 1
    if not is_out and (volt > settings.v_max_v[k] or sign * reading < sign * settings.off[k]):
        return -1
    if steps_in < steps_all and sign * reading > sign * settings.on[k]:
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
    regulators, capacitors = settings.regulators, settings.capacitors
    if control < len(regulators.delay_s):
        return regulators.delay_s[control]
    k = control - len(regulators.delay_s)
    return capacitors.delay_on_s[k] if move > 0 else capacitors.delay_off_s[k]


@leaf
def _move(b, control, move, settings, tap, state):
    """Write one move into taps and states of lane b."""
    r, c = settings.regulators, settings.capacitors
    if control < len(r.state):
        tap[control, b] += move
        state[r.state[control], b] = 1.0 / (r.neutral_ratio[control] + tap[control, b] * r.ratio_per_step[control])
    else:
        k = control - len(r.state)
        state[c.state[k], b] += move / c.steps[k]
