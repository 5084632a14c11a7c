"""How much of a step is taken, on a line where every part can be judged by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.constrained_update.backtracking import (
    Returns,
    Stride,
    is_better,
    take_longest,
)

LIMITS = np.array([1.0])


def at(objective: float, constraint: float) -> Returns:
    return Returns(objective, np.array([constraint]))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (at(0.0, 0.5), at(1.0, 1.0), True),
        (at(0.0, 0.5), at(1.0, 1.001), False),
        (at(0.0, 0.5), at(-0.1, 0.5), False),
        # broken at the start: less excess is better though it costs, more is not though it pays
        (at(0.0, 2.0), at(-5.0, 1.5), True),
        (at(0.0, 2.0), at(5.0, 2.5), False),
        # a power flow without a solution is worse than any excess
        (at(0.0, 2.0), at(5.0, np.nan), False),
        (at(0.0, 2.0), at(np.nan, 1.0), False),
        (at(0.0, np.nan), at(-5.0, 3.0), True),
    ],
)
def test_what_is_better(before: Returns, after: Returns, expected: bool) -> None:
    assert is_better(before, after, LIMITS) is expected


def test_back_into_the_margin_is_better_though_it_costs() -> None:
    before, after = at(0.0, 0.99), at(-0.1, 0.95)
    assert is_better(before, after, LIMITS, margin=0.05)
    assert not is_better(before, after, LIMITS)
    # what is not beyond the margin has no reason to give up anything
    assert not is_better(at(0.0, 0.9), at(-0.1, 0.8), LIMITS, margin=0.05)


def test_the_longest_part_within_limit_and_trust_region() -> None:
    """From 0 towards 4: judged is x itself against 1, inside is up to 2: parts 1, 1/2, 1/4 -> x = 1 is the first that holds."""
    judged = []

    def judge(x: float) -> Returns:
        judged.append(x)
        return at(x, x)

    start = Stride(0.0, 0.0, at(0.0, 0.0))
    stride = take_longest(
        start,
        lambda part: 4.0 * part,
        judge,
        lambda x: x <= 2.0,
        LIMITS,
        margin=0.0,
        shortening=0.5,
        tries=5,
    )
    assert (stride.part, stride.candidate, judged) == (0.25, 1.0, [2.0, 1.0])
    none = take_longest(
        start,
        lambda part: 400.0 * part,
        judge,
        lambda x: True,
        LIMITS,
        margin=0.0,
        shortening=0.5,
        tries=3,
    )
    assert none is start
