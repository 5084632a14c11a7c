"""Power centroids by hand on a chain, and by shortest paths on the 123-bus feeder."""

from __future__ import annotations

import dataclasses

import networkx as nx
import pytest

from builders import single_code
from tieline import load_feeder
from tieline.feeders.elements import Bus, Line, Load, Source
from tieline.feeders.feeder import Feeder
from tieline.network.partition.power_centroids import (
    load_kw_by_bus,
    power_centroid_sums,
    root_of,
)
from tieline.network.topology import bus_graph, tree_from_source


def chain(switch: bool = False) -> Feeder:
    """s - a - b - c, lines of 0.1, 0.1 and 0.2 ohm at 1 kV (1 ohm base), loads of 10, 20 and 40 kW."""
    ohm = {"sa": 0.1, "ab": 0.1, "bc": 0.2}
    lines = []
    for name, r_ohm in ohm.items():
        code = single_code(r_ohm, 0.0)
        lines.append(Line(name, name[0], name[1], (1,), (1,), code))
    if switch:
        lines[1] = dataclasses.replace(lines[1], is_switch=True)
    load_kw = {"a": 10.0, "b": 20.0, "c": 40.0}
    loads = []
    for bus, p_kw in load_kw.items():
        loads.append(Load(bus, bus, (1, 0), "wye", 1.0, p_kw, 0.0))
    return Feeder(
        name="chain",
        buses=tuple(Bus(bus, (1,), 1.0) for bus in "sabc"),
        sources=(Source("grid", "s", (1,), 1.0),),
        lines=tuple(lines),
        loads=tuple(loads),
        single_phase_equivalent=True,
    )


def test_sums_by_hand():
    feeder = chain()
    tree = tree_from_source(feeder)
    sums = power_centroid_sums(tree, tree.order, load_kw_by_bus(feeder))
    # s sees 10/0.1 + 20/0.2 + 40/0.4, a 20/0.1 + 40/0.3, b 10/0.1 + 40/0.2, c 20/0.2 + 10/0.3
    assert sums == pytest.approx([300, 200 + 400 / 3, 300, 100 + 100 / 3])
    assert root_of(tree, tree.order, load_kw_by_bus(feeder)) == "a"


def test_buses_that_a_switch_joins_are_one_place():
    feeder = chain(switch=True)
    tree = tree_from_source(feeder)
    sums = power_centroid_sums(tree, tree.order, load_kw_by_bus(feeder))
    # s sees 30/0.1 + 40/0.3; a and b see c alone, 40/0.2; c sees 30/0.2
    assert sums == pytest.approx([300 + 400 / 3, 200, 200, 150])


def test_sums_by_shortest_paths():
    feeder = load_feeder("case141")
    tree = tree_from_source(feeder)
    load_kw = load_kw_by_bus(feeder)
    sums = power_centroid_sums(tree, tree.order, load_kw)
    for k in (0, 50, 140):
        distance = nx.single_source_dijkstra_path_length(
            bus_graph(feeder), tree.order[k], weight="z_pu"
        )
        expected = sum(load_kw[bus] / z_pu for bus, z_pu in distance.items() if z_pu)
        assert sums[k] == pytest.approx(expected)
