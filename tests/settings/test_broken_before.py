"""The rule for what is broken before, number by number."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.settings.broken_before import REMEDIES, bounds, is_broken
from tieline.settings.limits import KINDS


@pytest.mark.parametrize(
    ("before", "limit", "side", "bound"),
    [
        # far inside, the limit; outside, what it has and a thousandth of the limit
        (1.00, 1.05, +1, 1.05),
        (1.06, 1.05, +1, 1.06105),
        (0.97, 0.95, -1, 0.95),
        (0.93, 0.95, -1, 0.92905),
        (118.0, 100.0, +1, 118.1),
        # a limit of 0 has a room of its unit: a thousandth of a kW
        (5.0, 0.0, +1, 5.001),
        # nothing jumps at the limit: a place on either side of it has nearly the same bound
        (1.05 - 1e-9, 1.05, +1, 1.05105),
        (1.05 + 1e-9, 1.05, +1, 1.05105),
        (np.nan, 1.05, +1, 1.05),
    ],
)
def test_bounds(before: float, limit: float, side: int, bound: float) -> None:
    told = bounds(np.array([before]), np.array(limit), side)
    assert told == pytest.approx([bound], abs=1e-8)


def test_a_reading_at_its_limit_is_not_broken() -> None:
    reading = np.array([1.05 + 1e-8, 1.05 + 1e-5, np.nan])
    assert is_broken(reading, np.array(1.05), +1).tolist() == [False, True, False]


def test_every_kind_of_limit_has_a_remedy() -> None:
    assert {kind.name for kind in KINDS} == set(REMEDIES)
