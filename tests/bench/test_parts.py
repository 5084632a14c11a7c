"""Parts of a bench: measured once, kept, and measured anew where the question is another or the file is damaged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tieline.bench.kit.parts import Parts, parts_table


@dataclass(frozen=True)
class Number:
    """A row."""

    name: str
    value: float


class Counting:
    """Measures, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> list[Number]:
        self.calls += 1
        return [Number("a", 1.5)]


def test_a_part_is_measured_once(tmp_path: Path) -> None:
    measure = Counting()
    question = {"islands": ("ieee36",)}
    first = Parts(tmp_path / "new").rows("a", question, Number, measure)
    parts = Parts(tmp_path / "new")
    assert parts.rows("a", question, Number, measure) == first == [Number("a", 1.5)]
    assert measure.calls == 1
    (row,) = parts_table(parts.records).rows
    assert row[0] == "a"


def test_another_question_and_a_damaged_file_are_measured(tmp_path: Path) -> None:
    measure = Counting()
    Parts(tmp_path).rows("a", {"draws": 1}, Number, measure)
    Parts(tmp_path).rows("a", {"draws": 2}, Number, measure)
    assert measure.calls == 2
    (tmp_path / "a.json").write_text('{"question"')
    Parts(tmp_path).rows("a", {"draws": 2}, Number, measure)
    assert measure.calls == 3


def test_without_a_folder_nothing_is_kept() -> None:
    measure = Counting()
    parts = Parts(None)
    parts.rows("a", {}, Number, measure)
    parts.rows("a", {}, Number, measure)
    assert measure.calls == 2
