"""A data frame on the screen: its first rows, numbers written as in reports, no column lost where the screen is narrow."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from tieline.reports.numbers import format_column, format_number, split_unit

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 12
"""Rows that are shown: what fits below the metrics; the run folder has all."""

HEADING_WIDTH = 7
"""Letters that a heading may take in a narrow column before it goes on in the next line."""

WORD_WIDTH = 12
"""Letters of a word that a narrow screen leaves together."""

WIDEST = 1000
"""Letters in a line of any table."""


def print_table(console: Console, title: str, frame: pd.DataFrame) -> None:
    """Print the first rows of a table; nothing if it has none."""
    if frame.empty:
        return
    head = frame.head(MOST_ROWS)
    # no frame: sides and rules take two letters a column, which a narrow screen has not
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    columns = {str(name): _cells(head, str(name)) for name in head.columns}
    for name, cells in columns.items():
        _add_column(table, name, cells, is_number=head[name].dtype.kind in "fiu")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    if len(frame) > MOST_ROWS:
        title += f", the first {MOST_ROWS} of {len(frame)} rows"
    console.print(title, style="italic")
    # A table that is wider than the screen is folded by the terminal: cut off, it would lose columns.
    options = console.options.update(max_width=WIDEST)
    narrowest = Measurement.get(console, options, table).minimum
    console.print(table, width=max(console.width, narrowest), crop=False)


def _cells(frame: pd.DataFrame, name: str) -> list[str]:
    """A column as text; a `value` and its `limit` have the unit that their row names."""
    values = frame[name].tolist()
    if name in ("value", "limit") and "unit" in frame:
        return [
            format_number(value, unit)
            for value, unit in zip(values, frame["unit"], strict=True)
        ]
    return format_column(values, split_unit(name)[1])


def _add_column(table: Table, name: str, cells: list[str], is_number: bool) -> None:
    """A heading of several lines, if that keeps the column narrow; texts fold, numbers do not."""
    width = max(HEADING_WIDTH, *map(len, cells))
    heading = textwrap.fill(name.replace("_", " "), width=width, break_long_words=False)
    words = " ".join(cells).split()
    longest_word = max(map(len, words), default=0)
    justify = "right" if is_number else "left"
    table.add_column(
        heading,
        justify=justify,
        no_wrap=is_number,
        overflow="fold",
        min_width=min(longest_word, WORD_WIDTH),
    )
