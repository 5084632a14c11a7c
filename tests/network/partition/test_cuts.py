"""Parts of a tree, and which are joined over which border."""

from __future__ import annotations

from builders import single_code
from tieline.feeders.elements import Bus, Line, Source
from tieline.feeders.feeder import Feeder
from tieline.network.partition.cuts import (
    join_short_parts,
    sum_behind,
    top_of_each_bus,
)
from tieline.network.topology import Tree, tree_from_source

AMOUNT = {"a": 10.0, "b": 2.0, "c": 10.0, "d": 1.0}


def star() -> Tree:
    """s - a - b - c and b - d; b is nearest to d, then to a, then to c."""
    ohm = {"sa": 1.0, "ab": 0.5, "bc": 0.9, "bd": 0.1}
    lines = []
    for name, r_ohm in ohm.items():
        code = single_code(r_ohm, 0.0)
        lines.append(Line(name, name[0], name[1], (1,), (1,), code))
    feeder = Feeder(
        name="star",
        buses=tuple(Bus(bus, (1,), 1.0) for bus in "sabcd"),
        sources=(Source("grid", "s", (1,), 1.0),),
        lines=tuple(lines),
        single_phase_equivalent=True,
    )
    return tree_from_source(feeder)


def test_amount_behind_each_bus():
    behind = sum_behind(star(), AMOUNT)
    assert behind == {"s": 23.0, "a": 23.0, "b": 13.0, "c": 10.0, "d": 1.0}


def test_parts_by_their_top_bus():
    tops = top_of_each_bus(star(), {"b", "c"})
    assert tops == {"s": "s", "a": "s", "b": "b", "d": "b", "c": "c"}


def test_short_parts_are_joined_over_their_weakest_border():
    tree = star()
    behind = sum_behind(tree, AMOUNT)
    # d (1) joins b (2); the two (3) join a over 0.5 ohm, not c over 0.9
    cuts = join_short_parts(tree, ("b", "c", "d"), behind, least=4.0)
    assert cuts == {"c"}
    # with d the part of b has enough
    cuts = join_short_parts(tree, ("b", "c", "d"), behind, least=3.0)
    assert cuts == {"b", "c"}


def test_exactly_enough_is_not_short_and_all_may_be_joined():
    tree = star()
    behind = sum_behind(tree, AMOUNT)
    assert join_short_parts(tree, ("c",), behind, least=10.0) == {"c"}
    assert join_short_parts(tree, ("b", "c"), behind, least=99.0) == frozenset()
