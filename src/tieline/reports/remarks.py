"""`Remark`: a sentence that a reader must know beside the numbers, and which of three groups it stands in.

Whoever writes the sentence says what it is about; nothing reads the text again to find out. Page and screen show the groups in
the order of `TITLES`: what breaks a limit before what was approximated, and that before what of a file was left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from tieline.feeders.findings import Finding, note_lines

Kind = Literal["broken", "approximated", "left_out"]

TITLES: dict[Kind, str] = {
    "broken": "Broken limits",
    "approximated": "Approximated, assumed or not judged",
    "left_out": "Left out of the file",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence, and what it is about.

    Attributes:
        kind: "broken", a limit that does not hold or an answer that is partial; "approximated", what was approximated, assumed
            or not judged; "left_out", what the feeder's file holds and the model has not.
        text: the sentence.
    """

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class RemarkGroup:
    """The remarks of a kind under their title, each once."""

    kind: Kind
    title: str
    texts: tuple[str, ...]


def broken(texts: Iterable[str]) -> list[Remark]:
    """Remarks on limits that do not hold."""
    return [Remark("broken", text) for text in texts]


def approximated(texts: Iterable[str]) -> list[Remark]:
    """Remarks on what was approximated, assumed or not judged."""
    return [Remark("approximated", text) for text in texts]


def left_out(texts: Iterable[str]) -> list[Remark]:
    """Remarks on what the feeder's file holds and the model has not."""
    return [Remark("left_out", text) for text in texts]


def of_notes(notes: Iterable[Finding]) -> list[Remark]:
    """The notes of a feeder, a remark for each kind of note."""
    listed = list(notes)
    absent = [note for note in listed if note.is_left_out]
    altered = [note for note in listed if not note.is_left_out]
    return [*approximated(note_lines(altered)), *left_out(note_lines(absent))]


def grouped(remarks: Iterable[Remark]) -> list[RemarkGroup]:
    """The groups that have remarks, in the order of `TITLES`."""
    listed = list(remarks)
    groups = [_group(kind, listed) for kind in get_args(Kind)]
    return [group for group in groups if group.texts]


def _group(kind: Kind, remarks: list[Remark]) -> RemarkGroup:
    texts = dict.fromkeys(remark.text for remark in remarks if remark.kind == kind)
    return RemarkGroup(kind, TITLES[kind], tuple(texts))
