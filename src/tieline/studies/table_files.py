"""The tables of a result in formats for other programs: CSV, and one Excel workbook with a sheet for each.

Parquet stays the format that a run is read back from: it keeps types and every digit. Excel holds no time zones, so that times
are written as text there, and `MOST_ROWS` rows a sheet, so that a longer table goes on in further sheets.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterator, Mapping

import pandas as pd

from tieline.errors import MissingExtraError

WORKBOOK = "tables.xlsx"
PACKAGE = "openpyxl"

MOST_ROWS = 1_048_575
"""Rows of an Excel sheet below its heading (Microsoft, "Excel specifications and limits")."""

LONGEST_NAME = 31
"""Letters of a sheet's name (the same source)."""


def csv_files(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """A CSV file for each table, by file name."""
    return {
        f"{name}.csv": table.to_csv(index=False).encode()
        for name, table in tables.items()
    }


def require_excel() -> None:
    """Raise `MissingExtraError` without the package that writes workbooks."""
    if importlib.util.find_spec(PACKAGE) is None:
        raise MissingExtraError(PACKAGE, "excel", "An Excel file")


def excel_file(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """One workbook with all tables, by its file name; raises `MissingExtraError` without the package that writes it."""
    require_excel()
    content = io.BytesIO()
    with pd.ExcelWriter(content, engine=PACKAGE) as workbook:
        for name, table in tables.items():
            for sheet, rows in _sheets(name, table):
                rows.to_excel(workbook, sheet_name=sheet, index=False)
    return {WORKBOOK: content.getvalue()}


def _sheets(name: str, table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """A table in as many sheets as it takes."""
    plain = _without_zones(table)
    yield name[:LONGEST_NAME], plain.head(MOST_ROWS)
    for number, first in enumerate(range(MOST_ROWS, len(plain), MOST_ROWS), start=2):
        ending = f" {number}"
        sheet = name[: LONGEST_NAME - len(ending)] + ending
        yield sheet, plain.iloc[first : first + MOST_ROWS]


def _without_zones(table: pd.DataFrame) -> pd.DataFrame:
    """Times with a zone as text, as in the CSV."""
    zoned = table.select_dtypes("datetimetz").columns
    return table.assign(**{str(name): table[name].astype(str) for name in zoned})
