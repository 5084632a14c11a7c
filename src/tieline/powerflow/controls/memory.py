"""What the controls of a scenario remember from one round to the next: actions that wait, and what they have done so far.

A control that wants to act enters one action with the time at which it is due, and keeps it until it has acted or no longer wants
to. Time stands still meanwhile: due times are delays and only give the order. Source: `ControlQueue` of OpenDSS in its
static control mode.
"""

from __future__ import annotations

import numpy as np

from tieline.powerflow.controls.capacitor_decisions import bank_stands_open
from tieline.typing import FloatArray

MEMORY = np.dtype(
    [
        ("due_s", float),  # when its move is due; inf: none waits
        ("pending", np.int64),  # that move: taps or steps
        ("delay_s", float),  # of an elaborate regulator, at its last readings
        # of a regulator, into its reverse mode or out of it
        ("changeover_due_s", float),
        ("is_reversed", np.bool_),  # of a regulator
        ("is_open", np.bool_),  # of a bank, remembered with the first of its controls
        ("was_opened", np.bool_),  # of a bank with one step: since the scenario began
    ],
    align=True,
)
"""What one control remembers."""


def fresh_memory(
    n_regulators: int, capacitors: np.ndarray, state: FloatArray, count: int
) -> np.ndarray:
    """Memories before the first round, (scenario, control).

    Args:
        n_regulators: they come before the capacitor controls.
        capacitors: records of `CAPACITOR`, (capacitor control,).
        state: varying states, one row for each scenario or one for all, (row, state).
        count: scenarios.
    """
    memory = np.zeros((count, n_regulators + len(capacitors)), dtype=MEMORY)
    memory["due_s"] = memory["changeover_due_s"] = np.inf
    for k, control in enumerate(capacitors):
        memory["is_open"][:, n_regulators + k] = bank_stands_open(control, state)
    return memory
