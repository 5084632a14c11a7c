"""A bar on the screen while a command works whose steps can be counted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from tieline.cli.screen import screen
from tieline.cli.working import COMPILING, compiling_told

WIDEST_BAR = 40
"""Letters of a bar where there is room; on a narrow screen it takes a quarter, and what is done can be read."""


@contextmanager
def progress_bar(
    title: str, is_silent: bool = False
) -> Iterator[Callable[[int, int, str], None]]:
    """A bar on standard error while it is a terminal and not to be silent; yields a function of (done, all, text)."""
    console = screen(file=sys.stderr)
    # a file or a log keeps every letter: a bar is for who watches it grow
    hides = is_silent or not console.is_terminal
    columns = (
        TextColumn("{task.description}", markup=False, table_column=Column()),
        BarColumn(min(WIDEST_BAR, console.width // 4)),
        _Steps(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=hides) as bar:
        task = bar.add_task(f"{title}: reading", total=None)

        def update(steps: int, total: int, text: str) -> None:
            bar.update(
                task, completed=steps, total=total, description=f"{title}: {text}"
            )

        def tell_compiling() -> None:
            bar.update(task, description=f"{title}: {COMPILING}")

        with nullcontext() if hides else compiling_told(tell_compiling):
            yield update


class _Steps(MofNCompleteColumn):
    """Steps done of all, once their number is told."""

    def render(self, task: Task) -> Text:
        """Nothing, or for example 3/12."""
        if task.total is None:
            return Text()
        return super().render(task)
