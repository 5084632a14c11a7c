"""What one regulator wants, from what it reads, one scenario at a time.

It moves by the whole number of taps that brings its compensated voltage nearest to the set point, cut to `SHARE_OF_THE_WAY` of
them (at least one, at most its limit). A reversible one also watches the active power that leaves its winding: below minus its
threshold it changes over to its reverse mode, above the threshold back again; it waits longer for that than for a tap. In its
reverse mode it

    source-side   regulates the voltage before the taps, that of its winding over the turns ratio: taps move the other way,
    cogeneration  regulates as before, with other settings,
    neutral       goes to the tap of ratio one.

Source: `RegControl` of OpenDSS in its static control mode. Left out: time; delays only give the order.
"""

from __future__ import annotations

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.controls.records import make_records
from tieline.powerflow.kernel.compiled import leaf

SHARE_OF_THE_WAY = 0.7
"""How much of its error a regulator corrects in one move: all of it would overshoot where regulators stand in a row. OpenDSS'
value.
"""

IRREVERSIBLE = 0
SOURCE_SIDE = 1
COGENERATION = 2
NEUTRAL = 3
"""Reverse modes, in the order of `REVERSE_MODES`."""

REVERSE_MODES = ("none", "source-side", "cogeneration", "neutral")

CHANGEOVER = 1 << 20
"""Added to a move of taps: a change into the reverse mode or out of it is wanted as well. No range of taps is as wide."""

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
        # of the winding moved; in compiled code its row in the states of the lanes
        ("state", np.int64),
        ("reverse_mode", np.int64),
        # first of its further readings: compensated voltage in reverse, power into the winding [kW]
        ("extra", np.int64),
        ("threshold_kw", float),
        ("changeover_s", float),
        ("reverse_set_v", float),
        ("reverse_band_v", float),
        ("neutral_tap", np.int64),
        ("neutral_s", float),  # delay of a move to neutral
    ]
)
"""Settings of a regulator."""


def regulator_settings(network: Network) -> np.ndarray:
    """Settings of all regulators, (regulator,)."""
    table = network.regulators
    regulators = network.feeder.regulators
    modes = np.array(
        [REVERSE_MODES.index(r.reverse_mode) for r in regulators], dtype=np.int64
    )
    first_extra = len(regulators) + 2 * len(network.feeder.capacitor_controls)
    return make_records(
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
        reverse_mode=modes,
        extra=first_extra + 2 * (np.cumsum(modes != IRREVERSIBLE) - 1),
        threshold_kw=[r.reverse_threshold_kw for r in regulators],
        changeover_s=[r.reverse_delay_s for r in regulators],
        reverse_set_v=[r.reverse_v_set_v for r in regulators],
        reverse_band_v=[r.reverse_band_v for r in regulators],
        neutral_tap=np.round((1.0 - table.neutral_ratio) / table.ratio_per_step),
        neutral_s=[r.neutral_delay_s for r in regulators],
    )


@leaf
def regulator_move(regulator, volt_v, tap):
    """Taps that a regulator wants to move at a compensated voltage; 0 if that is NaN."""
    return _cut(
        regulator,
        _whole_taps(regulator, volt_v, regulator.set_v, regulator.band_v),
        tap,
    )


@leaf
def reversible_wish(regulator, b, k, readings, errors, tap, is_reversed):
    """Taps that reversible regulator k of lane b wants to move, plus `CHANGEOVER` if it wants to change its mode, and whether
    the errors of its readings leave no doubt of either.
    """
    volt = regulator.extra if is_reversed else k
    power = regulator.extra + 1
    wish = 0
    for corner in range(4):
        volt_v = readings[volt, b] + errors[volt, b] * (1 - corner % 2 * 2)
        into_kw = readings[power, b] + errors[power, b] * (1 - corner // 2 * 2)
        wish_there = _wish(regulator, volt_v, -into_kw, tap, is_reversed)
        if corner > 0 and wish_there != wish:
            return wish, False
        wish = wish_there
    return wish, True


@leaf
def _wish(regulator, volt_v, forward_kw, tap, is_reversed):
    """A move of taps, and a changeover where power flows against its mode."""
    threshold_kw = regulator.threshold_kw
    if is_reversed:
        changeover = CHANGEOVER if forward_kw > threshold_kw else 0
        return _taps_in_reverse(regulator, volt_v, tap) + changeover
    changeover = CHANGEOVER if forward_kw < -threshold_kw else 0
    return regulator_move(regulator, volt_v, tap) + changeover


@leaf
def _taps_in_reverse(regulator, volt_v, tap):
    """Taps that a regulator wants to move in its reverse mode."""
    if regulator.reverse_mode == NEUTRAL:
        return _cut(regulator, float(regulator.neutral_tap - tap), tap)
    set_v = regulator.reverse_set_v
    band_v = regulator.reverse_band_v
    if regulator.reverse_mode == COGENERATION:
        return _cut(regulator, _whole_taps(regulator, volt_v, set_v, band_v), tap)
    # the voltage before the taps rises where their ratio falls
    ratio = regulator.neutral_ratio + tap * regulator.ratio_per_step
    needed = -_whole_taps(regulator, volt_v / ratio, set_v, band_v)
    return _cut(regulator, needed, tap)


@leaf
def _whole_taps(regulator, volt_v, set_v, band_v):
    """Taps between a voltage and its set point; 0 inside the band, or if the voltage is NaN."""
    error_v = set_v - volt_v
    if not abs(error_v) > band_v / 2:
        return 0.0
    return np.round(error_v * regulator.pt_ratio / regulator.tap_v)


@leaf
def _cut(regulator, needed, tap):
    """The part of the needed taps that one move makes, within the range of the changer."""
    if needed == 0:
        return 0
    share = np.floor(SHARE_OF_THE_WAY * abs(needed))
    steps = min(max(share, 1.0), regulator.most)
    target = tap + np.sign(needed) * steps
    return int(min(max(target, regulator.lowest), regulator.highest)) - tap


@leaf
def turn_tap(regulator, b, k, move, tap, state):
    """Move the tap of regulator k in lane b, and its winding with it."""
    tap[k, b] += move
    ratio = regulator.neutral_ratio + tap[k, b] * regulator.ratio_per_step
    state[regulator.state, b] = 1.0 / ratio
