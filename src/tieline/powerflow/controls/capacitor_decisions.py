"""What one capacitor control wants, from what it reads, and how it switches its bank, one scenario at a time.

It adds or removes one step at a time. A bank whose last step goes out opens, and closes with the next step that comes in:

    open    comes in at low voltage (override), else beyond the on setting
    closed  goes out at high voltage (override), else beyond the off setting; beyond the on setting the next step comes in

By power factor it counts from 0 to 2, P / S while reactive power flows into the element and 2 - P / S while it flows out, and
comes in below its on setting where enough reactive power flows: a part of its rating if open, half a step if closed.

Between its settings a closed bank that has steps to add neither wants to act nor withdraws what it has entered: that action is
still made. A bank of one step that was opened waits the dead time before it closes again.

Source: `CapControl` of OpenDSS in its static control mode.
"""

from __future__ import annotations

import numpy as np

from tieline.network.capacitor_controls import POWER_FACTOR, VOLTAGE
from tieline.network.network import Network
from tieline.powerflow.controls.readings import readings_of
from tieline.powerflow.controls.records import make_records
from tieline.powerflow.kernel.compiled import leaf
from tieline.typing import BoolArray, FloatArray

AS_ENTERED = 1 << 20
"""A wish that is no number of steps: whatever was entered before stands."""

ONE, HIGHEST, LOWEST, MEAN = range(4)
RULES = ("one", "highest", "lowest", "mean")
"""What a control makes of the readings of several phases."""

HALF_A_STEP = 0.5
"""By power factor the next step of a closed bank needs this part of its rating to flow. OpenDSS' value."""

CAPACITOR = np.dtype(
    [
        ("is_voltage", np.bool_),
        ("is_power_factor", np.bool_),
        ("sign", float),  # a bank comes in where sign * reading is above sign * on
        ("on", float),
        ("off", float),
        ("least_kvar", float),  # by power factor, for an open bank
        ("least_step_kvar", float),  # and for a closed one
        ("v_min_v", float),
        ("v_max_v", float),
        # of the voltages and of what it acts on: first reading, how many, what is made of them
        ("volt", np.int64),
        ("n_volts", np.int64),
        ("volt_rule", np.int64),
        ("reading", np.int64),
        ("n_readings", np.int64),
        ("rule", np.int64),
        ("delay_on_s", float),
        ("delay_off_s", float),
        ("dead_time_s", float),
        ("steps", float),  # in all
        ("starts_closed", np.bool_),  # even if no step is in
        ("first", np.int64),  # the first capacitor control of the same bank
        # of the bank; in compiled code its row in the states of the lanes
        ("state", np.int64),
    ],
    align=True,
)
"""Settings of a capacitor control."""


def capacitor_settings(network: Network) -> np.ndarray:
    """Settings of all capacitor controls, records of `CAPACITOR` (control,)."""
    table = network.capacitor_controls
    controls = network.feeder.capacitor_controls
    is_voltage = table.kind == VOLTAGE
    is_power_factor = table.kind == POWER_FACTOR
    # in at low voltage or power factor, or at high current or kvar
    sign = np.where(is_voltage | is_power_factor, -1.0, 1.0)
    banks = table.capacitor.tolist()
    ratings = [network.feeder.capacitors[bank] for bank in banks]
    least_kvar = [
        bank.kvar * control.least_kvar_pct / 100
        for bank, control in zip(ratings, controls, strict=True)
    ]
    volts = np.array(readings_of(network).voltages, dtype=np.int64).reshape(-1, 2)
    measured = np.array(readings_of(network).measured, dtype=np.int64).reshape(-1, 2)
    volt_rule = [RULES.index(control.voltage_rule) for control in controls]
    current_rule = [RULES.index(control.current_rule) for control in controls]
    return make_records(
        CAPACITOR,
        is_voltage=is_voltage,
        is_power_factor=is_power_factor,
        sign=sign,
        on=table.on,
        off=table.off,
        least_kvar=least_kvar,
        least_step_kvar=[HALF_A_STEP * bank.kvar / bank.steps for bank in ratings],
        v_min_v=table.v_min_v,
        v_max_v=table.v_max_v,
        volt=volts[:, 0],
        n_volts=volts[:, 1],
        volt_rule=volt_rule,
        reading=measured[:, 0],
        n_readings=measured[:, 1],
        rule=np.where(is_voltage, volt_rule, current_rule),
        delay_on_s=table.delay_on_s,
        delay_off_s=table.delay_off_s,
        dead_time_s=[control.dead_time_s for control in controls],
        steps=[bank.steps for bank in ratings],
        starts_closed=[control.starts_closed for control in controls],
        first=[banks.index(bank) for bank in banks],
        state=network.states.capacitors.start + table.capacitor,
    )


