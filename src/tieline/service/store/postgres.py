"""A PostgreSQL database as the service needs it: one writer at a time, and commits that are on disk when they return.

All writers of the service take one lock of the database for their transaction. What is proved of SQLite, which has one writer,
holds here too: nothing interleaves, and running numbers become visible in their order. Group commit makes up for it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from tieline.service.store.refusals import StoreError
from tieline.service.store.sqlite import PATIENCE_S

LOCK = int.from_bytes(b"tieline")
"""Number of the lock: any that other programs in the same database are unlikely to take."""

STOPPED_S = 5
"""A writer that holds the lock and asks nothing for this long is taken for stopped, and its transaction is undone."""

PATIENCE_WITH_WRITER = "idle_in_transaction_session_timeout"
"""The server's setting for that."""

UPGRADE_S = 60
"""The same for an upgrade of the tables, which computes between its questions: on a busy machine that takes its time."""

SAFE = {"fsync": ("on",), "synchronous_commit": ("on", "local", "remote_apply")}
"""Settings of the server under which a commit that returned is on its disk."""


def make_engines(url: sa.URL) -> tuple[sa.Engine, sa.Engine]:
    """Engines of the readers and of the writer."""
    address = url.set(drivername="postgresql+psycopg")
    # asked before each use, since a server may have been restarted in between
    readers = sa.create_engine(
        address, pool_pre_ping=True, isolation_level="REPEATABLE READ"
    )
    writer = sa.create_engine(address, pool_pre_ping=True, pool_size=1, max_overflow=0)
    readers = readers.execution_options(postgresql_readonly=True)
    event.listen(writer, "connect", _prepare)
    event.listen(writer, "begin", _take_lock)
    return readers, writer


def _prepare(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        for name, safe in SAFE.items():
            _require(cursor, name, safe)
        cursor.execute(f"SET lock_timeout = '{PATIENCE_S:g}s'")
        cursor.execute(f"SET {PATIENCE_WITH_WRITER} = '{STOPPED_S}s'")
    connection.commit()


def give_time_to_upgrade(connection: sa.Connection) -> None:
    """Until the end of its transaction a writer is taken for stopped much later."""
    connection.execute(sa.text(f"SET LOCAL {PATIENCE_WITH_WRITER} = '{UPGRADE_S}s'"))


def _require(cursor: Any, name: str, safe: tuple[str, ...]) -> None:
    (value,) = cursor.execute(f"SHOW {name}").fetchone()
    if value not in safe:
        raise StoreError(
            f"The PostgreSQL server has {name} = {value}, so that an accepted bid could be lost when it crashes. Set it to on."
        )


def _take_lock(connection: sa.Connection) -> None:
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
