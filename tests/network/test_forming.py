"""A network held at several buses: which nodes, at which angles, and where no unit can stand."""

from __future__ import annotations

import numpy as np
import pytest
from island_cases import balanced_feeder, ieee123_island, ring

from tieline import Network, solve
from tieline.errors import InputError
from tieline.network.forming import forming_nodes, with_forming_buses


def test_nodes_and_phasors() -> None:
    network = with_forming_buses(Network.from_feeder(balanced_feeder()), ["c", "a"])
    names = np.array(network.node_names)[forming_nodes(network)]
    assert names.tolist() == [["c.1", "c.2", "c.3"], ["a.1", "a.2", "a.3"]]
    held = solve(network, source_pu=np.array([[0.99] * 3 + [1.01] * 3]))
    angles = np.degrees(np.angle(held.v_pu[0, network.source_nodes]))
    np.testing.assert_allclose(angles, [0, -120, 120] * 2, atol=1e-9)
    np.testing.assert_allclose(held.vm_pu[0, network.source_nodes[3:]], 1.01)


def test_two_held_buses_of_a_ring_split_it_in_two() -> None:
    """With a and c at one voltage, what b takes comes over two lines by their admittances, and none goes the other way round."""
    network = Network.from_feeder(ring({"b": 300 + 0j}))
    held = with_forming_buses(network, ["a", "c"])
    solution = solve(held, source_pu=np.ones((1, 2)))
    current = solution.source_current_pu[0]
    # of the lines ab, 2 + 3j, and bc, 1 + 2j
    assert current[0] / current[1] == pytest.approx((1 + 2j) / (2 + 3j))


def test_where_no_unit_can_stand() -> None:
    network = Network.from_feeder(ieee123_island())
    with pytest.raises(InputError, match="no phase 2, 3"):
        with_forming_buses(network, ["67", "68"])
    with pytest.raises(InputError, match="Two droop units stand at bus 67"):
        with_forming_buses(network, ["67", "67"])
    with pytest.raises(InputError, match="670"):
        with_forming_buses(network, ["670"])
