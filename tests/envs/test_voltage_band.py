"""Distance from a band and how many are outside, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.voltage_band import count_outside, outside_pu

BAND = (0.94, 1.06)
V_PU = np.array([[0.93, 0.94, 1.0, 1.08], [0.95, 1.06, 1.05, 0.99]])


def test_distance_from_the_band() -> None:
    assert outside_pu(V_PU, BAND) == pytest.approx(
        np.array([[0.01, 0.0, 0.0, 0.02], [0.0, 0.0, 0.0, 0.0]])
    )


def test_how_many_are_outside() -> None:
    assert count_outside(V_PU, BAND).tolist() == [2.0, 0.0]
    at_the_limit = np.array([[0.94 - 5e-6, 0.94 - 2e-5]])
    assert count_outside(at_the_limit, BAND).tolist() == [1.0]
