"""From a URL to a database that is open, checked and of this version: `open_database`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from tieline.service.store import postgres, sqlite
from tieline.service.store.failures import explain
from tieline.service.store.migrations.upgrade import upgrade
from tieline.service.store.refusals import StoreError, StoreFailed

Engines = tuple[sa.Engine, sa.Engine]

KINDS: dict[str, Callable[[sa.URL], Engines]] = {
    "sqlite": sqlite.make_engines,
    "postgresql": postgres.make_engines,
}


@dataclass(frozen=True)
class Database:
    """An open database.

    Attributes:
        where: its address without a password, for messages.
        readers: connections that see one state for as long as their transaction lasts, and cannot write.
        writer: the connection of this process that writes.
    """

    where: str
    readers: sa.Engine
    writer: sa.Engine

    @contextmanager
    def transaction(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        """A transaction, committed unless something is raised; errors of the database come as `StoreError`."""
        try:
            with engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise explain(error, self.where) from error

    def shorten_log(self) -> None:
        """Bring the log of a SQLite file into the file, beside all other work; a PostgreSQL server does so itself."""
        if self.readers.dialect.name != "sqlite":
            return
        try:
            sqlite.shorten_log(self.readers)
        except sqlite3.Error as error:
            raise StoreFailed(f"Database '{self.where}': {error}.") from error

    def close(self) -> None:
        """Close all connections."""
        self.readers.dispose()
        self.writer.dispose()


def open_database(address: str) -> Database:
    """Open a database, and bring its tables to this version.

    Args:
        address: URL of SQLAlchemy ("sqlite:///market.db", "postgresql://user@host/name"), or the path of a SQLite file.

    Raises:
        StoreError: if it cannot be used: what, where, what next.
    """
    url = url_of(address)
    readers, writer = KINDS[url.get_backend_name()](url)
    database = Database(url.render_as_string(hide_password=True), readers, writer)
    try:
        with database.transaction(writer) as connection:
            upgrade(connection, database.where)
    except BaseException:
        database.close()
        raise
    return database


def url_of(address: str) -> sa.URL:
    """The URL of an address."""
    if "://" not in address:
        return sa.URL.create("sqlite", database=str(Path(address).absolute()))
    try:
        url = sa.make_url(address)
        is_known = url.get_backend_name() in KINDS
    except (ArgumentError, NoSuchModuleError, ValueError):
        is_known = False
    if not is_known:
        kind = address.partition("://")[0]
        raise StoreError(
            f"A database of kind '{kind}' is not known. Give sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
        )
    return url
