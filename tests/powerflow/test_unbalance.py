"""Voltage unbalance against symmetrical components worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.network import Network
from tieline.powerflow import solve


def test_unbalance_of_a_bus_by_hand() -> None:
    network = Network.from_feeder(random_feeder(0, 3))
    solution = solve(network)
    v = solution.v_pu[0, network.nodes("b0.1", "b0.2", "b0.3")]
    a = np.exp(2j * np.pi / 3)
    sequence = np.array([[1, a, a**2], [1, a**2, a]]) @ v / 3
    assert solution.unbalance_pct[0, 0] == pytest.approx(
        abs(sequence[1]) / abs(sequence[0]) * 100
    )


def test_a_bus_without_three_phases_has_none() -> None:
    solution = solve(Network.from_feeder(two_bus()))
    assert np.isnan(solution.unbalance_pct).all()
