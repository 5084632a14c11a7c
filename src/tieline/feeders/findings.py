"""`Finding`: one thing that a reader or a check has to say about a feeder, as data.

Errors stop loading and are reported all together; the others travel with the feeder (`Feeder.notes`) into every result: warnings,
which bear on answers, and what was left out and bears on none ("info").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tieline.counted import counted
from tieline.errors import InputError

SEPARATOR = ", "
"""Between the elements that a finding is about."""

LEFT_OUT = ("DROPPED", "LEFT_OUT", "UNSUPPLIED", "ISOLATED", "NOT_SERVED")
"""How codes end that stand for something of the file that is not in the feeder, or does not take part."""

NAMES_SHOWN = 3
"""How many elements a finding about several names on the screen."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong or approximated (`message`), where (`component`, like "load house_12", or all elements of a kind with
    `SEPARATOR` between them), and what to do (`remedy`).

    `code` is stable and scriptable: WHERE.WHAT in capitals, for example "LOAD.PHASE_MISSING" or "OPENDSS.LOADSHAPE_DROPPED".
    """

    code: str
    severity: Literal["error", "warning", "info"]
    component: str
    message: str
    remedy: str = ""

    @property
    def count(self) -> int:
        """How many elements it concerns."""
        return len(self.component.split(SEPARATOR))

    @property
    def is_left_out(self) -> bool:
        """Whether it tells what the file holds and the feeder has not; by its code, which says so in its last words."""
        return self.severity == "info" or self.code.endswith(LEFT_OUT)

    @property
    def full_text(self) -> str:
        """The text with the names of all elements."""
        return self._text(self.component)

    def __str__(self) -> str:
        return self._text(name_some(self.component.split(SEPARATOR)))

    def _text(self, where: str) -> str:
        return " ".join(
            part
            for part in (f"[{self.code}] {where}: {self.message}", self.remedy)
            if part
        )


def name_some(components: Sequence[str]) -> str:
    """For example: load a, load b, load c and 36 more."""
    listed = SEPARATOR.join(components[:NAMES_SHOWN])
    more = len(components) - NAMES_SHOWN
    return f"{listed} and {more} more" if more > 0 else listed


def group_warnings(warnings: Iterable[Finding]) -> list[Finding]:
    """One finding for all of a code: whom it concerns, how many, and the message of the first as an example."""
    by_code: dict[str, list[Finding]] = {}
    for warning in warnings:
        by_code.setdefault(warning.code, []).append(warning)
    return [_as_one(alike) for alike in by_code.values()]


def _as_one(alike: list[Finding]) -> Finding:
    first = alike[0]
    if len(alike) == 1:
        return first
    # one that says several things of an element still concerns it once
    components = dict.fromkeys(
        name for finding in alike for name in finding.component.split(SEPARATOR)
    )
    message = first.message
    if any(finding.message != message for finding in alike):
        message = f"{len(components)} of this kind, such as: {message}"
    # one code has one way out, so that the remedy of the first serves for all
    return replace(first, component=SEPARATOR.join(components), message=message)


def note_lines(notes: Iterable[Finding]) -> list[str]:
    """Notes as a reader wants them: a line for each kind, and one at the end for all that bears on no answer."""
    listed = list(notes)
    lines = [
        str(note)
        for note in group_warnings(note for note in listed if note.severity != "info")
    ]
    idle = [note for note in listed if note.severity == "info"]
    if idle:
        lines.append(f"Left out, without effect on the power flow: {_places(idle)}.")
    return lines


def _places(notes: Iterable[Finding]) -> str:
    """Whom notes concern, for example: 55 LoadShape objects, 2 Monitor objects."""
    components = (name_some(note.component.split(SEPARATOR)) for note in notes)
    return SEPARATOR.join(dict.fromkeys(components))


class FeederError(InputError):
    """A feeder cannot be used; `findings` holds every reason."""

    def __init__(self, feeder_name: str, findings: Iterable[Finding]):
        self.feeder_name = feeder_name
        self.findings = tuple(findings)
        head = f"Feeder '{feeder_name}' has {counted(len(self.findings), 'problem')}:"
        super().__init__("\n  ".join([head, *map(str, self.findings)]))
