"""What commands print: a progress bar while they work, a short table when they are done."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tieline.reports.numbers import format_column, format_number, split_unit
from tieline.studies.result import Metric, Result

if TYPE_CHECKING:
    import pandas as pd

HEADING_WIDTH = 7
"""Letters that a heading may take in a narrow column before it goes on in the next line."""

MOST_ROWS = 12
"""Rows of a table on screen: what fits below the metrics; the run folder has all."""


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
        _print_table(console, name, result.tables[name])
    for warning in result.warnings:
        console.print(f"note: {warning}", markup=False, highlight=False)
    if folder is not None:
        console.print(f"run folder: {folder}", markup=False, highlight=False, soft_wrap=True)
        console.print(f"report:     {folder / 'report.html'}", markup=False, highlight=False, soft_wrap=True)


def _print_table(console: Console, name: str, frame: pd.DataFrame) -> None:
    """The first rows of a table; nothing if it has none."""
    if frame.empty:
        return
    shown = frame.head(MOST_ROWS)
    rest = f", the first {MOST_ROWS} of {len(frame)} rows" if len(frame) > MOST_ROWS else ""
    table = Table(title=name.replace("_", " ") + rest, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    columns = [_cells(shown, str(column)) for column in shown.columns]
    for column, cells in zip(shown.columns, columns, strict=True):
        is_number = shown[column].dtype.kind in "fiu"
        heading = textwrap.fill(str(column).replace("_", " "), width=max(HEADING_WIDTH, *map(len, cells)), break_long_words=False)
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in zip(*columns, strict=True):
        table.add_row(*map(escape, row))
    console.print(table)


def _cells(frame: pd.DataFrame, column: str) -> list[str]:
    """A column as text; a `value` and its `limit` have the unit that their row names."""
    values = frame[column].tolist()
    if column in ("value", "limit") and "unit" in frame:
        return [format_number(value, unit) for value, unit in zip(values, frame["unit"], strict=True)]
    return format_column(values, split_unit(column)[1])


def format_metric(value: Metric) -> str:
    """A number a person reads: whole if whole, else five significant digits."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.0f}" if value == round(value) or abs(value) >= 1e4 else f"{value:.5g}"
    return str(value)
