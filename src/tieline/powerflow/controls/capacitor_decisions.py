"""What one capacitor control wants, from what it reads, and how it switches its bank, one scenario at a time.

It adds or removes one step at a time. A bank whose last step goes out opens, and closes with the next step that comes in:

    open    comes in at low voltage (override), else beyond the on setting
    closed  goes out at high voltage (override), else beyond the off setting; beyond the on setting the next step comes in

Between its settings a closed bank that has steps to add neither wants to act nor withdraws what it has entered: that action is
still made. A bank of one step that was opened waits the dead time before it closes again.

Source: `CapControl` of OpenDSS in its static control mode.
"""

from __future__ import annotations

import numpy as np

from tieline.network.capacitor_controls import VOLTAGE
from tieline.network.network import Network
from tieline.powerflow.controls.records import make_records
from tieline.powerflow.kernel.compiled import leaf
from tieline.typing import BoolArray, FloatArray

AS_ENTERED = 1 << 20
"""A wish that is no number of steps: whatever was entered before stands."""

CAPACITOR = np.dtype(
    [
        ("is_voltage", np.bool_),
        ("sign", float),  # a bank comes in where sign * reading is above sign * on
        ("on", float),
        ("off", float),
        ("v_min_v", float),
        ("v_max_v", float),
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
    banks = table.capacitor.tolist()
    return make_records(
        CAPACITOR,
        is_voltage=is_voltage,
        # in at low voltage, or at high current or kvar
        sign=np.where(is_voltage, -1.0, 1.0),
        on=table.on,
        off=table.off,
        v_min_v=table.v_min_v,
        v_max_v=table.v_max_v,
        delay_on_s=table.delay_on_s,
        delay_off_s=table.delay_off_s,
        dead_time_s=[control.dead_time_s for control in controls],
        steps=[network.feeder.capacitors[bank].steps for bank in banks],
        starts_closed=[control.starts_closed for control in controls],
        first=[banks.index(bank) for bank in banks],
        state=network.states.capacitors.start + table.capacitor,
    )


def bank_stands_open(control: np.void, state: FloatArray) -> BoolArray:
    """Whether the bank of a control is open before any control has acted; `state` (row, state), returned (row,)."""
    return (state[:, control["state"]] == 0) & ~control["starts_closed"]


@leaf
def capacitor_wish(control, volt, reading, steps_in, is_open):
    """Steps that a control wants to add, -1, 0 or 1, or `AS_ENTERED`."""
    wants_on = control.sign * reading > control.sign * control.on
    if is_open:
        return 1 if wants_on or volt < control.v_min_v else 0
    if volt > control.v_max_v or control.sign * reading < control.sign * control.off:
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
    steps_in = np.round(state[control.state, b] * control.steps) + move
    steps_in = min(max(steps_in, 0.0), control.steps)
    if move > 0:
        bank.is_open = False
    elif steps_in == 0:
        bank.is_open = True
        # the engine counts the dead time of a bank of several steps from no opening
        entry.was_opened = control.steps == 1
    state[control.state, b] = steps_in / control.steps
