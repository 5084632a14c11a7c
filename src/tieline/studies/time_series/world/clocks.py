"""Banks that a clock switches: in from one hour of its control on, out from the other on, over midnight where that is earlier.

A power flow knows no time, and takes such a control for what it is at midnight. Here the bank is set at the beginning of each
step by the clock of the study, and the control is taken out of the feeder; a voltage that would override the clock is left out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.feeders.elements import CapacitorControl
from tieline.typing import BoolArray, FloatArray


def clocks_of(feeder: Feeder) -> list[CapacitorControl]:
    """The controls that look at the clock."""
    return [control for control in feeder.capacitor_controls if control.kind == "time"]


def without_clocks(feeder: Feeder) -> Feeder:
    """The feeder with all other controls."""
    clocks = clocks_of(feeder)
    controls = tuple(c for c in feeder.capacitor_controls if c not in clocks)
    return feeder.replace(capacitor_controls=controls)


def clock_schedule(feeder: Feeder, times: pd.DatetimeIndex) -> FloatArray:
    """Steps in of each bank at the beginning of each step, (step, capacitor); NaN for those without a clock."""
    schedule = np.full((len(times), len(feeder.capacitors)), np.nan)
    minutes = np.asarray(times.minute, dtype=float)
    hour = np.asarray(times.hour, dtype=float) + minutes / 60
    clock_by_bank = {control.capacitor: control for control in clocks_of(feeder)}
    for column, bank in enumerate(feeder.capacitors):
        clock = clock_by_bank.get(bank.name)
        if clock is not None:
            schedule[:, column] = np.where(_is_in(clock, hour), bank.steps, 0)
    return schedule


def _is_in(clock: CapacitorControl, hour: FloatArray) -> BoolArray:
    has_begun = hour >= clock.on_setting
    is_before_end = hour < clock.off_setting
    if clock.on_setting < clock.off_setting:
        return has_begun & is_before_end
    return has_begun | is_before_end
