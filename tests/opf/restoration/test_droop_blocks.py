"""Cone and chord of the voltage droop contain its curve, and nothing smaller that is convex does."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.opf.restoration.droop_blocks import chord

AT_ZERO = 1.0125
"""V at q = 0 of the 36-bus island's unit: 1 at 0.25 Mvar, 0.05 pu per Mvar."""


@pytest.mark.parametrize("slope", [0.05, 0.1, 0.0])
def test_chord_meets_the_curve_at_its_ends_and_lies_above_it(slope: float) -> None:
    q = np.linspace(-0.5, 0.5, 101)
    curve = (AT_ZERO - slope * q) ** 2
    at_zero, by_q = chord(np.array([AT_ZERO]), np.array([slope]), np.array([0.5]))
    line = at_zero + by_q * q
    np.testing.assert_allclose(line[[0, -1]], curve[[0, -1]], rtol=1e-14)
    assert np.all(line >= curve - 1e-14)
    # n^2 q_max^2 apart in the middle, and half as far in |V|
    assert (line - curve).max() == pytest.approx((slope * 0.5) ** 2)
    gap_pu = np.sqrt(line) - np.sqrt(curve)
    assert gap_pu.max() < {0.05: 3.2e-4, 0.1: 1.3e-3, 0.0: 1e-15}[slope]
