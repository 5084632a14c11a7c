"""Databases as an earlier version of the service left them: its tables, and rows that it wrote.

`databases/0001.json` was written by the service at that revision, before any later step was there: a market on the 33-bus feeder
with two minutes that were cleared, one that was not in time, one that waits and others that take bids; runs, keys, measurements.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tieline.service.store import postgres, sqlite
from tieline.service.store.engine import url_of
from tieline.service.store.migrations.upgrade import upgrade

FOLDER = Path(__file__).parent / "service" / "store" / "databases"

Rows = dict[str, list[dict[str, Any]]]

MAKERS = {"sqlite": sqlite.make_engines, "postgresql": postgres.make_engines}


def writer_of(address: str) -> sa.Engine:
    """An engine that writes to a database, which brings it to no version."""
    url = url_of(address)
    readers, writer = MAKERS[url.get_backend_name()](url)
    readers.dispose()
    return writer


def content_of(revision: str) -> dict[str, Any]:
    """Rows by table and keys by owner of the database of a revision."""
    text = (FOLDER / f"{revision}.json").read_text("utf-8")
    return json.loads(text)


def make_old_database(address: str, revision: str) -> Rows:
    """A database of a revision with its rows; returns these as they are read."""
    engine = writer_of(address)
    with engine.begin() as c:
        upgrade(c, "test", to=revision)
        tables = _tables(c)
        content = content_of(revision)["rows"]
        # a new database has one row: its clock
        c.execute(tables["clock"].delete())
        for table in tables.values():
            rows = [_read_row(row) for row in content.get(table.name, [])]
            if rows:
                c.execute(table.insert(), rows)
        _go_on_counting(c, tables)
    engine.dispose()
    return rows_of(address)


def rows_of(address: str) -> Rows:
    """Every row of every table, by table and in the order of its key."""
    engine = writer_of(address)
    with engine.begin() as c:
        content = {name: _rows_of_table(c, table) for name, table in _tables(c).items()}
    engine.dispose()
    return content


def _tables(c: sa.Connection) -> dict[str, sa.Table]:
    """The tables that are there, those that others point at first."""
    metadata = sa.MetaData()
    metadata.reflect(c)
    return {table.name: table for table in metadata.sorted_tables}


def _rows_of_table(c: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    statement = table.select().order_by(*table.primary_key.columns)
    return [dict(row) for row in c.execute(statement).mappings()]


def _read_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the file: bytes are written in base 64."""
    return {
        name: base64.b64decode(value["base64"]) if isinstance(value, dict) else value
        for name, value in row.items()
    }


def _go_on_counting(c: sa.Connection, tables: dict[str, sa.Table]) -> None:
    """Let running numbers of PostgreSQL go on behind the rows that were put in with theirs."""
    if c.dialect.name != "postgresql":
        return
    for name, column in (
        ("bids", "bid_id"),
        ("events", "event_id"),
        ("jobs", "job_id"),
        ("measurements", "measurement_id"),
    ):
        last = sa.select(sa.func.max(tables[name].c[column])).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(name, column)
        c.execute(sa.select(sa.func.setval(sequence, last)))
