"""A result on the screen: the answer in a sentence, its tiles, the one table that matters, and what a reader must know beside it.

The same headline and the same groups of remarks as on the page; a screen leaves out the figures and all but ten rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table as Grid

from tieline.cli.output import format_metric
from tieline.cli.screen import screen

if TYPE_CHECKING:
    from tieline.reports.remarks import RemarkGroup
    from tieline.studies.result import Result

GAP = 2
"""Letters between a label and its value, and before both."""

READABLE = 100
"""Letters of a line of sentences: the eye loses the next line where they are much longer."""


def print_answer(result: Result, with_metrics: bool = False) -> None:
    """Print a result.

    Args:
        result: of a run.
        with_metrics: whether all metrics follow, by the names that scripts know.
    """
    console = screen()
    headline = result.headline
    console.print(headline.title, style="bold")
    console.print()
    print_pairs(console, headline.tiles)
    console.print()
    if headline.table is not None:
        from tieline.cli.table import print_table

        print_table(console, headline.table)
    if with_metrics:
        console.print("Metrics", style="bold")
        names = result.metrics
        print_pairs(console, [(name, format_metric(names[name])) for name in names])
        console.print()
    print_groups(console, result.remark_groups)


def print_pairs(console: Any, pairs: Iterable[Sequence[str]]) -> None:
    """Labels and values side by side, the values in a column of their own."""
    grid = Grid.grid(padding=(0, GAP, 0, 0))
    grid.add_column(overflow="fold")
    grid.add_column(overflow="fold")
    for label, value in pairs:
        grid.add_row(label, value)
    console.print(Padding(grid, (0, 0, 0, GAP)))


def print_groups(console: Any, groups: Iterable[RemarkGroup]) -> None:
    """Each group under its title, a bullet for each remark."""
    for group in groups:
        console.print(f"{group.title} ({len(group.texts)})", style="bold")
        grid = Grid.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=GAP + 1, justify="right")
        grid.add_column(overflow="fold")
        for text in group.texts:
            grid.add_row("-", text)
        console.print(grid, width=min(console.width, READABLE))
        console.print()
