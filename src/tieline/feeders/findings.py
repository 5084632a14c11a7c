"""`Finding`: one thing that a reader or a check has to say about a feeder, as data.

Errors stop loading and are reported all together; warnings travel with the feeder (`Feeder.notes`) into every result.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

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
        return " ".join(part for part in (f"[{self.code}] {self.component}: {self.message}", self.remedy) if part)


class FeederError(InputError):
    """A feeder cannot be used; `findings` holds every reason."""

    def __init__(self, feeder_name: str, findings: Iterable[Finding]):
        self.feeder_name, self.findings = feeder_name, tuple(findings)
        count = len(self.findings)
        head = f"Feeder '{feeder_name}' has {count} problem{'s' if count != 1 else ''}:"
        super().__init__("\n".join([head, *(f"  {finding}" for finding in self.findings)]))
