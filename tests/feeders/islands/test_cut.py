"""The island around a bus: what closed lines reach, without the grid."""

from __future__ import annotations

import pytest

from tieline import Network, load_feeder, solve
from tieline.errors import InputError
from tieline.feeders.islands import cut_island


def test_behind_a_switch_of_123_buses() -> None:
    feeder = load_feeder("ieee123")
    island = cut_island(feeder, "67", opened=["sw4"])
    names = {bus.name for bus in island.buses}
    assert {"160", "67", "114", "450"} <= names
    assert not {"60", "150", "61"} & names
    assert {one.name for one in island.regulators} == {"creg4a", "creg4b", "creg4c"}
    assert not island.notes or all("GRID" not in note.code for note in island.notes)
    assert solve(Network.from_feeder(island), controls="off").converged.all()


def test_both_sides_have_all_that_the_feeder_has() -> None:
    feeder = load_feeder("ieee123")
    island = cut_island(feeder, "67", opened=["sw4"])
    stump = cut_island(feeder, "1", opened=["sw4"])
    assert len(island.loads) + len(stump.loads) == len(feeder.loads)
    assert island.peak_load_kw + stump.peak_load_kw == pytest.approx(
        feeder.peak_load_kw
    )
    assert [note.code for note in stump.notes][-1] == "ISLAND.GRID_LOST"


def test_closing_what_is_closed_is_noted() -> None:
    """IEEE 123 draws its open ties as closed switches to buses of their own, where nothing is joined."""
    feeder = load_feeder("ieee123")
    island = cut_island(feeder, "67", opened=["sw4"], closed=["sw8"])
    message = next(
        note.message for note in island.notes if note.code == "ISLAND.CLOSED_BEFORE"
    )
    assert "from bus '54' to bus '94_open'" in message
    assert island.buses == cut_island(feeder, "67", opened=["sw4"]).buses


def test_a_tie_that_is_closed_makes_the_island_larger() -> None:
    feeder = load_feeder("ieee33")
    tie = next(line for line in feeder.lines if not line.closed)
    first = next(line for line in feeder.lines if line.from_bus == tie.from_bus)
    cut = cut_island(feeder, tie.to_bus, closed=[tie.name])
    assert next(line for line in cut.lines if line.name == tie.name).closed
    assert len(cut.buses) == len(feeder.buses)
    assert first.name in {line.name for line in cut.lines}


def test_an_open_transformer_is_gone() -> None:
    island = cut_island(load_feeder("ieee37"), "701", opened=["subxf", "xfm1"])
    assert {one.name for one in island.transformers} == {"reg1a", "reg1c"}
    assert "775" not in {bus.name for bus in island.buses}


def test_unknown_and_contradicting_names_are_told_together() -> None:
    with pytest.raises(InputError) as error:
        cut_island(load_feeder("ieee123"), "67", ["sw4", "swx"], ["sw4", "reg4a"])
    text = str(error.value)
    assert "'sw4' is to be open and closed" in text
    assert "'swx'" in text
    assert "Unknown line 'reg4a' of feeder 'ieee123'" in text
