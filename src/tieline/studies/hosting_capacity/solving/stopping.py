"""When enough has been drawn: the 95 % interval of the violation probability is narrow at the levels that decide the answer.

The deciding levels are those on both sides of the accepted risk: the first one at which more deployments violate and the one
below it, or the highest level if there is none.
The rule is looked at after every `ROUND` deployments. Looking often makes an interval hold a little less than its 95 %; rounds
keep that small.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.studies.hosting_capacity.judging.levels import wilson_interval
from tieline.studies.hosting_capacity.judging.risk import ROUNDING
from tieline.typing import IntArray

ROUND = 50
"""Deployments between two looks: fewer than that cannot make an interval narrower than 7 points of percent."""


def rounds(most: int, stops: bool) -> Iterator[tuple[int, int]]:
    """First and last + 1 deployment of each round; all in one if nothing stops the run."""
    size = ROUND if stops else most
    for first in range(0, most, size):
        yield first, min(first + size, most)


def is_sure(hits: IntArray, draws: IntArray, width: float, risk: float) -> bool:
    """Whether the interval is narrower than `width` at the deciding levels.

    Args:
        hits: violating deployments of each level, from the lowest level up, (level,).
        draws: deployments with an answer, (level,).
        width: widest interval allowed [share].
        risk: accepted share of violating deployments.
    """
    return all(
        draws[level] > 0 and _width(int(hits[level]), int(draws[level])) < width
        for level in _deciding_levels(hits, draws, risk)
    )


def _deciding_levels(hits: IntArray, draws: IntArray, risk: float) -> list[int]:
    """Numbers of the first level with more than the accepted share and of the one below it; the highest level if none has."""
    risky = np.flatnonzero(hits > risk * draws + ROUNDING)
    if len(risky) == 0:
        return [len(hits) - 1]
    first = int(risky[0])
    return [max(first - 1, 0), first]


def _width(hits: int, draws: int) -> float:
    low, high = wilson_interval(hits, draws)
    return high - low
