"""Rows that a reader cannot tell apart, as one: "house_1 and 12 more alike" in place of thirteen rows with the same numbers.

On a large feeder dozens of buses behind one line have the same voltages to the last digit shown; a table of the worst ones would
show one place fifteen times.
"""

from __future__ import annotations

import pandas as pd

from tieline.reports.numbers import format_column, split_unit


def joined_alike(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows whose numbers are written alike as one row, at the place of the first.

    Args:
        table: rows in order; all columns but `name` are numbers.
        name: the column of what a row is about; the others are compared as they are shown.
    """
    numbers = table.columns.drop(name)
    shown_texts = {
        column: format_column(table[column].tolist(), split_unit(column)[1])
        for column in numbers
    }
    keys = pd.DataFrame(shown_texts, index=table.index)
    groups = keys.groupby(list(numbers), sort=False).ngroup()
    counts = groups.map(groups.value_counts()) - 1
    first = ~groups.duplicated()
    rows = table[first].copy()
    rows[name] = [
        f"{text} and {more} more alike" if more else text
        for text, more in zip(rows[name], counts[first], strict=True)
    ]
    return rows.reset_index(drop=True)
