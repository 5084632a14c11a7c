"""What commands print: a progress bar while they work, a short table when they are done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tieline.cli.table import print_table
from tieline.studies.result import Metric, Result


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar on standard error; yields a function of (done, all, text)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=False) as bar:
        task = bar.add_task(title, total=None)

        def update(done: int, total: int, text: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{title}: {text}")

        yield update


def print_result(result: Result, folder: Path | None, tables: Sequence[str] = ()) -> None:
    """The metrics of a result as a table, further tables of it, its warnings, and where the run folder is, if there is one."""
    console = Console()
    table = Table(title=f"{result.study} of {result.config.feeder}", title_justify="left", show_header=False)
    table.add_column("metric")
    table.add_column("value", justify="right")
    for name, value in result.metrics.items():
        table.add_row(name, format_metric(value))
    console.print(table)
    for name in tables:
        print_table(console, name.replace("_", " "), result.tables[name])
    for warning in result.warnings:
        console.print(f"note: {warning}", markup=False, highlight=False)
    if folder is not None:
        console.print(f"run folder: {folder}", markup=False, highlight=False, soft_wrap=True)
        console.print(f"report:     {folder / 'report.html'}", markup=False, highlight=False, soft_wrap=True)


def format_metric(value: Metric) -> str:
    """A number a person reads: whole if whole, else five significant digits."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.0f}" if value == round(value) or abs(value) >= 1e4 else f"{value:.5g}"
    return str(value)
