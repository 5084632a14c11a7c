"""`Finding`: one thing that a reader or a check has to say about a feeder, as data.

Errors stop loading and are reported all together; warnings travel with the feeder (`Feeder.notes`) into every result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tieline.counted import counted
from tieline.errors import InputError


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong or approximated (`message`), where (`component`, like "load house_12"), and what to do (`remedy`).

    `code` is stable and scriptable: WHERE.WHAT in capitals, for example "LOAD.PHASE_MISSING" or "OPENDSS.LOADSHAPE_DROPPED".
    """

    code: str
    severity: Literal["error", "warning"]
    component: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return " ".join(
            part
            for part in (f"[{self.code}] {self.component}: {self.message}", self.remedy)
            if part
        )


NAMES_SHOWN = 3
"""How many elements a finding about several names."""


def name_some(components: Sequence[str]) -> str:
    """For example: load a, load b, load c and 36 more."""
    listed = ", ".join(components[:NAMES_SHOWN])
    more = len(components) - NAMES_SHOWN
    return f"{listed} and {more} more" if more > 0 else listed


def group_warnings(warnings: Iterable[Finding]) -> list[Finding]:
    """One finding for all warnings of a code: whom it concerns, how many, and the message of the first as an example."""
    by_code: dict[str, list[Finding]] = {}
    for warning in warnings:
        by_code.setdefault(warning.code, []).append(warning)
    return [_as_one(alike) for alike in by_code.values()]


def _as_one(alike: list[Finding]) -> Finding:
    first = alike[0]
    if len(alike) == 1:
        return first
    components = name_some([finding.component for finding in alike])
    # one code has one way out, so that the remedy of the first serves for all
    return replace(
        first,
        component=components,
        message=f"{len(alike)} of this kind, such as: {first.message}",
    )


class FeederError(InputError):
    """A feeder cannot be used; `findings` holds every reason."""

    def __init__(self, feeder_name: str, findings: Iterable[Finding]):
        self.feeder_name = feeder_name
        self.findings = tuple(findings)
        head = f"Feeder '{feeder_name}' has {counted(len(self.findings), 'problem')}:"
        super().__init__("\n  ".join([head, *map(str, self.findings)]))
