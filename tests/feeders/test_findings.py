"""Findings of one kind as one line, and all that has no effect as one more."""

from __future__ import annotations

from tieline.feeders.findings import Finding, group_warnings, name_some, note_lines


def warning(code: str, component: str, message: str = "It is odd.") -> Finding:
    return Finding(code, "warning", component, message)


def test_some_names_and_how_many_more() -> None:
    assert name_some(["load a", "load b"]) == "load a, load b"
    assert name_some(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_one_code_is_one_finding_with_all_names() -> None:
    (one,) = group_warnings(
        [warning("LOAD.ODD", f"load {name}") for name in ("a", "b", "b", "c", "d")]
    )
    assert one.count == 4
    assert one.full_text == "[LOAD.ODD] load a, load b, load c, load d: It is odd."
    assert str(one) == "[LOAD.ODD] load a, load b, load c and 1 more: It is odd."


def test_texts_that_differ_are_one_example() -> None:
    (one,) = group_warnings(
        [warning("LOAD.ODD", "load a", "A."), warning("LOAD.ODD", "load b", "B.")]
    )
    assert one.message == "2 of this kind, such as: A."


def test_what_has_no_effect_comes_last_in_one_line() -> None:
    notes = [
        Finding("X.MONITOR_DROPPED", "info", "2 Monitor objects", "Left out."),
        warning("LOAD.ODD", "load a"),
        Finding("X.SHAPE_DROPPED", "info", "1 LoadShape object", "Left out."),
    ]
    assert note_lines(notes) == [
        "[LOAD.ODD] load a: It is odd.",
        "Left out, without effect on the power flow: 2 Monitor objects, 1 LoadShape object.",
    ]
    assert note_lines([]) == []
