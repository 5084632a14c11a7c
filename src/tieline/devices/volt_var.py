"""Volt-var: the reactive power of an inverter by the voltage at its terminal, and where inverters and grid agree on it.

    q = s curve(v(q))

The curve is straight between its points and constant outside. Its defaults are those of IEEE Std 1547-2018, Table 8, category B:
(0.92, 44 %), (0.98, 0), (1.02, 0), (1.08, -44 %) of the rated apparent power, injection positive.

Inverters follow their curve within seconds, so over minutes q and v are in balance: a fixed point, found with Aitken's
relaxation, one factor per scenario, for all scenarios side by side (U. Kuettler, W. A. Wall, Computational Mechanics 43 (2008),
61-72, doi 10.1007/s00466-008-0255-5). Left out: the time constants of the curve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import InputError
from tieline.typing import BoolArray, FloatArray, IntArray

CLOSE_ENOUGH = 1e-4
"""Reactive power is in balance within this share of the rating; with the default curve's slope 1.4e-5 pu of voltage."""

FIRST_STEP = 0.5
SMALLEST_STEP = 0.05
MOST_STEPS = 40
"""Steps for q to settle; a scenario beyond them hunts."""

AskedReactive = Callable[[IntArray, FloatArray], FloatArray]
"""(scenarios, their q (scenario, inverter) [kvar]) -> the q that the curve asks for at the voltages these lead to [kvar]."""


@dataclass(frozen=True)
class VoltVar:
    """Points of the curve: voltages [pu], rising, and Q injected there as a share of rated apparent power, falling."""

    v_pu: tuple[float, ...] = (0.92, 0.98, 1.02, 1.08)
    q_share: tuple[float, ...] = (0.44, 0.0, 0.0, -0.44)

    def __post_init__(self) -> None:
        """Check the points."""
        if len(self.v_pu) != len(self.q_share) or len(self.v_pu) < 2:
            raise InputError(
                f"A volt-var curve needs as many voltages as shares; got {self.v_pu} and {self.q_share}."
            )
        if (
            np.any(np.diff(self.v_pu) <= 0)
            or np.any(np.diff(self.q_share) > 0)
            or np.max(np.abs(self.q_share)) > 1
        ):
            raise InputError(
                f"A volt-var curve needs rising voltages and falling shares within -1 to 1; got {self.v_pu} and {self.q_share}."
            )

    def share_at(self, v_pu: ArrayLike) -> FloatArray:
        """Injected reactive power [share of rated kVA] at a voltage [pu of rated], any shape; NaN where that is."""
        return np.interp(np.asarray(v_pu, dtype=float), self.v_pu, self.q_share)


def settle(q_kvar: FloatArray, kva: FloatArray, answer: AskedReactive) -> BoolArray:
    """Bring `q_kvar` to where it is what the curve asks for, in place.

    Args:
        q_kvar: where to start, (scenario, inverter) [kvar].
        kva: rating of each inverter, (scenario, inverter) [kVA].
        answer: of the curve; NaN where a power flow has no solution.

    Returns:
        Whether each scenario got there, (scenario,). One without a solution keeps what it had then; one that hunts, its last q.
    """
    settled = np.zeros(len(q_kvar), dtype=bool)
    step = np.full(len(q_kvar), FIRST_STEP)
    last_gap = np.full_like(q_kvar, np.nan)
    moving = np.arange(len(q_kvar))
    tolerance_kvar = CLOSE_ENOUGH * kva + 1e-12  # above zero for an inverter of no size
    for _ in range(MOST_STEPS):
        present_kvar = q_kvar[moving]
        gap = answer(moving, present_kvar) - present_kvar
        is_close = (np.abs(gap) <= tolerance_kvar[moving]).all(axis=1)
        settled[moving[is_close]] = True
        step[moving] = _relaxation(step[moving], last_gap[moving], gap)
        last_gap[moving] = gap
        # a scenario in balance is left where it was judged, one without voltages has nowhere to go
        stays = is_close | np.isnan(gap).any(axis=1)
        moving = moving[~stays]
        if len(moving) == 0:
            break
        # only part of the way: a steep curve on a weak grid would overshoot and swing
        part = step[moving][:, None]
        q_kvar[moving] += part * gap[~stays]
    return settled


def _relaxation(step: FloatArray, last_gap: FloatArray, gap: FloatArray) -> FloatArray:
    """Aitken's factor of each scenario from its last two gaps, (scenario,); it stays where there is no last one."""
    change = gap - last_gap
    size = (change * change).sum(axis=1)
    along = -(last_gap * change).sum(axis=1)
    unchanged = np.ones_like(step)
    ratio = np.divide(along, size, out=unchanged, where=size > 0)
    # never backwards and never beyond the answer: the curve is flat in places, where Aitken's line leads far astray
    bounded = np.clip(step * ratio, SMALLEST_STEP, 1.0)
    # the first gap has none before it, NaN
    return np.where(np.isnan(ratio), step, bounded)
