"""How much of a step is taken: the longest part of it that holds what the linear model promised, by true returns.

Within limits, a part is taken if no constraint ends beyond its limit and the objective does not fall, or a constraint goes back
towards what is aimed at, `margin` inside its limit. Where a limit was broken already, it is taken if the excess falls, the root
of the sum of squares over all constraints, whatever the objective does: safety first. A return without a value, of a power flow
without solution, is never accepted. In both the true divergence of each agent stays within its trust region.

Source: J. Achiam et al., "Constrained policy optimization", ICML 2017, appendix 10.2.1 (backtracking line search).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from tieline.typing import FloatArray

Candidate = TypeVar("Candidate")

ROUNDING = 1e-9
"""An excess of less is none, and a fall of the objective of less, as a part of it, is none either."""


@dataclass(frozen=True, eq=False)
class Returns:
    """True returns of all agents' policies together: `objective`, to be raised, and `constraints`, (constraint,)."""

    objective: float
    constraints: FloatArray

    def total_excess(self, limits: FloatArray) -> float:
        """Root of the sum of squares of what constraints are beyond their limits; infinite where a return has no value."""
        excess = np.nan_to_num(self.constraints - limits, nan=np.inf)
        return float(np.linalg.norm(np.maximum(excess, 0.0)))

    def worst_excess(self, limits: FloatArray) -> float:
        """How far the worst constraint is beyond its limit; 0 within all; infinite where a return has no value."""
        excess = np.nan_to_num(self.constraints - limits, nan=np.inf)
        return float(max(excess.max(initial=0.0), 0.0))


@dataclass(frozen=True, eq=False)
class Stride(Generic[Candidate]):
    """A part of a step, 0 for none of it: the candidate that it leads to, with its returns."""

    part: float
    candidate: Candidate
    returns: Returns


def is_better(
    before: Returns, after: Returns, limits: FloatArray, margin: float = 0.0
) -> bool:
    """Whether a step keeps what it should."""
    if np.isnan(after.objective):
        return False
    if before.worst_excess(limits) > ROUNDING:
        # of the worst alone, a step could push all others up to it
        return after.total_excess(limits) < before.total_excess(limits)
    if after.worst_excess(limits) > ROUNDING:
        return False
    smallest_fall = ROUNDING * (1.0 + abs(before.objective))
    is_as_good = after.objective >= before.objective - smallest_fall
    # else nothing would move once constraints that bend had used the margin up
    aims = limits - margin
    return is_as_good or after.worst_excess(aims) < before.worst_excess(aims)


def take_longest(
    start: Stride[Candidate],
    candidate_at: Callable[[float], Candidate],
    judge: Callable[[Candidate], Returns],
    is_inside: Callable[[Candidate], bool],
    limits: FloatArray,
    *,
    margin: float,
    shortening: float,
    tries: int,
) -> Stride[Candidate]:
    """The longest acceptable part among 1, shortening, shortening^2, ...; the start where none is acceptable.

    Args:
        start: no step at all.
        candidate_at: policies after a part of the step.
        judge: their true returns.
        is_inside: whether they are within the trust regions; asked first, because it is cheap.
        limits: of the constraints, (constraint,).
        margin: how far inside them a step aims.
        shortening: factor between 0 and 1.
        tries: parts that are looked at.
    """
    for part in shortening ** np.arange(tries):
        candidate = candidate_at(float(part))
        if not is_inside(candidate):
            continue
        returns = judge(candidate)
        if is_better(start.returns, returns, limits, margin):
            return Stride(float(part), candidate, returns)
    return start
