"""Which buses are one place."""

from __future__ import annotations

from dataclasses import replace

from tieline.feeders import load_feeder
from tieline.network.sites import sites

FEEDER = load_feeder("ieee123")
BUSES = tuple(bus.name for bus in FEEDER.buses)


def test_switches_join_and_lines_and_regulators_do_not() -> None:
    several = [set(group) for group in sites(FEEDER, BUSES) if len(group) > 1]
    assert {"18", "135"} in several
    assert {"150r", "149"} in several
    assert {"61", "61s"} in several
    # eight closed switches on the feeder, two of them to buses that are nothing else
    assert len(several) == 8
    assert all(len(group) == 2 for group in several)


def test_every_bus_is_in_one_group_in_order() -> None:
    groups = sites(FEEDER, BUSES)
    assert sorted(bus for group in groups for bus in group) == sorted(BUSES)
    firsts = [group[0] for group in groups]
    assert firsts == sorted(firsts, key=BUSES.index)


def test_a_bus_outside_the_list_joins_but_is_not_listed() -> None:
    assert sites(FEEDER, ("18", "135")) == (("18", "135"),)
    assert sites(FEEDER, ("18", "35")) == (("18",), ("35",))


def test_an_open_switch_joins_nothing() -> None:
    lines = [
        replace(line, closed=False) if line.name == "sw3" else line
        for line in FEEDER.lines
    ]
    feeder = FEEDER.replace(lines=tuple(lines))
    assert sites(feeder, ("18", "135")) == (("18",), ("135",))
