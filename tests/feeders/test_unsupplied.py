"""What nothing feeds is left out, with one note; what open lines alone cut off stays."""

from __future__ import annotations

from dataclasses import replace

from builders import single_code, two_bus
from tieline.feeders.elements import Bus, Generator, Line, Load, Shunt
from tieline.feeders.unsupplied import without_unsupplied

AT_DEAD = ("c", (1, 0), "wye", 12.66)


def test_a_part_without_any_branch_to_the_source() -> None:
    """Buses c and d, joined by a line, with a load of 30 kW, a generator and a shunt."""
    feeder = two_bus()
    line = Line("cd", "c", "d", (1,), (1,), single_code(0.1, 0.1))
    dead = feeder.replace(
        buses=(*feeder.buses, Bus("c", (1,), 12.66), Bus("d", (1,), 12.66)),
        lines=(*feeder.lines, line),
        loads=(*feeder.loads, Load("lost", *AT_DEAD, 30.0, 10.0)),
        generators=(Generator("g", *AT_DEAD, rated_kva=10.0),),
        shunts=(Shunt("s", *AT_DEAD, 1.0, 0.0),),
    )
    live = without_unsupplied(dead)
    assert replace(live, notes=()) == feeder
    assert [note.code for note in live.notes] == ["FEEDER.UNSUPPLIED"]
    assert "nothing feeds c, d; left out with 30 kW of load" in live.notes[0].message


def test_what_an_open_line_cuts_off_stays() -> None:
    feeder = two_bus()
    opened = feeder.replace(lines=(replace(feeder.lines[0], closed=False),))
    assert without_unsupplied(opened) is opened


def test_a_feeder_without_a_source_is_left_to_the_checks() -> None:
    feeder = two_bus().replace(sources=())
    assert without_unsupplied(feeder) is feeder
