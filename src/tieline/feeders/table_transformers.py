"""Transformers from a feeder's tables: transformers.csv, and windings.csv with a row for each of their windings.

The two must agree on names, and the windings of a transformer be numbered from 1 on.
"""

from __future__ import annotations

from pathlib import Path

from tieline.feeders.cells import columns_of
from tieline.feeders.csv_table import Report, Row, read_csv, table_error
from tieline.feeders.elements import Transformer, Winding
from tieline.feeders.table_columns import WINDING_COLUMNS


def read_transformers(folder: Path, report: Report) -> tuple[Transformer, ...]:
    """Transformers of a folder of tables; what cannot be understood is reported."""
    windings: dict[str, dict[int, Winding]] = {}
    for row in read_csv(folder / "windings.csv", WINDING_COLUMNS, report):
        if row.is_whole:
            _add_winding(row, windings, report)
    rows = read_csv(folder / "transformers.csv", columns_of(Transformer), report)
    # a row that could not be read counts as well: its fault is reported, and the transformer is there
    names = {row.values.get("name") for row in rows}
    for name in sorted(windings.keys() - names):
        message = f"transformer '{name}' is not in transformers.csv."
        report(
            table_error(
                "TRANSFORMER_UNKNOWN",
                "windings.csv",
                message,
                "Add it there, or remove its windings.",
            )
        )
    return tuple(
        _transformer(row, windings.get(row.values["name"], {}), report)
        for row in rows
        if row.is_whole
    )


def _add_winding(
    row: Row, windings: dict[str, dict[int, Winding]], report: Report
) -> None:
    values = dict(row.values)
    name = values.pop("transformer")
    number = values.pop("winding")
    of_transformer = windings.setdefault(name, {})
    if number in of_transformer:
        message = f"winding {number} of transformer '{name}' stands there twice."
        report(
            table_error(
                "WINDING_TWICE", row.place, message, "Number the windings 1, 2, ..."
            )
        )
    of_transformer[number] = Winding(**values)


def _transformer(row: Row, windings: dict[int, Winding], report: Report) -> Transformer:
    if not windings or sorted(windings) != list(range(1, len(windings) + 1)):
        message = f"its windings in windings.csv are numbered {sorted(windings) or 'nowhere'}."
        report(
            table_error(
                "WINDING_MISSING", row.place, message, "Number the windings 1, 2, ..."
            )
        )
    return Transformer(
        **row.values, windings=tuple(windings[number] for number in sorted(windings))
    )
