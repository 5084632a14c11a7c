"""When drawing stops."""

from __future__ import annotations

import numpy as np

from tieline.studies.hosting_capacity.solving.stopping import is_sure, rounds


def test_rounds_cover_everything_once() -> None:
    assert list(rounds(120, stops=True)) == [(0, 50), (50, 100), (100, 120)]
    assert list(rounds(120, stops=False)) == [(0, 120)]


def test_only_the_deciding_levels_count() -> None:
    # 0 of 100 has the interval 0 to 0.037, 1 of 100 0.002 to 0.054, 50 of 100 0.404 to 0.596
    draws = np.array([100, 100, 100, 100])
    assert is_sure(np.array([0, 0, 1, 50]), draws, width=0.055, risk=0.0)
    assert not is_sure(np.array([0, 0, 1, 50]), draws, width=0.05, risk=0.0)
    assert not is_sure(np.array([0, 0, 50, 1]), draws, width=0.1, risk=0.0)


def test_without_violation_the_highest_level_decides() -> None:
    assert is_sure(np.array([0, 0]), np.array([0, 100]), width=0.04, risk=0.0)
    assert not is_sure(np.array([0, 0]), np.array([100, 0]), width=0.04, risk=0.0)


def test_levels_on_both_sides_of_the_accepted_risk_decide() -> None:
    # 5 of 100 is what is accepted, 6 is more; 50 of 100 is known least, and decides nothing
    draws = np.array([100, 100, 100, 100])
    assert is_sure(np.array([0, 5, 6, 50]), draws, width=0.11, risk=0.05)
    assert not is_sure(np.array([0, 5, 50, 6]), draws, width=0.11, risk=0.05)
