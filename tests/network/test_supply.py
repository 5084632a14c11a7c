"""De-energised nodes of feeders with open lines."""

from __future__ import annotations

import numpy as np

from builders import (
    KV_LL,
    electrode,
    random_feeder,
    single_code,
    two_bus,
    two_wire,
    wire,
)
from tieline.feeders.elements import Bus, Line, Load
from tieline.network import Network
from tieline.network.supply import dead_nodes, dead_nodes_per_scenario


def test_everything_is_alive_with_all_lines_closed() -> None:
    network = Network.from_feeder(random_feeder(3, 20))
    assert not dead_nodes(network, network.states.as_feeder).any()


def test_what_hangs_behind_an_open_line_is_dead() -> None:
    network = Network.from_feeder(two_bus())
    state = np.repeat(network.states.as_feeder[None], 3, axis=0)
    state[1, network.states.lines] = 0.0
    assert dead_nodes_per_scenario(network, state).tolist() == [
        [False, False],
        [False, True],
        [False, False],
    ]


def test_a_neutral_earthed_here_is_live_while_its_load_is_fed() -> None:
    network = Network.from_feeder(two_wire())
    state = np.repeat(network.states.as_feeder[None], 2, axis=0)
    state[1, network.states.lines] = 0.0
    assert network.node_names == ("a.1", "b.1", "b.4")
    assert dead_nodes_per_scenario(network, state).tolist() == [
        [False, False, False],
        [False, True, True],
    ]


def test_a_neutral_whose_line_leads_to_ground_is_live() -> None:
    strap = Line("strap", "b", "b", (4,), (0,), single_code(2.0, 0.0))
    feeder = two_wire().replace(shunts=())
    network = Network.from_feeder(feeder.replace(lines=(*feeder.lines, strap)))
    assert not dead_nodes(network, network.states.as_feeder).any()
    without_load = Network.from_feeder(
        feeder.replace(lines=(*feeder.lines, strap), loads=())
    )
    assert dead_nodes(without_load, without_load.states.as_feeder).tolist() == [
        False,
        False,
        True,
    ]


def test_a_phase_without_supply_stays_dead_beside_a_live_neutral() -> None:
    feeder = two_wire().replace(
        lines=(wire("feed", 1, closed=False), wire("neutral", 4))
    )
    feeder = feeder.replace(
        buses=(Bus("a", (1, 4), KV_LL), *feeder.buses[1:]),
        shunts=(electrode("a", 2.0),),
    )
    line_to_neutral = Load("at-source", "a", (1, 4), "wye", 0.24, 1.0, 0.0)
    network = Network.from_feeder(
        feeder.replace(loads=(*feeder.loads, line_to_neutral))
    )
    dead = dead_nodes(network, network.states.as_feeder)
    assert dict(zip(network.node_names, dead.tolist(), strict=True)) == {
        "a.1": False,
        "a.4": False,
        "b.1": True,
        "b.4": False,
    }
