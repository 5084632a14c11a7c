"""`Bulk`: many rows of a table as the database's driver takes them, made before the transaction that writes them.

SQLAlchemy turns values into those of the driver while a statement runs, which takes three quarters of its time. Bids wait for
that of another transaction, so the thousands of rows of a clearing come ready.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Bulk:
    """An insert of many rows, and their values in the driver's types."""

    statement: str
    values: Sequence[Row] | Row
    n_rows: int

    def write(self, c: sa.Connection) -> None:
        """Add the rows."""
        if self.n_rows:
            c.exec_driver_sql(self.statement, self.values)


def make_bulk(
    dialect: sa.Dialect, table: sa.Table, names: Sequence[str], rows: Iterable[Row]
) -> Bulk:
    """Rows for a database.

    Args:
        dialect: of the database.
        table: they go to.
        names: of its columns, in the order of the values of a row.
        rows: the values of each.
    """
    converters = [_converter(dialect, table.c[name]) for name in names]
    driver_rows = [_converted(converters, row) for row in rows]
    quoted = [dialect.identifier_preparer.quote(name) for name in names]
    insert = f"INSERT INTO {table.name} ({', '.join(quoted)})"
    if dialect.name == "sqlite":
        marks = ", ".join("?" for _ in names)
        statement = f"{insert} VALUES ({marks})"
        return Bulk(statement, driver_rows, len(driver_rows))
    # a server is sent one text for all rows: its driver takes ten microseconds to turn a row into what the server reads
    kinds = [table.c[name].type.compile(dialect) for name in names]
    typed = ", ".join(map(" ".join, zip(quoted, kinds, strict=True)))
    source = f"json_to_recordset(%s::json) AS rows({typed})"
    statement = f"{insert} SELECT {', '.join(quoted)} FROM {source}"
    text = json.dumps([dict(zip(names, row, strict=True)) for row in driver_rows])
    return Bulk(statement, (text,), len(driver_rows))


def _converter(dialect: sa.Dialect, column: sa.Column) -> Callable[[Any], Any] | None:
    """What makes a value of a column one of the driver; None if it is one."""
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _converted(converters: Sequence[Callable[[Any], Any] | None], row: Row) -> Row:
    pairs = zip(converters, row, strict=True)
    return tuple(
        value if convert is None else convert(value) for convert, value in pairs
    )
