"""Which conductors belong to what, on two buses by hand."""

from __future__ import annotations

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.network import Network


def test_conductors_by_kind() -> None:
    network = Network.from_feeder(two_bus())
    assert network.is_kind("line").tolist() == [True, True]
    assert network.is_kind("source", "transformer").tolist() == [False, False]
    assert network.first_ends.tolist() == [0]
    assert network.held_nodes.tolist() == [0]


def test_admittances_of_all_kinds_add_up() -> None:
    network = Network.from_feeder(random_feeder(0, 8))
    state = network.states.as_feeder
    lines, rest = network.nodal_admittance_of(state, "line"), network.nodal_admittance_of(state, "source", "capacitor")
    assert (lines + rest).toarray() == pytest.approx(network.nodal_admittance(state).toarray())
    assert np.abs(lines.toarray()).max() > 0
    assert len(network.held_nodes) == 0  # its source stands behind an impedance
