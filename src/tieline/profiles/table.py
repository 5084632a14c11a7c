"""`load_table`: the user's own series from a CSV or Parquet file, checked, complete and evenly spaced.

    time,house_1,house_2
    2025-03-01 00:00,0.42,0.38

A row holds the means over the step that begins at its time. Times are ISO dates with an offset (Z, +02:00), or local times of a
given zone. Nothing is repaired in silence: every problem is a finding, all are reported together, and only gaps up to a length
the user states are filled, by a straight line.
"""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from tieline.errors import InputError, reason_of, unknown_name_message
from tieline.feeders.shipped import is_shipped
from tieline.files import read_parquet
from tieline.profiles.problems import TableError, finding
from tieline.profiles.shipped import shipped_loads
from tieline.profiles.table_times import read_times
from tieline.profiles.table_values import close_gaps, even_rows, read_values

TIME_NAMES = ("time", "timestamp", "datetime", "date_time", "date")
"""Names by which the column with the times is known; otherwise it must be named."""


def load_table(
    path: Path | str,
    time_zone: str | None = None,
    time_column: str | None = None,
    fill_up_to_h: float = 0.0,
    may_be_negative: bool = False,
    highest: float = math.inf,
) -> pd.DataFrame:
    """Read series over time.

    Args:
        path: a .csv file (comma, or semicolon with decimal point) or a .parquet file, or the name of a grid that comes with
            series, for those of its loads (`profiles.shipped`).
        time_zone: IANA name of the zone of times without offset, and of the times returned; offsets alone give UTC.
        time_column: name of the column with the times; found by its usual names if not given.
        fill_up_to_h: longest gap that is filled by a straight line between its neighbours [h].
        may_be_negative: prices may; loads and sun may not.
        highest: that a value may be, in the unit of the file.

    Returns:
        One column per series, names in lower case, over evenly spaced times with a zone.

    Raises:
        TableError: with every finding: times that cannot be read, do not exist or come twice or out of order; where the times are
            sound, uneven steps; where steps are even, gaps longer than `fill_up_to_h`; cells that are no numbers, below zero or
            above `highest`.
        InputError: if the file cannot be read or has no such column.
    """
    if is_shipped(str(path)):
        return shipped_loads(str(path), time_zone)
    path = Path(path)
    raw = _read(path)
    name = _time_name(path, list(raw.columns), time_column)
    # cells are read whatever the times are like: all findings together. Steps need sound times, gaps need even steps
    times, findings = read_times(raw.pop(name), time_zone)
    values, in_values = read_values(raw, may_be_negative, highest)
    if not findings:
        values, findings = even_rows(values.set_index(times))
    if not findings:
        values, findings = close_gaps(values, fill_up_to_h)
    if findings or in_values:
        raise TableError(path, [*findings, *in_values])
    return values


def _read(path: Path) -> pd.DataFrame:
    """Cells as they are (text, from CSV), with names in lower case."""
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(
            f"Table '{path}' is neither .csv nor .parquet. Save it as one of these."
        )
    try:
        if path.suffix.lower() == ".parquet":
            table = read_parquet(path)
            table = (
                table if isinstance(table.index, pd.RangeIndex) else table.reset_index()
            )
        else:
            table = _read_csv(path)
    except OSError as error:
        raise InputError(
            f"Table '{path}' cannot be read ({reason_of(error)}). Check the path."
        ) from None
    except UnicodeDecodeError:
        raise InputError(
            f"Table '{path}' is not UTF-8 text. Save it as comma-separated UTF-8 text."
        ) from None
    except ValueError as error:  # what pandas' readers of CSV and Parquet raise
        kind = "a table of comma-separated cells"
        if path.suffix.lower() == ".parquet":
            kind = "Parquet"
        raise InputError(
            f"Table '{path}' is not {kind} ({_first_sentence(error)}). Save it anew."
        ) from None
    table.columns = [str(column).strip().lower() for column in table.columns]
    twice = sorted(
        {str(column) for column in table.columns[table.columns.duplicated()]}
    )
    if twice:
        raise TableError(
            path,
            [
                finding(
                    "COLUMN_TWICE",
                    f"column '{n}'",
                    "stands there twice.",
                    "Rename one.",
                )
                for n in twice
            ],
        )
    return table


def _first_sentence(error: ValueError) -> str:
    """The beginning of what a reader says, without the advice to programmers that follows."""
    if str(error):
        return str(error).splitlines()[0].split(". ")[0].rstrip(".")
    return "it is empty"


def _read_csv(path: Path) -> pd.DataFrame:
    """Cells of the rows that are not blank; the index still counts those that are."""
    table = pd.read_csv(
        path,
        dtype=str,
        keep_default_na=False,
        skip_blank_lines=False,
        sep=_separator(path),
        encoding="utf-8-sig",
    )
    # pandas makes an index of the cells in excess where rows are longer than the header
    if not isinstance(table.index, pd.RangeIndex):
        raise ValueError(
            "rows have more cells than the header; is the decimal sign a comma?"
        )
    return table[(table.fillna("") != "").any(axis=1)]


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline()
    if header.count(";") > header.count(","):
        return ";"
    return ","


def _time_name(path: Path, columns: list[str], time_column: str | None) -> str:
    """Name of the column with the times."""
    if time_column is not None:
        name = time_column.strip().lower()
        if name not in columns:
            message = unknown_name_message("column", time_column, columns)
            raise InputError(f"Table '{path}': {message}")
        return name
    usual_names = [name for name in TIME_NAMES if name in columns]
    if not usual_names:
        raise InputError(
            f"Table '{path}' has no column named {', '.join(TIME_NAMES)}; it has: {', '.join(columns)}. Name the column with the "
            "times 'time'."
        )
    return usual_names[0]
