"""Remarks stand in the group that whoever wrote them chose, and a feeder's notes in that of their code."""

from __future__ import annotations

from tieline.feeders.findings import Finding
from tieline.reports.remarks import (
    approximated,
    broken,
    grouped,
    left_out,
    of_notes,
)


def test_groups_stand_in_the_order_of_importance_and_say_nothing_twice() -> None:
    remarks = [*left_out(["b"]), *approximated(["a", "a"]), *broken(["limit"])]
    groups = grouped(remarks)
    assert [group.kind for group in groups] == ["broken", "approximated", "left_out"]
    assert [group.texts for group in groups] == [("limit",), ("a",), ("b",)]


def test_a_group_without_remarks_is_not_there() -> None:
    assert [group.kind for group in grouped(approximated(["a"]))] == ["approximated"]
    assert grouped([]) == []


def test_notes_of_a_feeder_are_told_apart_by_their_code() -> None:
    notes = [
        Finding("OPENDSS.FUSE_DROPPED", "warning", "fuse f", "left out."),
        Finding("LOAD.KV_MISMATCH", "warning", "load a", "its kV differs."),
        Finding("OPENDSS.MONITOR", "info", "2 Monitor objects", "no use."),
    ]
    altered, *absent = of_notes(notes)
    assert altered.kind == "approximated"
    assert "LOAD.KV_MISMATCH" in altered.text
    assert [remark.kind for remark in absent] == ["left_out", "left_out"]
