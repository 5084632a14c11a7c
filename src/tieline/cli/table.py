"""A table on the screen: its first rows, headings and numbers as in reports, no column lost where the screen is narrow.

A table that is wider than the screen goes on below, with its first columns again, as many as say what a row is about.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as Grid

from tieline.reports.html import Column, Table, table_columns

MOST_ROWS = 10
"""Rows that are shown: what fits on a screen with the answer above; the run folder has all."""

HEADING_WIDTH = 7
"""Letters that a heading may take in a narrow column before it goes on in the next line."""

WORD_WIDTH = 12
"""Letters of a word that a narrow screen leaves together."""

BETWEEN = 2
"""Letters between two columns, and around all of them."""


def print_table(console: Console, table: Table, most_rows: int = MOST_ROWS) -> None:
    """Print the first rows of a table under its caption; nothing if it has none."""
    if table.frame.empty:
        return
    columns = table_columns(replace(table, most_rows=most_rows))
    caption = _caption(table, most_rows)
    if caption:
        console.print(caption, style="italic")
    for part in _parts(columns, console.width - BETWEEN):
        _print_part(console, part)


def _caption(table: Table, most_rows: int) -> str:
    n_rows = len(table.frame)
    caption = table.caption.removesuffix(".")
    if n_rows <= most_rows:
        return caption
    return f"{caption}: the first {most_rows} of {n_rows} rows".removeprefix(": ")


def _parts(columns: Sequence[Column], room: int) -> Iterator[list[Column]]:
    """The columns in as many parts as it takes to fit them into the screen, each part with the columns that name the rows."""
    names = _row_names(columns, room)
    part = list(names)
    for column in columns[len(names) :]:
        # a column that is wider than the screen stands there all the same
        if len(part) > len(names) and _width([*part, column]) > room:
            yield part
            part = list(names)
        part.append(column)
    yield part


def _row_names(columns: Sequence[Column], room: int) -> Sequence[Column]:
    """The first columns, as many as it takes to tell the rows apart: limit and place, where a limit breaks at several places.

    The first alone, where all columns do not tell them apart, or would leave others less than half of the room.
    """
    for count in range(1, len(columns)):
        names = columns[:count]
        rows = set(zip(*(column.cells for column in names), strict=True))
        if len(rows) == len(columns[0].cells) and _width(names) <= room / 2:
            return names
    return columns[:1]


def _width(columns: Sequence[Column]) -> int:
    """Letters that columns take at least, side by side."""
    return sum(map(_narrowest, columns))


def _narrowest(column: Column) -> int:
    """Letters that a column takes at least, with the gap to the next."""
    words = [*column.heading.split(), column.unit]
    if column.is_number:
        words += column.cells
    else:
        words += [word[:WORD_WIDTH] for cell in column.cells for word in cell.split()]
    return max(map(len, words)) + BETWEEN


def _print_part(console: Console, columns: Sequence[Column]) -> None:
    # no frame: sides and rules take two letters a column, which a narrow screen has not
    grid = Grid(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        _add_column(grid, column)
    for row in zip(*(column.cells for column in columns), strict=True):
        grid.add_row(*row)
    console.print(grid)


def _add_column(grid: Grid, column: Column) -> None:
    """A heading of several lines, if that keeps the column narrow; texts fold, numbers do not."""
    width = max(HEADING_WIDTH, *map(len, column.cells))
    words = textwrap.fill(column.heading, width=width, break_long_words=False)
    grid.add_column(
        f"{words}\n{column.unit}".rstrip(),
        justify="right" if column.is_number else "left",
        no_wrap=column.is_number,
        overflow="fold",
        min_width=_narrowest(column) - BETWEEN,
    )
