"""What was published of the episodes of the task on 33 buses: where they begin and what they lose when nothing is done."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tieline.envs.flexible_loads.config import PublishedWindows
from tieline.envs.flexible_loads.days import Days
from tieline.envs.flexible_loads.model import FeederModel
from tieline.envs.substation_days.published_losses import PublishedLosses, scaled_to
from tieline.envs.substation_days.series import STEP_H
from tieline.typing import FloatArray, IntArray

BANK = (0, 360, 721, 1081, 1442, 1802, 2163, 2524)
"""First half hours of the published training windows, among the held-out days: each is an episode that judges as well."""


def published_losses() -> PublishedLosses:
    """Of the 50 episodes that judge, in their order [MWh]."""
    return PublishedLosses.read(Path(__file__).with_name("published_losses.csv"))


def window_starts(windows: PublishedWindows) -> IntArray:
    """First half hours of the asked windows, (window,)."""
    if windows == "evaluation":
        return published_losses().starts
    if windows == "bank":
        return np.array(BANK)
    return np.array(BANK[:1])


def at_losses(days: Days, loss_mwh: FloatArray, model: FeederModel) -> Days:
    """Days with their loads scaled so that nothing done loses what is given, (day,) [MWh]."""

    def loss_of(shape: FloatArray) -> FloatArray:
        return day_losses_mwh(shape, model)

    shape = scaled_to(days.shape, loss_mwh, loss_of)
    return Days(shape, days.hour, days.names)


def day_losses_mwh(shape: FloatArray, model: FeederModel) -> FloatArray:
    """What each day loses without control, (day,) [MWh]."""
    days, steps, zones = shape[:, :-1].shape
    load_kw, load_kvar = model.loads(shape[:, :-1].reshape(days * steps, zones))
    loss_kw = model.effect(load_kw, load_kvar).loss_kw.reshape(days, steps)
    return loss_kw.sum(axis=1) * STEP_H / 1e3
