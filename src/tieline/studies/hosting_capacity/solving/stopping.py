"""When enough has been drawn: the 95 % interval of the violation probability is narrow at the levels that decide the answer.

The deciding levels are the first one with a violating deployment and the one below it, or the highest level if none violates.
The rule is looked at after every `ROUND` deployments. Looking often makes an interval hold a little less than its 95 %; rounds
keep that small.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.studies.hosting_capacity.judging.levels import wilson_interval
from tieline.typing import IntArray

ROUND = 50
"""Deployments between two looks: fewer than that cannot make an interval narrower than 7 points of percent."""


def rounds(most: int, stops: bool) -> Iterator[tuple[int, int]]:
    """First and last + 1 deployment of each round; all in one if nothing stops the run."""
    size = ROUND if stops else most
    for first in range(0, most, size):
        yield first, min(first + size, most)


def is_sure(hits: IntArray, draws: IntArray, width: float) -> bool:
    """Whether the interval is narrower than `width` at the deciding levels.

    Args:
        hits: violating deployments of each level, from the lowest level up, (level,).
        draws: deployments with an answer, (level,).
        width: widest interval allowed [share].
    """
    return all(
        draws[level] > 0 and _width(int(hits[level]), int(draws[level])) < width
        for level in _deciding_levels(hits)
    )


def _deciding_levels(hits: IntArray) -> list[int]:
    """Numbers of the first level with a violation and the one below it; the highest level if none violates."""
    violating = np.flatnonzero(hits > 0)
    if len(violating) == 0:
        return [len(hits) - 1]
    first = int(violating[0])
    return [max(first - 1, 0), first]


def _width(hits: int, draws: int) -> float:
    low, high = wilson_interval(hits, draws)
    return high - low
