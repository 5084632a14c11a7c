"""How far choices are from the best, on games where J of every set is known.

    regret = (J - J*) / (mean J over all sets - J*)        a hit is a regret of at most 1 %

0 is the best, 1 is no better than chance. Exact equality is no measure: sites that switches join tie, and the second best is
often within 0.05 kW of loss.
"""

from __future__ import annotations

import numpy as np

from tieline.typing import BoolArray, FloatArray

HIT = 0.01
"""Largest regret of a hit."""


def regret(objective: FloatArray, of_all: FloatArray) -> FloatArray:
    """Regret of choices.

    Args:
        objective: J of what was chosen, (game,).
        of_all: J of every set of that size, (game, set); infinite where a power flow has no solution.

    Returns:
        (game,); 0 where all sets are worth the same, infinite where the choice has no solution.
    """
    best = of_all.min(axis=1)
    # chance is the mean of the sets that exist: one without a solution would make it infinite
    existing = np.where(np.isfinite(of_all), of_all, np.nan)
    mean = np.nanmean(existing, axis=1)
    spread = mean - best
    lost = objective - best
    # below a millionth of the bill sets differ by no more than the power flow is solved to
    is_flat = spread <= 1e-6 * np.abs(best)
    divisor = np.where(is_flat, 1.0, spread)
    return np.where(is_flat, 0.0, lost / divisor)


def hits(regrets: FloatArray) -> BoolArray:
    """Which choices count as the best, (game,)."""
    return regrets <= HIT
