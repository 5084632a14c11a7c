"""The microgrids of the 123-bus feeder as published, and laws that hold on every feeder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from tieline import load_feeder
from tieline.errors import InputError
from tieline.network.partition import Partition, partition, possible_borders
from tieline.network.topology import bus_graph

FEEDERS = ("ieee13", "ieee33", "ieee34", "ieee37", "ieee69", "case141", "ieee123")


def check_laws(divided: Partition, smallest_pct: float = 3.0) -> None:
    """Regions are connected, have no bus in common, cover what the source reaches, and hold enough load each."""
    graph = bus_graph(divided.feeder)
    buses = [bus for region in divided.regions for bus in region.buses]
    assert sorted(buses) == sorted(divided.tree.order)
    total_kw = sum(region.load_kw for region in divided.regions)
    for region in divided.regions:
        assert nx.is_connected(graph.subgraph(region.buses))
        assert region.root in region.buses
        assert region.load_kw >= smallest_pct / 100 * total_kw - 1e-6
    for k, border in enumerate(divided.borders):
        assert border.far == k + 1
        assert divided.region_of[border.near_bus] == border.near
        assert divided.region_of[border.far_bus] == border.far
        assert border.branch.kind in ("line", "switch")


def test_six_microgrids_of_the_123_bus_feeder():
    divided = partition(load_feeder("ieee123"), microgrids=6)
    borders = {frozenset((b.near_bus, b.far_bus)) for b in divided.borders}
    switches = [("13", "152"), ("18", "135"), ("60", "160"), ("97", "197")]
    assert borders == {frozenset(pair) for pair in [*switches, ("13", "18")]}
    assert [b.branch.name for b in divided.borders if b.branch.kind == "line"] == [
        "l13"
    ]
    loads = [region.load_kw for region in divided.regions]
    assert loads == pytest.approx([400, 360, 755, 550, 1105, 320])
    low, high = divided.phi_range_pu
    assert low < divided.phi_pu < high
    assert (low, high) == pytest.approx((0.0057, 0.0063), abs=5e-5)
    check_laws(divided)


@pytest.mark.parametrize(("phi_pu", "count"), [(0.0056, 7), (0.00575, 6), (0.0064, 5)])
def test_coupling_constraint_sets_the_number(phi_pu: float, count: int):
    divided = partition(load_feeder("ieee123"), phi_pu=phi_pu)
    assert len(divided.regions) == count
    check_laws(divided)


def test_without_constraint_tie_lines_alone_are_borders():
    divided = partition(load_feeder("ieee123"))
    assert {border.branch.kind for border in divided.borders} == {"switch"}
    assert len(divided.regions) == 5


@pytest.mark.parametrize("name", FEEDERS)
def test_every_bundled_feeder_can_be_divided(name: str):
    feeder = load_feeder(name)
    divided = partition(feeder, microgrids=6)
    assert len(divided.regions) == 6
    check_laws(divided)
    # typed back, the constraint gives the same borders
    again = partition(feeder, phi_pu=divided.phi_pu)
    assert again.cuts == divided.cuts


def test_feeder_of_8500_nodes(shared_dir: Path):
    feeder = load_feeder(str(shared_dir / "feeders" / "ieee8500" / "Master.dss"))
    check_laws(partition(feeder, microgrids=14))
    assert len(partition(feeder, smallest_pct=20).regions) == 3


def test_largest_constraint_is_chosen():
    feeder = load_feeder("ieee33")
    divided = partition(feeder, microgrids=4)
    _, high = divided.phi_range_pu
    assert len(partition(feeder, phi_pu=high * 1.0001).regions) != 4


def test_ends_without_load_make_no_region_even_where_any_share_will_do():
    divided = partition(load_feeder("ieee123"), phi_pu=0.001, smallest_pct=0)
    assert all(region.load_kw > 0 for region in divided.regions)
    # the source, the regulator behind it and the transformer at bus 610 are no microgrids
    assert divided.region_of["150"] == divided.region_of["149"]
    assert divided.region_of["610"] == divided.region_of["61"]


def test_no_border_is_a_transformer_or_lacks_a_phase():
    feeder = load_feeder("ieee123")
    lines = {line.name: line for line in feeder.lines}
    for branch in possible_borders(feeder):
        assert set(lines[branch.name].from_nodes) >= {1, 2, 3}


def test_impossible_numbers_are_named():
    feeder = load_feeder("ieee123")
    with pytest.raises(InputError, match=r"Possible numbers: 5, 6, 7.* A lower share"):
        partition(feeder, microgrids=40)
    with pytest.raises(InputError, match=r"4 tie lines, always.* A higher share"):
        partition(feeder, microgrids=2)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"microgrids": 0}, "give at least 1"),
        ({"phi_pu": 0.0}, "above 0"),
        ({"phi_pu": float("nan")}, "above 0"),
        ({"smallest_pct": 100.0}, "0 to below 100"),
        ({"microgrids": 6, "phi_pu": 0.006}, "not both"),
    ],
)
def test_numbers_that_mean_nothing(asked: dict[str, Any], message: str):
    with pytest.raises(InputError, match=message):
        partition(load_feeder("ieee33"), **asked)


def test_meshed_feeder_names_its_loops():
    feeder = load_feeder("ieee33")
    closed = [line if line.closed else _closed(line) for line in feeder.lines]
    with pytest.raises(InputError, match="meshed"):
        partition(feeder.replace(lines=tuple(closed)), microgrids=3)


def test_feeder_without_load():
    with pytest.raises(InputError, match="no load"):
        partition(load_feeder("ieee33").replace(loads=()), microgrids=3)


def _closed(line):
    import dataclasses

    return dataclasses.replace(line, closed=True)
