"""One CSV table of a feeder folder: columns named like fields, one element per row.

A column in which every row has the field's default is not written; a blank cell is read as the default. What cannot be read
becomes a finding that names file, row (the line of the file, 1 is the header) and column; reading goes on, so that all findings
come together.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.cells import VERBATIM, Column
from tieline.feeders.findings import Finding

Report = Callable[[Finding], None]


# a note may name every element of a large feeder in one cell; the module stops at 128 KiB
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `place` names file and row, `values` holds the cells that are not blank; `is_whole` if all could be read."""

    place: str
    values: dict[str, Any]
    is_whole: bool


def csv_text(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> str:
    """Text of a table; `rows` map column names to values."""
    filled = [column for column in columns if _is_filled(column, rows)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(column.name for column in filled)
    for row in rows:
        writer.writerow(_cell(column, row[column.name]) for column in filled)
    return out.getvalue()


def _is_filled(column: Column, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether any row says something else than the default."""
    return any(row[column.name] != column.default for row in rows)


def read_csv(path: Path, columns: Sequence[Column], report: Report) -> list[Row]:
    """Rows of a table; an absent file has none. Raises `InputError` if the file is no text; all else goes to `report`."""
    lines = _lines(path)
    if not lines:
        return []
    (_, header), *body = lines
    names = [name.strip().lower() for name in header]
    # under a wrong header every row would be one more fault
    if not _header_fits(path.name, names, columns, report):
        return []
    by_name = {column.name: column for column in columns}
    in_file = [by_name[name] for name in names]
    return [_row(path.name, number, cells, in_file, report) for number, cells in body]


def _cell(column: Column, value: Any) -> str:
    return "" if value is None else column.codec.write(value)


def table_error(what: str, place: str, message: str, remedy: str = "") -> Finding:
    """Finding of code TABLE.`what` at `place`, a file and perhaps a row."""
    return Finding(f"TABLE.{what}", "error", place, message, remedy)


def bad_value(place: str, column: str, text: str, expects: str) -> Finding:
    """Finding for a cell whose content does not fit its column."""
    return table_error(
        "VALUE",
        place,
        f"column '{column}' holds '{text}', but must be {expects}.",
        "Correct the cell.",
    )


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Number and cells of the lines that are not blank."""
    try:
        # Excel puts a mark before UTF-8; the csv module wants line ends as they are
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            # `line_num` counts lines of the file, of which a cell in quotes may hold several
            return [
                (reader.line_num, cells)
                for cells in reader
                if any(cell.strip() for cell in cells)
            ]
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"Table '{path}' cannot be read ({error}). Save it as comma-separated UTF-8 text."
        ) from None


def _header_fits(
    file: str, names: list[str], columns: Sequence[Column], report: Report
) -> bool:
    """True if every column is known, once, and none that is required is missing."""
    column_names = [column.name for column in columns]
    missing = [
        column.name
        for column in columns
        if column.is_required and column.name not in names
    ]
    findings = [
        *(
            table_error(
                "COLUMN_UNKNOWN",
                file,
                unknown_name_message("column", name, column_names),
            )
            for name in names
            if name not in column_names
        ),
        *(
            table_error("COLUMN_TWICE", file, f"column '{name}' stands there twice.")
            for name in _repeated(names)
        ),
        *(
            table_error(
                "COLUMN_MISSING", file, f"column '{name}' is missing.", "Add it."
            )
            for name in missing
        ),
    ]
    for finding in findings:
        report(finding)
    return not findings


def _repeated(names: Iterable[str]) -> list[str]:
    counts = Counter(names)
    return sorted(name for name, count in counts.items() if count > 1)


def _row(
    file: str, number: int, cells: list[str], columns: list[Column], report: Report
) -> Row:
    place = f"{file} row {number}"
    # also if the surplus is blank: an unquoted comma shifts what follows it
    too_long = len(cells) > len(columns)
    if too_long:
        message = f"{len(cells)} cells under {len(columns)} columns."
        report(
            table_error(
                "ROW_TOO_LONG",
                place,
                message,
                "Put a cell that holds a comma in quotes.",
            )
        )
    # spreadsheets cut blank cells off the end of a row
    padded = [*cells, *[""] * (len(columns) - len(cells))]
    values: dict[str, Any] = {}
    could_read = [
        _read_cell(place, column, text, values, report)
        for column, text in zip(columns, padded, strict=False)
    ]
    return Row(place, values, is_whole=all(could_read) and not too_long)


def _read_cell(
    place: str, column: Column, text: str, values: dict[str, Any], report: Report
) -> bool:
    """Put the cell's value into `values`; False if it cannot be read."""
    # of a text as it stands blanks are content, and an empty one is a value where there is no
    # default
    verbatim = column.codec is VERBATIM
    if not (text if verbatim else text.strip()) and not (
        verbatim and column.is_required
    ):
        if column.is_required:
            report(bad_value(place, column.name, "", column.codec.expects))
        return not column.is_required
    try:
        values[column.name] = column.codec.read(text)
    except ValueError:
        report(bad_value(place, column.name, text.strip(), column.codec.expects))
        return False
    return True
