"""`SafeActions`: actions after the safety step (`agents.safety`), what it did to them, and the counts of it that studies tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.typing import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class SafeActions:
    """Actions after the safety step, and what it did. All arrays (episode,) but `actions`.

    Attributes:
        actions: what is to be carried out, (episode, action).
        touched: whether the safety step changed the action.
        moved: how far, as the length of the change in shares of each entry's range.
        violation_before, violation_after: worst violation in the AC replay [pu]; infinite without a solution.
        relaxed_pu: by how much a limit had to be relaxed at most because the linear model has no action within all [pu].
    """

    actions: FloatArray
    touched: BoolArray
    moved: FloatArray
    violation_before: FloatArray
    violation_after: FloatArray
    relaxed_pu: FloatArray

    @property
    def is_infeasible(self) -> BoolArray:
        """The linear model has no action within all limits, and none was found: the least violation was taken, (episode,)."""
        return (self.relaxed_pu > 0) & (self.violation_after > 0)

    @property
    def counts(self) -> dict[str, float]:
        """What the safety step did, in numbers with stable names; `unsolved` actions, with nothing to judge them by, count as
        neither safe nor violating.
        """
        moved_mean = 0.0
        if self.touched.any():
            moved_mean = float(self.moved[self.touched].mean())
        return {
            "decisions": float(len(self.touched)),
            "touched": float(self.touched.sum()),
            "moved_mean": moved_mean,
            "moved_max": float(self.moved.max(initial=0.0)),
            "violating_before": _violating(self.violation_before),
            "violating_after": _violating(self.violation_after),
            "violation_max_before_pu": _largest(self.violation_before),
            "violation_max_after_pu": _largest(self.violation_after),
            "infeasible": float(self.is_infeasible.sum()),
            "unsolved": float(np.isinf(self.violation_after).sum()),
        }


def _violating(violation_pu: FloatArray) -> float:
    """Actions that break a limit, of those with a solution."""
    is_violating = (violation_pu > 0) & np.isfinite(violation_pu)
    return float(is_violating.sum())


def _largest(violation_pu: FloatArray) -> float:
    """The largest violation [pu], of those with a solution."""
    is_solved = np.isfinite(violation_pu)
    return float(violation_pu[is_solved].max(initial=0.0))
