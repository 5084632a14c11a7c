"""What was published of the episodes that judge, and how drawn days are brought to it.

    scale each day's loads by k such that   loss of the day without control (k)  =  the published loss of that episode

so that percentages on series of our own can stand beside the published ones. Losses grow about as k^2, which the search uses:
k <- k sqrt(published / loss). Source of the numbers: `published_losses.csv`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tieline.envs.flexible_loads.config import PublishedWindows
from tieline.envs.flexible_loads.model import FeederModel
from tieline.envs.substation_days.series import STEP_H, half_hours
from tieline.envs.substation_days.splits import PERIOD, is_held_out
from tieline.typing import FloatArray, IntArray

FOLDER = Path(__file__).parent

BANK = (0, 360, 721, 1081, 1442, 1802, 2163, 2524)
"""First half hours of the published training windows, among the held-out days: each is an episode that judges as well."""

DAY_S = 24 * 3600.0

ROUNDS = 8
"""Of the search; each leaves about a twentieth of the error."""


def published_losses() -> pd.DataFrame:
    """`first_half_hour` and `loss_mwh` of the 50 episodes that judge, in their order."""
    return pd.read_csv(FOLDER / "published_losses.csv", comment="#")


def window_starts(windows: PublishedWindows) -> IntArray:
    """First half hours of the asked windows, (window,)."""
    if windows == "evaluation":
        return published_losses()["first_half_hour"].to_numpy(np.int64)
    if windows == "bank":
        return np.array(BANK)
    return np.array(BANK[:1])


def loss_at(starts: IntArray) -> FloatArray:
    """Published loss without control of the windows that begin there, (window,) [MWh]."""
    losses = published_losses().set_index("first_half_hour")["loss_mwh"]
    return losses.loc[starts].to_numpy(float)


def loss_on(days: Sequence[str]) -> FloatArray:
    """Loss without control of other days of the same months, (day,) [MWh]: between the published ones before and after.

    Where none is published, in summer, their mean.

    Args:
        days: local date and time at which each begins.
    """
    losses = published_losses()
    times = half_hours(*PERIOD)
    held_out = times[is_held_out(times)]
    published_at = _seconds(held_out[losses["first_half_hour"]])
    asked_at = _seconds(pd.DatetimeIndex(days))
    is_after = asked_at > published_at[-1] + DAY_S
    between = np.interp(asked_at, published_at, losses["loss_mwh"])
    return np.where(is_after, losses["loss_mwh"].mean(), between)


def _seconds(times: pd.DatetimeIndex) -> FloatArray:
    """Local time as a number [s]."""
    local = times.tz_localize(None)
    return local.to_numpy("datetime64[s]").astype(float)


def scaled_to(
    shape: FloatArray, loss_mwh: FloatArray, model: FeederModel
) -> FloatArray:
    """Shapes of days times one number for each, so that nothing done loses what is given.

    Args:
        shape: (day, step + 1, zone).
        loss_mwh: wanted of each day, (day,) [MWh].
        model: the feeder.
    """
    factor = np.ones((len(shape), 1, 1))
    for _ in range(ROUNDS):
        loss = day_losses_mwh(factor * shape, model)
        ratio = loss_mwh / loss
        factor *= np.sqrt(ratio)[:, None, None]
    return factor * shape


def day_losses_mwh(shape: FloatArray, model: FeederModel) -> FloatArray:
    """What each day loses without control, (day,) [MWh]."""
    days, steps, zones = shape[:, :-1].shape
    load_kw, load_kvar = model.loads(shape[:, :-1].reshape(days * steps, zones))
    loss_kw = model.effect(load_kw, load_kvar).loss_kw.reshape(days, steps)
    return loss_kw.sum(axis=1) * STEP_H / 1e3
