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
        served = np.asarray(share, dtype=float)
        low = np.maximum(served - self.max_drop, 0.0)
        return low, np.ones_like(low)

    def shed_kw(
        self, share: ArrayLike, next_share: ArrayLike, p_kw: ArrayLike
    ) -> FloatArray:
        """Load dropped beyond `max_drop`, (scenario, load) [kW]; never negative."""
        low, _ = self.limits(share)
        served = np.asarray(next_share, dtype=float)
        p = np.asarray(p_kw, dtype=float)
        shed_share = np.maximum(low - served, 0.0)
        return shed_share * p

    def consumption(
        self, share: ArrayLike, p_kw: ArrayLike, q_kvar: ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        """P and Q of the served share, (scenario, load) [kW, kvar]."""
        served = np.asarray(share, dtype=float)
        p = np.asarray(p_kw, dtype=float)
        q = np.asarray(q_kvar, dtype=float)
        return served * p, served * q


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
        planned = np.asarray(planned_kw, dtype=float)
        owed = np.asarray(owed_kwh, dtype=float)
        room_kw = self.share * planned
        # a step that takes all of the range ends exactly at the balance allowed: more would not be paid back
        low_by_balance = (owed - self.most_kwh) / hours
        high_by_balance = (owed + self.most_kwh) / hours
        low = np.maximum(-room_kw, low_by_balance)
        high = np.minimum(room_kw, high_by_balance)
        return low, high

    def next_owed_kwh(
        self, owed_kwh: ArrayLike, change_kw: ArrayLike, hours: float
    ) -> FloatArray:
        """Balance after a step, (scenario, load) [kWh]; back at zero when the shift is complete."""
        owed = np.asarray(owed_kwh, dtype=float)
        change = np.asarray(change_kw, dtype=float)
        return owed - hours * change
