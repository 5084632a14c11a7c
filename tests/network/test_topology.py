"""Topology by hand on small feeders, and against how random trees were built."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import networkx as nx
import pytest
from stepdown import stepdown, unit

from builders import random_feeder, single_code, two_bus
from tieline.errors import InputError
from tieline.feeders.elements import (
    Bus,
    Line,
    LineCode,
    Source,
)
from tieline.feeders.feeder import Feeder
from tieline.network.topology import (
    bus_graph,
    distance_km,
    electrical_distance_ohm,
    electrical_distance_pu,
    islands,
    lengths_known,
    path,
    path_impedance_pu,
    paths_from,
    regions,
    tree_from_source,
)

ALL = (1, 2, 3)


def line(name: str, length_km: float | None = 1.0, **fields: Any) -> Line:
    """A line called like its two one-letter buses, 0.3 + 0.4j ohm/km."""
    return Line(
        name, name[0], name[1], (1,), (1,), single_code(0.3, 0.4), length_km, **fields
    )


def feeder_of(*lines: Line, buses: str = "sabc", kv_ll: float = 10.0) -> Feeder:
    """A single-phase equivalent fed at bus s; its impedance base is 100 ohm at 10 kV."""
    return Feeder(
        name="hand",
        buses=tuple(Bus(name, (1,), kv_ll) for name in buses),
        sources=(Source("grid", "s", (1,), kv_ll),),
        lines=lines,
        single_phase_equivalent=True,
    )


def test_path_impedance_adds_up_along_the_nearest_path() -> None:
    # base 100 ohm at 10 kV: 0.3 + 0.4j ohm per km is 0.003 + 0.004j pu
    found = path_impedance_pu(
        feeder_of(line("sa", 2.0), line("ab", 1.0), line("sb", 10.0))
    )
    assert found["s"] == 0
    assert found["a"] == pytest.approx(0.006 + 0.008j)
    assert found["b"] == pytest.approx(0.009 + 0.012j)
    assert "c" not in found  # no path


def test_path_impedance_through_a_transformer_and_its_magnitude() -> None:
    # 2 % + 4 % of 500 kVA on 1 MVA: 0.04 + 0.08j; behind it a line of 0.08 ohm at 0.4 kV: 0.5j
    feeder = stepdown(unit("t", 3, 500.0))
    found = path_impedance_pu(feeder)
    assert found["t"] == pytest.approx(0.04 + 0.08j)
    for bus, z_pu in electrical_distance_pu(feeder).items():
        assert z_pu >= abs(found[bus]) - 1e-12


def test_path_impedance_begins_behind_a_source_joined_without_impedance() -> None:
    found = path_impedance_pu(feeder_of(line("sa", 0.0), line("ab")))
    assert found == pytest.approx({"s": 0, "a": 0, "b": 0.003 + 0.004j})


def test_paths_from_a_bus_in_the_middle() -> None:
    tree = paths_from(feeder_of(line("sa"), line("ab"), line("bc")), "b")
    assert tree.parent == {"b": None, "a": "b", "c": "b", "s": "a"}
    assert tree.depth == {"b": 0, "a": 1, "c": 1, "s": 2}
    assert tree.branches["s"][0].name == "sa"


def test_paths_take_the_way_of_least_impedance() -> None:
    # three short lines beat one long line, which fewest steps would take
    ring = feeder_of(line("sa", 1.0), line("ab", 1.0), line("bc", 1.0), line("sc", 5.0))
    tree = paths_from(ring, "s")
    assert [tree.parent[bus] for bus in "abc"] == ["s", "a", "b"]
    assert tree_from_source(ring).parent["c"] == "s"
    assert [set(loop) for loop in tree.loops] == [set("sabc")]


def test_paths_leave_out_what_is_cut_off_and_refuse_an_unknown_bus() -> None:
    feeder = feeder_of(line("sa"), line("bc"))
    assert set(paths_from(feeder, "c").unreached) == {"s", "a"}
    with pytest.raises(InputError, match="Unknown bus"):
        paths_from(feeder, "x")


def test_regions_are_joined_buses_with_their_entry_first() -> None:
    feeder = feeder_of(
        line("sa"), line("ab"), line("bc"), line("ad"), line("de"), buses="sabcde"
    )
    assert regions(feeder, ["c", "B", "e"]) == (("b", "c"), ("e",))
    assert regions(feeder, ["b", "d"]) == (("b",), ("d",))
    assert regions(feeder, []) == ()
    with pytest.raises(InputError, match="no closed path"):
        regions(feeder_of(line("sa")), ["c"])


def test_tree_by_hand():
    tree = tree_from_source(feeder_of(line("ba"), line("sa"), line("ac")))
    assert tree.order[:2] == ("s", "a")
    assert tree.parent == {"s": None, "a": "s", "b": "a", "c": "a"}
    assert tree.depth == {"s": 0, "a": 1, "b": 2, "c": 2}
    assert {
        bus: [branch.name for branch in of_bus] for bus, of_bus in tree.branches.items()
    } == {
        "s": [],
        "a": ["sa"],
        "b": ["ba"],
        "c": ["ac"],
    }
    assert tree.children() == {"s": ["a"], "a": ["b", "c"], "b": [], "c": []}
    assert not tree.is_meshed
    assert tree.unreached == ()


def test_open_tie_makes_no_loop_and_closed_one_does():
    radial = feeder_of(line("sa"), line("ab"), line("ac"), line("bc", closed=False))
    assert not tree_from_source(radial, must_be_radial=True).is_meshed
    meshed = feeder_of(line("sa"), line("ab"), line("ac"), line("bc", is_switch=True))
    assert [set(loop) for loop in tree_from_source(meshed).loops] == [{"a", "b", "c"}]
    with pytest.raises(
        InputError, match=r"buses b - a - c - b \(line ab, line ac, switch bc\)"
    ):
        tree_from_source(meshed, must_be_radial=True)


def test_message_counts_the_loops_it_does_not_name():
    buses = "sabcdefgh"
    ring = [line(f"s{bus}") for bus in buses[1:]] + [
        line(a + b) for a, b in itertools.pairwise(buses[1:])
    ]
    with pytest.raises(InputError, match="and 2 more"):
        tree_from_source(feeder_of(*ring, buses=buses), must_be_radial=True)


def test_elements_side_by_side_are_one_step_and_the_lowest_impedance_counts():
    feeder = feeder_of(
        line("sa", 3.0),
        dataclasses.replace(line("sa", 1.0), name="second"),
        line("ab"),
        line("ac"),
    )
    tree = tree_from_source(feeder, must_be_radial=True)
    assert [branch.name for branch in tree.branches["a"]] == ["sa", "second"]
    assert electrical_distance_pu(feeder)["a"] == pytest.approx(0.5 / 100)


@pytest.mark.parametrize("seed", range(5))
def test_random_tree_is_the_one_that_was_built(seed: int):
    feeder = random_feeder(seed, 60)
    tree = tree_from_source(feeder, must_be_radial=True)
    assert tree.parent == {"b0": None} | {
        line.to_bus: line.from_bus for line in feeder.lines
    }
    position = {bus: k for k, bus in enumerate(tree.order)}
    assert all(
        position[above] < position[bus]
        for bus, above in tree.parent.items()
        if above is not None
    )
    lengths = {line.to_bus: line.length_km or 0.0 for line in feeder.lines}
    by_hand = {"b0": 0.0}
    for bus in tree.order[1:]:
        by_hand[bus] = by_hand[str(tree.parent[bus])] + lengths[bus]
    assert distance_km(feeder) == pytest.approx(by_hand)


def test_lines_without_a_length_add_no_kilometres():
    feeder = feeder_of(line("sa", 0.5), line("ab", None))
    assert distance_km(feeder)["b"] == 0.5
    assert lengths_known(feeder)
    assert not lengths_known(feeder_of(line("sa", None)))
    assert electrical_distance_ohm(feeder)["b"] == pytest.approx(1.5 * abs(0.3 + 0.4j))


@pytest.mark.parametrize("seed", range(5))
def test_loops_of_a_random_mesh_close_and_are_as_many_as_independent_cycles(seed: int):
    feeder = random_feeder(seed, 40, n_loops=4)
    graph = nx.Graph(bus_graph(feeder))
    loops = tree_from_source(feeder).loops
    assert len(loops) == len(nx.cycle_basis(graph))
    for loop in loops:
        assert len(set(loop)) == len(loop) >= 3
        assert all(
            graph.has_edge(a, b) for a, b in itertools.pairwise([*loop, loop[0]])
        )


def test_very_deep_feeder():
    count = 5000
    buses = tuple(Bus(f"b{k}", (1,), 10.0) for k in range(count))
    code = single_code(0.3, 0.4)
    lines = tuple(
        Line(f"l{k}", f"b{k}", f"b{k + 1}", (1,), (1,), code, 0.1)
        for k in range(count - 1)
    )
    feeder = Feeder(
        "chain",
        buses,
        (Source("grid", "b0", (1,), 10.0),),
        lines,
        single_phase_equivalent=True,
    )
    assert max(tree_from_source(feeder).depth.values()) == count - 1
    assert distance_km(feeder)[f"b{count - 1}"] == pytest.approx(0.1 * (count - 1))


def test_path_by_hand_and_of_least_impedance_in_a_mesh():
    radial = feeder_of(line("sa"), line("ab"), line("ac"))
    assert path(radial, "B", "c") == ("b", "a", "c")
    assert path(radial, "b", "b") == ("b",)
    assert path(
        feeder_of(line("sa"), line("ab"), line("ac"), line("bc", 5.0)), "b", "c"
    ) == (
        "b",
        "a",
        "c",
    )


def test_path_says_what_is_wrong():
    feeder = feeder_of(line("sa"), line("ab"), line("ac", closed=False))
    with pytest.raises(
        InputError,
        match=r"No closed path joins bus 'b' and bus 'c' of feeder 'hand'\. Close",
    ):
        path(feeder, "b", "c")
    with pytest.raises(InputError, match="Unknown bus 'zz' of feeder 'hand'"):
        path(feeder, "b", "zz")


def test_islands():
    feeder = feeder_of(
        line("sa"), line("ab", closed=False), line("bc"), line("cd"), buses="abcsd"
    )
    first, second = islands(feeder)
    assert (first.buses, first.has_source) == ({"s", "a"}, True)
    assert (second.buses, second.has_source) == ({"b", "c", "d"}, False)
    assert tree_from_source(feeder).unreached == ("b", "c", "d")
    assert distance_km(feeder)["b"] == math.inf


def test_open_elements_are_in_the_graph_on_request():
    feeder = feeder_of(line("sa"), line("ab", closed=False))
    assert bus_graph(feeder).number_of_edges() == 1
    edge = bus_graph(feeder, include_open=True)["a"]["b"]["line.ab"]
    assert (edge["kind"], edge["closed"], edge["length_km"]) == ("line", False, 1.0)
    assert edge["branch"].to_bus == "b"


def test_positive_sequence_of_a_three_phase_line_with_neutral():
    own, mutual = 0.5, 0.2
    r = tuple(tuple(own if i == j else mutual for j in range(4)) for i in range(4))
    x = tuple(tuple(value * 2 for value in row) for row in r)
    c = tuple((0.0,) * 4 for _ in range(4))
    feeder = Feeder(
        name="three",
        buses=(Bus("s", (*ALL, 4), 10.0), Bus("a", (*ALL, 4), 10.0)),
        sources=(Source("grid", "s", ALL, 10.0),),
        lines=(
            Line("sa", "s", "a", (*ALL, 4), (*ALL, 4), LineCode("c", r, x, c), 2.0),
        ),
    )
    assert electrical_distance_pu(feeder)["a"] == pytest.approx(
        abs(0.3 + 0.6j) * 2.0 / 100.0
    )
    assert electrical_distance_ohm(feeder)["a"] == pytest.approx(abs(0.3 + 0.6j) * 2.0)


def test_distance_adds_across_voltage_levels():
    feeder = stepdown(unit("bank", 3, 500.0))
    z_transformer = math.hypot(2.0, 4.0) / 100 * 1000 / 500
    assert electrical_distance_pu(feeder)["t"] == pytest.approx(z_transformer)
    assert electrical_distance_pu(feeder)["u"] == pytest.approx(z_transformer + 0.5)
    assert electrical_distance_ohm(feeder)["u"] == pytest.approx(
        (z_transformer + 0.5) * 0.16
    )
    assert distance_km(feeder)["u"] == 1.0


def test_three_single_phase_units_are_one_bank():
    bank = stepdown(*(unit(f"unit{k}", 1, 500.0 / 3) for k in ALL))
    assert tree_from_source(bank, must_be_radial=True).depth["u"] == 2
    assert electrical_distance_pu(bank)["t"] == pytest.approx(
        electrical_distance_pu(stepdown(unit("bank", 3, 500.0)))["t"]
    )


def test_unit_of_a_single_phase_equivalent_has_its_three_phase_rating():
    assert electrical_distance_pu(stepdown(unit("one", 1, 500.0), equivalent=True))[
        "t"
    ] == pytest.approx(electrical_distance_pu(stepdown(unit("bank", 3, 500.0)))["t"])


def test_two_bus_distance_matches_its_line():
    assert electrical_distance_ohm(two_bus(r_ohm=0.6, x_ohm=0.8)) == pytest.approx(
        {"a": 0.0, "b": 1.0}
    )
