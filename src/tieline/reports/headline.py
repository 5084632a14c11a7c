"""`Headline`: the short answer, as the page shows it at its top and the command line shows it alone.

It is made from a result without drawing anything, so that a screen, a notebook and a comparison of runs can have it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tieline.reports.numbers import brief

if TYPE_CHECKING:
    from tieline.reports.html import Table


@dataclass(frozen=True)
class Headline:
    """What a reader sees first.

    Attributes:
        title: the short answer, in a sentence.
        question: what was asked, with what a reader needs to place it.
        summary: the answer as label and value; numbers are formatted, give text to add a unit ("1 240 kW").
        violations: limits that are broken, one sentence each; they stand above all other remarks.
        table: the one table that a reader wants to see even where there is room for no other; the most important rows first.
    """

    title: str
    question: str
    summary: Sequence[tuple[str, Any]] = ()
    violations: Sequence[str] = ()
    table: Table | None = None

    @property
    def tiles(self) -> list[tuple[str, str]]:
        """The summary as it is written."""
        return [(label, brief(value)) for label, value in self.summary]
