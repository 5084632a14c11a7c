"""A table on the screen: its first rows, headings and numbers as in reports, no column lost where the screen is narrow."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as Grid

from tieline.reports.html import Column, Table, table_columns

MOST_ROWS = 10
"""Rows that are shown: what fits on a screen with the answer above; the run folder has all."""

HEADING_WIDTH = 7
"""Letters that a heading may take in a narrow column before it goes on in the next line."""

WORD_WIDTH = 12
"""Letters of a word that a narrow screen leaves together."""

WIDEST = 1000
"""Letters in a line of any table."""


def print_table(console: Console, table: Table, most_rows: int = MOST_ROWS) -> None:
    """Print the first rows of a table under its caption; nothing if it has none."""
    if table.frame.empty:
        return
    columns = table_columns(replace(table, most_rows=most_rows))
    # no frame: sides and rules take two letters a column, which a narrow screen has not
    grid = Grid(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        _add_column(grid, column)
    for row in zip(*(column.cells for column in columns), strict=True):
        grid.add_row(*row)
    console.print(_caption(table, most_rows), style="italic")
    # A table that is wider than the screen is folded by the terminal: cut off, it would lose columns.
    options = console.options.update(max_width=WIDEST)
    narrowest = Measurement.get(console, options, grid).minimum
    console.print(grid, width=max(console.width, narrowest), crop=False)


def _caption(table: Table, most_rows: int) -> str:
    n_rows = len(table.frame)
    caption = table.caption.removesuffix(".")
    if n_rows <= most_rows:
        return caption
    return f"{caption}: the first {most_rows} of {n_rows} rows".removeprefix(": ")


def _add_column(grid: Grid, column: Column) -> None:
    """A heading of several lines, if that keeps the column narrow; texts fold, numbers do not."""
    width = max(HEADING_WIDTH, *map(len, column.cells))
    words = textwrap.fill(column.heading, width=width, break_long_words=False)
    cell_words = " ".join(column.cells).split()
    longest_word = max(map(len, cell_words), default=0)
    justify = "right" if column.is_number else "left"
    grid.add_column(
        f"{words}\n{column.unit}".rstrip(),
        justify=justify,
        no_wrap=column.is_number,
        overflow="fold",
        min_width=min(longest_word, WORD_WIDTH),
    )
