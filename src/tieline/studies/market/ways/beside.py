"""What stands beside a cleared minute: the linear program over all DERs, and the AC optimum.

Both are asked the same minute. A minute in which one of them finds no optimum has none beside it; the number of these is told.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from tieline.opf.balancing import AcOptimum, Clearing, clear, full_program
from tieline.opf.infeasible import NoOptimumError


@dataclass(frozen=True)
class Beside:
    """Optima of a minute.

    Attributes:
        full_cost: of the program over all DERs; NaN without one [currency/h].
        full_ms: time of this program, replays included [ms].
        ac_cost: of the AC optimum, as replayed; NaN without one [currency/h].
    """

    full_cost: float
    full_ms: float
    ac_cost: float


class Optima:
    """Optima beside minutes; the AC program of each tap position is kept.

    Args:
        asks_ac: whether the AC optimum is asked too.
    """

    def __init__(self, asks_ac: bool = True) -> None:
        self._asks_ac = asks_ac
        self._ac = AcOptimum()
        self._warm: Clearing | None = None

    def beside(self, clearing: Clearing) -> Beside:
        """The optima of the minute that a clearing answers."""
        question = full_program(clearing.minute)
        began = time.perf_counter()
        try:
            full = clear(question, self._warm)
        # an optimum is there to compare with: a minute without one is cleared all the same
        except NoOptimumError:
            return Beside(np.nan, np.nan, np.nan)
        full_ms = 1000 * (time.perf_counter() - began)
        # the program of the next minute differs little: it starts from this answer
        self._warm = full
        ac_cost = self._ac_cost(full) if self._asks_ac else np.nan
        return Beside(full.cost.total, full_ms, ac_cost)

    def _ac_cost(self, full: Clearing) -> float:
        """What the AC optimum costs, from the program over all DERs; NaN without one [currency/h]."""
        try:
            return self._ac.clear(full.minute, full).cost.total
        except NoOptimumError:
            return np.nan
