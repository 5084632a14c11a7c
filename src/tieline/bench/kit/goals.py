"""`Goal`: what a number must reach, whether it does, and how pages say so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tieline.bench.kit.markdown import Table

VERDICTS = {True: "met", False: "**not met**", None: "not measured"}
"""Said of a goal; one that is missed stands out."""


@dataclass(frozen=True)
class Goal:
    """A goal and what became of it.

    Attributes:
        what: the quantity, with its unit.
        wanted: the number to be reached, as text.
        measured: what was measured, as text; empty if nothing was.
        is_met: whether it holds; None if nothing was measured.
    """

    what: str
    wanted: str
    measured: str
    is_met: bool | None

    @property
    def verdict(self) -> str:
        """ "met", "**not met**" or "not measured"."""
        return VERDICTS[self.is_met]


Write = Callable[[float], str]
"""How a quantity is written."""

three_digits: Write = "{:.3g}".format


def at_most(
    what: str, value: float | None, limit: float, write: Write = three_digits
) -> Goal:
    """The goal that `value` is not above `limit`; None for what was not measured."""
    if value is None:
        return Goal(what, write(limit), "", None)
    return Goal(what, write(limit), write(value), value <= limit)


def at_least(
    what: str, value: float | None, limit: float, write: Write = three_digits
) -> Goal:
    """The goal that `value` is not below `limit`; None for what was not measured."""
    if value is None:
        return Goal(what, write(limit), "", None)
    return Goal(what, write(limit), write(value), value >= limit)


def goals_table(goals: Iterable[Goal]) -> Table:
    """A row per goal."""
    headings = ("goal", "limit", "measured", "")
    rows = [(goal.what, goal.wanted, goal.measured, goal.verdict) for goal in goals]
    return Table(headings, rows, "lrrl")