def bank_stands_open(control: np.void, state: FloatArray) -> BoolArray:
    """Whether the bank of a control is open before any control has acted; `state` (row, state), returned (row,)."""
    return (state[:, control["state"]] == 0) & ~control["starts_closed"]


@leaf
def certain_wish(control, b, readings, errors, steps_in, is_open):
    """Steps that a control wants to add in lane b, -1, 0 or 1, or `AS_ENTERED`, and whether the errors of its readings leave no
    doubt of them.
    """
    volt, volt_error = _combined(
        b, control.volt, control.n_volts, control.volt_rule, readings, errors
    )
    if control.is_power_factor:
        return _wish_by_power_factor(
            control, b, volt, volt_error, readings, errors, steps_in, is_open
        )
    reading, error = _combined(
        b, control.reading, control.n_readings, control.rule, readings, errors
    )
    wish = 0
    for corner in range(4):
        reading_there = reading + error * (1 - corner // 2 * 2)
        wish_there = _wish(
            control,
            volt + volt_error * (1 - corner % 2 * 2),
            control.sign * reading_there > control.sign * control.on,
            control.sign * reading_there < control.sign * control.off,
            steps_in,
            is_open,
        )
        if corner > 0 and wish_there != wish:
            return wish, False
        wish = wish_there
    return wish, True


@leaf
def _combined(b, first, count, rule, readings, errors):
    """What a rule makes of some readings that follow each other, and how far off it may be."""
    value = readings[first, b]
    error = errors[first, b]
    for place in range(first + 1, first + count):
        reading = readings[place, b]
        error = max(error, errors[place, b])
        if rule == HIGHEST:
            value = max(value, reading)
        elif rule == LOWEST:
            value = min(value, reading)
        else:
            value += reading
    if rule == MEAN:
        value = value / count
    return value, error


@leaf
def _wish_by_power_factor(
    control, b, volt, volt_error, readings, errors, steps_in, is_open
):
    """`certain_wish` of a control that acts on the power factor, whose readings are kvar and then kW."""
    q_kvar = readings[control.reading, b]
    p_kw = readings[control.reading + 1, b]
    q_error = errors[control.reading, b]
    p_error = errors[control.reading + 1, b]
    # the power factor is one-sided in both powers only where neither may change its sign
    may_turn = abs(p_kw) < p_error or abs(q_kvar) < q_error
    least_kvar = control.least_kvar if is_open else control.least_step_kvar
    wish = 0
    for corner in range(8):
        q_there = q_kvar + q_error * (1 - corner % 2 * 2)
        p_there = p_kw + p_error * (1 - corner // 2 % 2 * 2)
        factor = _power_factor(p_there, q_there)
        wish_there = _wish(
            control,
            volt + volt_error * (1 - corner // 4 * 2),
            factor < control.on and q_there > least_kvar,
            factor > control.off,
            steps_in,
            is_open,
        )
        if may_turn or (corner > 0 and wish_there != wish):
            return wish, False
        wish = wish_there
    return wish, True


@leaf
def _power_factor(p_kw, q_kvar):
    """P / S while reactive power flows in, 2 - P / S while it flows out; 1 without any power."""
    apparent = np.hypot(p_kw, q_kvar)
    factor = abs(p_kw) / apparent if apparent > 0.0 else 1.0
    return 2.0 - factor if q_kvar < 0.0 else factor


@leaf
def _wish(control, volt, wants_on, wants_off, steps_in, is_open):
    """Steps that a control wants to add at its voltage and by what it acts on."""
    if is_open:
        return 1 if wants_on or volt < control.v_min_v else 0
    if volt > control.v_max_v or wants_off:
        return -1
    if steps_in == control.steps:
        return 0
    if wants_on:
        return 1
    return 0 if control.is_voltage else AS_ENTERED


@leaf
def capacitor_delay_s(control, wish, was_opened):
    """How long a control waits before it adds or removes a step [s]."""
    if wish < 0:
        return control.delay_off_s
    return control.delay_on_s + (control.dead_time_s if was_opened else 0.0)


@leaf
def switch_bank(control, b, move, entry, bank, state):
    """Add or remove a step of the bank in lane b; `entry` and `bank` are the memories of the control and of its bank."""
    steps_in = np.rint(state[control.state, b] * control.steps) + move
    steps_in = min(max(steps_in, 0.0), control.steps)
    if move > 0:
        bank.is_open = False
    elif steps_in == 0:
        bank.is_open = True
        # the engine counts the dead time of a bank of several steps from no opening
        entry.was_opened = control.steps == 1
    state[control.state, b] = steps_in / control.steps
