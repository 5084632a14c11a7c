"""Loads that give way: restored step by step (pick-up), or moved in time (shift).

Pick-up: the served share rho of a load at constant power factor, 0 <= rho <= 1, and rho' >= rho - eps: what has been picked up
is dropped again by no more than eps per step. What falls further is shed and counted.

Shift: power above or below the plan, |delta| <= a share of it, whose sum over the window is zero; the balance owed so far is the
state.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import InputError
from tieline.typing import FloatArray


@dataclass(frozen=True)
class PickUp:
    """`max_drop`: how much of a served share may be given back per step without counting as shed, 0 to 1."""

    max_drop: float = 0.0

    def __post_init__(self) -> None:
        """Check the share."""
        if not 0 <= self.max_drop <= 1:
            raise InputError(f"max_drop ({self.max_drop}) must lie in 0 to 1.")

    def limits(self, share: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest served share of the next step, both (scenario, load)."""
        low = np.maximum(np.asarray(share, dtype=float) - self.max_drop, 0.0)
        return low, np.ones_like(low)

    def shed_kw(self, share: ArrayLike, next_share: ArrayLike, p_kw: ArrayLike) -> FloatArray:
        """Load dropped beyond `max_drop`, (scenario, load) [kW]; never negative."""
        low, _ = self.limits(share)
        shed_share = np.maximum(low - np.asarray(next_share, dtype=float), 0.0)
        return shed_share * np.asarray(p_kw, dtype=float)

    def consumption(
        self, share: ArrayLike, p_kw: ArrayLike, q_kvar: ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        """P and Q of the served share, (scenario, load) [kW, kvar]."""
        served = np.asarray(share, dtype=float)
        return served * np.asarray(p_kw, dtype=float), served * np.asarray(q_kvar, dtype=float)


@dataclass(frozen=True)
class Shift:
    """`share`: part of the planned power that may be moved, 0 to 1; `most_kwh`: highest balance either way [kWh]."""

    share: float
    most_kwh: float = np.inf

    def __post_init__(self) -> None:
        """Check the share."""
        if not 0 <= self.share <= 1 or self.most_kwh < 0:
            raise InputError(
                f"share ({self.share}) must lie in 0 to 1 and most_kwh ({self.most_kwh}) must not be negative."
            )

    def limits_kw(
        self, planned_kw: ArrayLike, owed_kwh: ArrayLike, hours: float
    ) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest change of a step, both (scenario, load) [kW]; `owed_kwh` is what earlier steps took less."""
        room_kw = self.share * np.asarray(planned_kw, dtype=float)
        owed = np.asarray(owed_kwh, dtype=float)
        low = np.maximum(-room_kw, (owed - self.most_kwh) / hours)
        high = np.minimum(room_kw, (owed + self.most_kwh) / hours)
        return low, high

    def next_owed_kwh(self, owed_kwh: ArrayLike, change_kw: ArrayLike, hours: float) -> FloatArray:
        """Balance after a step, (scenario, load) [kWh]; back at zero when the shift is complete."""
        return np.asarray(owed_kwh, dtype=float) - hours * np.asarray(change_kw, dtype=float)
