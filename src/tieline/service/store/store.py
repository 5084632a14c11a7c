"""`Store`: the open database of a process. Many threads may read, one writes for all; see the folder's own text for its use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from tieline.service.store.clock import Clock
from tieline.service.store.engine import Database, open_database
from tieline.service.store.tables import clock as clock_table
from tieline.service.store.writer import Writer

T = TypeVar("T")


class Store:
    """The database of a process; `open_store` makes it.

    Args:
        database: open, of this version.
        clock: that it follows.
    """

    def __init__(self, database: Database, clock: Clock):
        self._database = database
        self._writer = Writer(database, clock)
        self.clock = clock

    @property
    def where(self) -> str:
        """Address of the database without a password."""
        return self._database.where

    @property
    def waiting(self) -> int:
        """Pieces of work that wait to be written, about."""
        return self._writer.waiting

    def now(self) -> datetime:
        """The present moment, which never steps back."""
        return self.clock.now()

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A connection that sees one state of the database, and cannot write."""
        return self._database.transaction(self._database.readers)

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Do work in a transaction, and return what it returned after the commit is on disk.

        Args:
            work: reads and writes by its connection alone; it may be called again when the connection to the server is lost.

        Raises:
            Exception: what `work` raised; nothing it wrote is kept.
            StoreBusy, StoreFailed: if the database did not take it.
        """
        return self._writer.put(work).result()

    async def write_soon(self, work: Callable[[sa.Connection], T]) -> T:
        """`write` for callers that must not block their thread."""
        return await asyncio.wrap_future(self._writer.put(work))

    def shorten_log(self) -> None:
        """Bring the log of a SQLite file into the file, beside all other work.

        Raises:
            StoreFailed: if the disk did not take it.
        """
        self._database.shorten_log()

    def close(self) -> None:
        """Commit what waits, then close the database."""
        self._writer.close()
        self._database.close()


def open_store(address: str, clock: Clock | None = None) -> Store:
    """Open the database of the service, make its tables or bring them to this version, and check that it keeps what it takes.

    Args:
        address: "sqlite:///FILE", "postgresql://USER@HOST/NAME", or the path of a SQLite file.
        clock: the computer's if not given.

    Raises:
        StoreError: if the database cannot be used: what, where, what next.
    """
    clock = clock or Clock()
    database = open_database(address)
    with database.transaction(database.readers) as connection:
        clock.advance(connection.execute(sa.select(clock_table.c.latest)).scalar_one())
    return Store(database, clock)
