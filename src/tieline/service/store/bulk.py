"""`Bulk`: many rows of a table as the database's driver takes them, made before the transaction that writes them.

SQLAlchemy turns values into those of the driver while a statement runs, which takes three quarters of its time. Bids wait for
that of another transaction, so the thousands of rows of a clearing come ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Bulk:
    """An insert and the rows that it is to write, in the driver's own types."""

    statement: str
    rows: Sequence[Row]

    def write(self, c: sa.Connection) -> None:
        """Add the rows."""
        if self.rows:
            c.exec_driver_sql(self.statement, list(self.rows))


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
    quoted = [dialect.identifier_preparer.quote(name) for name in names]
    # the drivers of SQLite and PostgreSQL know values by their place under these two signs
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join(mark for _ in names)
    statement = f"INSERT INTO {table.name} ({', '.join(quoted)}) VALUES ({marks})"
    return Bulk(statement, [_converted(converters, row) for row in rows])


def _converter(dialect: sa.Dialect, column: sa.Column) -> Callable[[Any], Any] | None:
    """What makes a value of a column one of the driver; None if it is one."""
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _converted(converters: Sequence[Callable[[Any], Any] | None], row: Row) -> Row:
    pairs = zip(converters, row, strict=True)
    return tuple(
        value if convert is None else convert(value) for convert, value in pairs
    )
