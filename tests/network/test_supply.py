"""De-energised nodes of feeders with open lines."""

from __future__ import annotations

import numpy as np

from builders import random_feeder, two_bus
from tieline.network import Network
from tieline.network.supply import dead_nodes, dead_nodes_per_scenario


def test_everything_is_alive_with_all_lines_closed() -> None:
    network = Network.from_feeder(random_feeder(3, 20))
    assert not dead_nodes(network, network.states.as_feeder).any()


def test_what_hangs_behind_an_open_line_is_dead() -> None:
    network = Network.from_feeder(two_bus())
    state = np.repeat(network.states.as_feeder[None], 3, axis=0)
    state[1, network.states.lines] = 0.0
    assert dead_nodes_per_scenario(network, state).tolist() == [[False, False], [False, True], [False, False]]
