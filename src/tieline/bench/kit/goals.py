"""Goals of a study and whether they are met, for the docs pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tieline.bench.powerflow.page import table


@dataclass(frozen=True)
class Goal:
    """A goal: what, the highest value allowed, what was measured, and whether it holds."""

    what: str
    limit: str
    measured: str
    is_met: bool


def goals_table(goals: Iterable[Goal]) -> str:
    """A row per goal, in Markdown."""
    rows = [
        (goal.what, goal.limit, goal.measured, "met" if goal.is_met else "**not met**")
        for goal in goals
    ]
    return table(("goal", "limit", "measured", ""), rows, "lrrl")
