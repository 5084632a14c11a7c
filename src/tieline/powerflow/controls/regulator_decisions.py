"""What one regulator wants, from what it reads, one scenario at a time.

It moves by the whole number of taps that brings its compensated voltage nearest to the set point, cut to `SHARE_OF_THE_WAY` of
them (at least one, at most its limit); where it moves another winding than it measures, the other way. A reversible one also
watches the active power that leaves its winding: below minus its threshold it changes over to its reverse mode, above the
threshold back again; it waits longer for that than for a tap. In its reverse mode it

    source-side   regulates the voltage before the taps, that of its winding over the turns ratio: taps move the other way,
    cogeneration  regulates as before, with other settings,
    neutral       goes to the tap of ratio one.

With a highest voltage it goes down as far as its winding is above that, whatever its set point.

Source: `RegControl` of OpenDSS in its static control mode. Left out: time; delays only give the order.
"""

from __future__ import annotations

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.controls.readings import (
    CURRENT_A,
    FORWARD,
    LOCAL,
    PER_PHASE,
    REVERSE,
    is_elaborate,
    readings_of,
)
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

CHOICES = {"one": 0.0, "highest": 1.0, "lowest": -1.0}
"""Of several phases the one that is looked at has the largest voltage times this number."""

SHORTEST_DELAY = 0.1
"""Part of its delay that one of inverse time waits at least. OpenDSS' value."""

REGULATOR = np.dtype(
    [
        ("set_v", float),
        ("band_v", float),
        ("pt_ratio", float),
        ("tap_v", float),  # across the winding
        # +1, or -1 if it moves another winding than it measures
        ("direction", float),
        ("most", np.int64),  # taps in one move
        ("lowest", np.int64),
        ("highest", np.int64),
        ("neutral_ratio", float),
        ("ratio_per_step", float),
        ("delay_s", float),
        # of the winding moved; in compiled code its row in the states of the lanes
        ("state", np.int64),
        ("is_elaborate", np.bool_),  # whether it has further readings
        ("extra", np.int64),  # the first of these, see `readings`
        ("phases", np.int64),  # that it looks at
        ("choice", float),  # see `CHOICES`
        ("limit_v", float),  # highest voltage at its winding
        ("z_v", float),  # compensation by magnitudes
        ("reverse_z_v", float),
        ("is_inverse_time", np.bool_),
        ("reverse_mode", np.int64),
        ("threshold_kw", float),
        ("changeover_s", float),
        ("reverse_set_v", float),
        ("reverse_band_v", float),
        ("neutral_tap", np.int64),
        ("neutral_s", float),  # delay of a move to neutral
    ],
    align=True,
)
"""Settings of a regulator."""


def regulator_settings(network: Network) -> np.ndarray:
    """Settings of all regulators, (regulator,)."""
    table = network.regulators
    regulators = network.feeder.regulators
    modes = [REVERSE_MODES.index(r.reverse_mode) for r in regulators]
    is_crossed = np.array([r.moved_winding != r.winding for r in regulators], bool)
    limits_v = [np.inf if r.v_limit_v is None else r.v_limit_v for r in regulators]
    return make_records(
        REGULATOR,
        set_v=[r.v_set_v for r in regulators],
        band_v=[r.band_v for r in regulators],
        pt_ratio=[r.pt_ratio for r in regulators],
        tap_v=table.rated_volt * table.ratio_per_step,
        direction=np.where(is_crossed, -1.0, 1.0),
        most=[r.max_tap_change for r in regulators],
        lowest=table.lowest_tap,
        highest=table.highest_tap,
        neutral_ratio=table.neutral_ratio,
        ratio_per_step=table.ratio_per_step,
        delay_s=[r.delay_s for r in regulators],
        state=network.states.regulated_windings,
        is_elaborate=[is_elaborate(network, k) for k in range(len(regulators))],
        extra=readings_of(network).regulators,
        phases=[len(phases) for phases in table.phases],
        choice=[CHOICES[r.phase_rule] for r in regulators],
        limit_v=limits_v,
        z_v=[r.z_v for r in regulators],
        reverse_z_v=[r.reverse_z_v for r in regulators],
        is_inverse_time=[r.inverse_time for r in regulators],
        reverse_mode=modes,
        threshold_kw=[r.reverse_threshold_kw for r in regulators],
        changeover_s=[r.reverse_delay_s for r in regulators],
        reverse_set_v=[r.reverse_v_set_v for r in regulators],
        reverse_band_v=[r.reverse_band_v for r in regulators],
        neutral_tap=np.round((1.0 - table.neutral_ratio) / table.ratio_per_step),
        neutral_s=[r.neutral_delay_s for r in regulators],
    )


@leaf
def regulator_move(regulator, volt_v, tap):
    """Taps that a regulator without further readings wants to move at a compensated voltage; 0 if that is NaN."""
    missing_v = _outside_band_v(volt_v, regulator.set_v, regulator.band_v)
    taps = regulator.direction * _whole_taps(regulator, missing_v)
    return _cut(regulator, taps, tap)


