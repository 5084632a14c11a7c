"""A SQLite file as the service needs it: readers beside one writer, and every commit on disk before it is acknowledged.

Write-ahead log with `synchronous=FULL` (https://www.sqlite.org/pragma.html#pragma_synchronous): each commit ends with an fsync of
the log. Every setting is read back, since SQLite passes over what it cannot do without a word.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from tieline.service.store.disks import network_kind
from tieline.service.store.refusals import StoreError

PATIENCE_S = 5.0
"""How long a statement waits for another process that holds the database."""

LONGEST_LOG_PAGES = 10_000
"""Pages of 4 kB in the log before a commit brings them into the file, which holds up bids for a tenth of a second: only where no
`LogKeeper` does so beside them. A bid writes three or four; a start after a crash reads 40 MB at most."""

SETTINGS = {
    "busy_timeout": round(1000 * PATIENCE_S),
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "wal_autocheckpoint": LONGEST_LOG_PAGES,
    # macOS leaves data in the cache of the disk unless told; nothing elsewhere
    "fullfsync": 1,
    "foreign_keys": 1,
}


def make_engines(url: sa.URL) -> tuple[sa.Engine, sa.Engine]:
    """Engines of the readers and of the writer.

    Raises:
        StoreError: if the file is none, its folder does not exist, or it lies on a network file system.
    """
    _require_file(url)
    readers = sa.create_engine(url)
    # one connection: a second one of this process would only wait for the first
    writer = sa.create_engine(url, pool_size=1, max_overflow=0)
    _prepare(readers, "BEGIN")
    # a transaction that turns into a writing one later could find that others were faster, and would have to start anew
    _prepare(writer, "BEGIN IMMEDIATE")
    event.listen(readers, "connect", _read_only, insert=False)
    return readers, writer


def shorten_log(readers: sa.Engine) -> int:
    """Bring pages of the log into the file, beside whoever reads and writes; returns how many pages of it are there now."""
    # without a transaction, in which there is no checkpoint
    connection = readers.raw_connection()
    try:
        cursor = connection.cursor()
        row = cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    finally:
        connection.close()
    _is_busy, _in_log, in_file = row
    return in_file


def _require_file(url: sa.URL) -> None:
    if not url.database or url.database == ":memory:":
        raise StoreError(
            "A database in memory does not survive this process. Name a file: sqlite:///market.db."
        )
    folder = Path(url.database).absolute().parent
    # the folder of a file in a folder that may not be looked into cannot be told from one that does not exist
    if not os.access(folder, os.R_OK | os.X_OK):
        raise StoreError(
            f"Folder '{folder}' of the database does not exist, or may not be read by this user. Make it, or choose another with "
            "--database."
        )
    kind = network_kind(folder)
    if kind is not None:
        raise StoreError(
            f"Folder '{folder}' is on a network file system ({kind}), where SQLite loses data. Choose a local disk, or a "
            "PostgreSQL server: --database postgresql://user@host/name."
        )


def _prepare(engine: sa.Engine, begin: str) -> None:
    """Set what every connection needs, and begin transactions ourselves."""

    def connect(connection: Any, _record: Any) -> None:
        # the driver would begin a transaction late, and end it before a change of the tables
        connection.isolation_level = None
        for name, value in SETTINGS.items():
            _set(connection, name, value)

    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", start)


def _set(connection: Any, name: str, value: object) -> None:
    connection.execute(f"PRAGMA {name}={value}").fetchall()
    row = connection.execute(f"PRAGMA {name}").fetchone()
    if row != (value,):
        raise StoreError(
            f"SQLite does not take the setting {name}={value} for this file (it says {row}), so that an accepted bid could be "
            "lost. Choose a file on a local disk with --database."
        )


def _read_only(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA query_only=1")
