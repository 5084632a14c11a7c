"""A line about an element that is not there is named, with the nearest name; the engine itself passes over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.reader import read_in_this_process

SCRIPT = """clear
new circuit.c basekv=12.47 bus1=src
new line.l1 bus1=src bus2=b r1=0.1 x1=0.2
new load.house_1 bus1=b kv=12.47 kw=100 kvar=20
new load.shed bus1=b kv=12.47 kw=10 kvar=2
{lines}
set voltagebases=[12.47]
calcvoltagebases
"""


def read(folder: Path, lines: str) -> Feeder:
    master = folder / "master.dss"
    master.write_text(SCRIPT.format(lines=lines))
    return read_in_this_process(master)


def told(feeder: Feeder) -> list[str]:
    """What the notes about missing elements say."""
    return [
        note.message for note in feeder.notes if note.code == "OPENDSS.NO_SUCH_ELEMENT"
    ]


MISSING = {
    "edit load.house1 kw=5": "Unknown load 'house1'. Did you mean 'house_1'",
    "EDIT Object='Load.House1' kw=5": "Unknown load 'house1'. Did you mean 'house_1'",
    "batchedit load.hut.* kw=5": "No load matches 'hut.*'",
    "disable load.sheds": "Did you mean 'shed'?",
    "enable load.sheds": "Did you mean 'shed'?",
    "disable lod.shed": "There is no class 'lod'",
    "edit circuit.c pu=1.05": "its source is vsource.source",
    "edit linecode.k r1=1": "There is no linecode at all",
    "makebuslist\nsetkvbase nowhere kvll=4": "Bus nowhere not found",
}


@pytest.mark.parametrize("lines", MISSING)
def test_a_line_about_nothing_is_named(lines: str, tmp_path: Path) -> None:
    feeder = read(tmp_path, lines)
    (message,) = told(feeder)
    assert MISSING[lines] in message
    (note,) = [note for note in feeder.notes if note.code == "OPENDSS.NO_SUCH_ELEMENT"]
    assert "of master.dss" in note.component
    assert [load.p_kw for load in feeder.loads] == [100.0, 10.0]


@pytest.mark.parametrize(
    "lines",
    [
        "edit load.HOUSE_1 kw=5",
        "new load.late bus1=b kv=12.47 kw=1 kvar=1\nedit load.late kw=5",
        "batchedit load.HOU.* kw=5",
        "disable load.*\nenable load.*",
        "edit vsource.source pu=1.01",
        "edit loadshape.default npts=1 mult=[1]",
        "makebuslist\nsetkvbase b kvll=12.47",
    ],
)
def test_a_line_about_something_is_not(lines: str, tmp_path: Path) -> None:
    assert told(read(tmp_path, lines)) == []


def test_the_look_at_names_does_not_move_the_element_that_a_line_goes_on_with(
    tmp_path: Path,
) -> None:
    feeder = read(tmp_path, "edit load.house_1 kw=5\nedit load.hose kw=6\n~ kw=7")
    assert [load.p_kw for load in feeder.loads] == [7.0, 10.0]