@leaf
def elaborate_wish(regulator, b, readings, errors, tap, entry):
    """Taps that a regulator with further readings wants to move in lane b, plus `CHANGEOVER` if it wants to change its mode, and
    whether the errors of its readings leave no doubt of either. Writes down its delay in its memory `entry`.
    """
    place, is_certain = _watched_phase(regulator, b, readings, errors)
    volt_v, error_v = _compensated_v(
        regulator, b, place, readings, errors, entry.is_reversed
    )
    local_v = readings[place + LOCAL, b]
    # a delay that depends on the voltage is known once that is; a limit decides where the other reading counts for nothing
    if regulator.is_inverse_time:
        is_certain = is_certain and error_v == 0.0
    near_limit = abs(local_v - regulator.limit_v) < errors[place + LOCAL, b]
    if near_limit or not is_certain:
        return 0, False
    power = regulator.extra + PER_PHASE * regulator.phases
    wish = 0
    for corner in range(4):
        sign_v = 1 - corner % 2 * 2
        sign_kw = 1 - corner // 2 * 2
        missing_v = _missing_v(
            regulator,
            volt_v + sign_v * error_v,
            local_v + sign_v * errors[place + LOCAL, b],
            tap,
            entry.is_reversed,
        )
        into_kw = readings[power, b] + errors[power, b] * sign_kw
        wish_there = _wish(regulator, missing_v, -into_kw, tap, entry.is_reversed)
        if corner > 0 and wish_there != wish:
            return wish, False
        wish = wish_there
    entry.delay_s = _delay_s(regulator, volt_v, tap, entry.is_reversed)
    return wish, True


@leaf
def _watched_phase(regulator, b, readings, errors):
    """Place of the readings of the phase that it looks at, and whether their errors leave no doubt which that is."""
    watched = regulator.extra
    is_certain = True
    for k in range(1, regulator.phases):
        place = regulator.extra + k * PER_PHASE
        lead_v = regulator.choice * (readings[place, b] - readings[watched, b])
        if abs(lead_v) < errors[place, b] + errors[watched, b]:
            is_certain = False
        if lead_v > 0.0:
            watched = place
    return watched, is_certain


@leaf
def _compensated_v(regulator, b, place, readings, errors, is_reversed):
    """Compensated voltage of a phase, whose readings begin at `place`, and how far off it may be."""
    if regulator.z_v != 0.0:
        z_v = regulator.reverse_z_v if is_reversed else regulator.z_v
        volt_v = readings[place + LOCAL, b] - z_v * readings[place + CURRENT_A, b]
        error_v = errors[place + LOCAL, b] + abs(z_v) * errors[place + CURRENT_A, b]
        return abs(volt_v), error_v
    compensated = place + (REVERSE if is_reversed else FORWARD)
    return readings[compensated, b], errors[compensated, b]


@leaf
def _missing_v(regulator, volt_v, local_v, tap, is_reversed):
    """Voltage that is missing in its present mode [V], 0 inside the band."""
    if local_v > regulator.limit_v:
        return regulator.limit_v - local_v
    if not is_reversed:
        return _outside_band_v(volt_v, regulator.set_v, regulator.band_v)
    beyond_v = volt_v / _reverse_ratio(regulator, tap)
    return _outside_band_v(beyond_v, regulator.reverse_set_v, regulator.reverse_band_v)


@leaf
def _reverse_ratio(regulator, tap):
    """What the voltage is divided by in reverse: regulated on the source side it is that before the taps."""
    if regulator.reverse_mode != SOURCE_SIDE:
        return 1.0
    return regulator.neutral_ratio + tap * regulator.ratio_per_step


@leaf
def _outside_band_v(volt_v, set_v, band_v):
    """Voltage that is missing at the set point [V]; 0 inside the band, or if the voltage is NaN."""
    missing_v = set_v - volt_v
    return missing_v if abs(missing_v) > band_v / 2 else 0.0


@leaf
def _wish(regulator, missing_v, forward_kw, tap, is_reversed):
    """A move of taps, and a changeover where power flows against its mode."""
    threshold_kw = regulator.threshold_kw
    direction = regulator.direction
    is_against = forward_kw < -threshold_kw
    if is_reversed:
        is_against = forward_kw > threshold_kw
        if regulator.reverse_mode == SOURCE_SIDE:
            # the voltage before the taps rises where their ratio falls
            direction = -1.0
    taps = direction * _whole_taps(regulator, missing_v)
    if is_reversed and regulator.reverse_mode == NEUTRAL:
        taps = float(regulator.neutral_tap - tap)
    changeover = 0
    if is_against and regulator.reverse_mode != IRREVERSIBLE:
        changeover = CHANGEOVER
    return _cut(regulator, taps, tap) + changeover


@leaf
def _delay_s(regulator, volt_v, tap, is_reversed):
    """How long it waits for a tap [s]; one of inverse time less, the farther it is from its forward set point."""
    if not regulator.is_inverse_time:
        return regulator.delay_s
    if is_reversed:
        volt_v = volt_v / _reverse_ratio(regulator, tap)
    half_bands = 2.0 * abs(regulator.set_v - volt_v) / regulator.band_v
    shortest_s = SHORTEST_DELAY * regulator.delay_s
    if half_bands == 0.0:
        return np.inf
    return max(shortest_s, regulator.delay_s / half_bands)


@leaf
def _whole_taps(regulator, missing_v):
    """The whole number of taps nearest to a missing voltage."""
    return np.rint(missing_v * regulator.pt_ratio / regulator.tap_v)


@leaf
def _cut(regulator, needed, tap):
    """The part of the needed taps that one move makes, within the range of the changer."""
    if not abs(needed) > 0:
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
