"""A part of a feeder: its elements, and what would be cut through."""

from __future__ import annotations

import dataclasses

import pytest

from tieline import Network, load_feeder, solve
from tieline.errors import InputError
from tieline.feeders.elements import Line, Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.parts import part_of


def behind_bus_6() -> tuple[Feeder, tuple[str, ...]]:
    """The 33-bus feeder and its branch from bus 26 on."""
    return load_feeder("ieee33"), tuple(str(bus) for bus in range(26, 34))


def test_part_is_a_feeder_with_the_loads_of_its_buses():
    feeder, buses = behind_bus_6()
    source = Source("tie", "26", (1,), feeder.source.kv_ll)
    part = part_of(feeder, buses, (source,))
    assert [bus.name for bus in part.buses] == list(buses)
    assert part.peak_load_kw == sum(
        load.p_kw for load in feeder.loads if load.bus in buses
    )
    assert all(line.from_bus in buses and line.to_bus in buses for line in part.lines)
    assert solve(Network.from_feeder(part)).converged.all()


def test_coupling_line_brings_its_far_bus_alone():
    feeder, buses = behind_bus_6()
    line = next(
        line for line in feeder.lines if {line.from_bus, line.to_bus} == {"6", "26"}
    )
    rest = [bus.name for bus in feeder.buses if bus.name not in buses]
    part = part_of(feeder, rest, feeder.sources, coupling_lines=(line.name,))
    assert line in part.lines
    assert part.bus("26").name == "26"
    assert not [load for load in part.loads if load.bus == "26"]


def test_regulators_and_capacitor_controls_go_with_what_they_act_on():
    feeder = load_feeder("ieee123")
    whole = part_of(feeder, [bus.name for bus in feeder.buses], feeder.sources)
    assert whole == feeder
    only_source = part_of(feeder, ("150", "150r"), feeder.sources)
    assert [regulator.name for regulator in only_source.regulators] == ["creg1a"]


def test_remote_bus_beyond_the_part_is_watched_no_more():
    feeder = load_feeder("ieee123")
    watching = tuple(
        dataclasses.replace(regulator, remote_bus="83", remote_node=1)
        for regulator in feeder.regulators
    )
    part = part_of(feeder.replace(regulators=watching), ("150", "150r"), feeder.sources)
    assert [regulator.remote_bus for regulator in part.regulators] == [None]


def test_transformer_is_not_cut_in_two():
    feeder = load_feeder("ieee123")
    with pytest.raises(InputError, match=r"'reg1a'.*cut in two"):
        part_of(feeder, ("150r", "149"), feeder.sources)


def test_line_energised_from_one_end_is_not_lost():
    feeder, buses = behind_bus_6()

    def half_open(line: Line) -> Line:
        return line if line.closed else dataclasses.replace(line, open_end="to")

    lines = tuple(half_open(line) for line in feeder.lines)
    with pytest.raises(InputError, match="charging current would be lost"):
        part_of(feeder.replace(lines=lines), buses, feeder.sources)
