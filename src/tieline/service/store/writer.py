"""`Writer`: one thread that commits the work of many callers together (group commit).

An fsync takes as long for many pieces of work as for one. What comes while a transaction is written therefore shares the next,
each piece in a savepoint of its own: if one is refused, the others stay as they are. Nobody waits for pieces that might come: on
an idle disk one is committed at once, on a slow or busy disk groups grow by themselves. Callers hear of success after the commit
has returned, which is after the fsync.

If the connection is lost before the commit was sent, nothing is kept and the whole group is done again on a new connection.
If it is lost while committing, only the database knows; callers are told so (`StoreFailed.may_be_kept`).

Source: DeWitt et al., Implementation techniques for main memory database systems, SIGMOD 1984, section 5.2.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tieline.service.store.clock import Clock
from tieline.service.store.engine import Database
from tieline.service.store.fail_points import reach
from tieline.service.store.failures import explain, is_of_the_work
from tieline.service.store.prepared import Prepared
from tieline.service.store.refusals import StoreBusy, StoreError, StoreFailed
from tieline.service.store.tables import clock as clock_table

MOST_GATHERED = 256
"""Pieces in a group: few enough that none waits long for the others' statements."""

MOST_WAITING = 10_000
"""Pieces that wait before further ones are refused."""

PAUSES_S = (0.1, 0.5, 2.0)
"""Before a group whose connection was lost is done again: a restart of PostgreSQL takes one or two seconds."""

_NOW = sa.bindparam("now", type_=clock_table.c.latest.type)
_LATEST = sa.case((clock_table.c.latest < _NOW, _NOW), else_=clock_table.c.latest)
_TICK = Prepared(
    clock_table.update().values(latest=_LATEST).returning(clock_table.c.latest)
)
# as they are: SQLAlchemy's own savepoints take as long as the statement of a bid
_SAVEPOINT = "SAVEPOINT piece"
_KEEP = "RELEASE SAVEPOINT piece"
_UNDO = "ROLLBACK TO SAVEPOINT piece"

Work = Callable[[sa.Connection], Any]
"""Reads and writes by the connection alone: it may be called again if the connection is lost."""


@dataclass
class _Piece:
    """Work, who waits for it, and how it went."""

    work: Work
    future: Future[Any] = field(default_factory=Future)
    value: Any = None
    refusal: Exception | None = None


class Writer:
    """The writing thread of a process.

    Args:
        database: that it writes to.
        clock: told to the database with every commit, and by it.
    """

    def __init__(self, database: Database, clock: Clock):
        self._database = database
        self._clock = clock
        self._pieces: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._is_closed = False
        self._thread = threading.Thread(
            target=self._run, name="tieline-writer", daemon=True
        )
        self._thread.start()

    def put(self, work: Work) -> Future[Any]:
        """Have work done; its value or what it raised comes when the commit is on disk.

        Raises:
            StoreBusy: if too much waits already.
            StoreFailed: if the store was closed.
        """
        if self._is_closed:
            raise self._closed()
        if self.waiting >= MOST_WAITING:
            raise StoreBusy(
                f"{MOST_WAITING} pieces of work wait for database '{self._database.where}'. Try again later."
            )
        piece = _Piece(work)
        self._pieces.put(piece)
        return piece.future

    def _closed(self) -> StoreFailed:
        return StoreFailed(f"Database '{self._database.where}' was closed.")

    @property
    def waiting(self) -> int:
        """Pieces that wait, about."""
        return self._pieces.qsize()

    def close(self) -> None:
        """Commit what waits, then end the thread."""
        self._is_closed = True
        self._pieces.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        try:
            while is_open:
                group, is_open = self._gather()
                # a caller that stopped waiting before its work began gets nothing written
                awaited = [p for p in group if p.future.set_running_or_notify_cancel()]
                if awaited:
                    self._write(awaited)
        finally:
            self._refuse_the_rest()

    def _refuse_the_rest(self) -> None:
        """Tell those who came too late."""
        self._is_closed = True
        while not self._pieces.empty():
            piece = self._pieces.get_nowait()
            if piece is not None and piece.future.set_running_or_notify_cancel():
                piece.future.set_exception(self._closed())

    def _gather(self) -> tuple[list[_Piece], bool]:
        """The pieces that wait, once there is one, and whether more may come."""
        group: list[_Piece] = []
        piece = self._pieces.get()
        while piece is not None:
            group.append(piece)
            if len(group) == MOST_GATHERED or self._pieces.empty():
                return group, True
            piece = self._pieces.get()
        return group, False

    def _write(self, group: list[_Piece]) -> None:
        """Write a group and tell everyone in it."""
        try:
            reach("writer: gathered")
            self._commit_patiently(group)
            reach("writer: before acknowledgement")
        except BaseException as failure:
            for piece in group:
                piece.future.set_exception(failure)
            # a defect ends one group; what is no Exception is meant to end the thread
            if isinstance(failure, Exception):
                return
            raise
        for piece in group:
            if piece.refusal is None:
                piece.future.set_result(piece.value)
            else:
                piece.future.set_exception(piece.refusal)

    def _commit_patiently(self, group: list[_Piece]) -> None:
        """Commit a group; a connection that was lost before the commit is replaced."""
        for pause_s in PAUSES_S:
            try:
                return self._commit(group)
            except _LostBeforeCommit:
                time.sleep(pause_s)
        try:
            return self._commit(group)
        except _LostBeforeCommit as error:
            raise error.failure from error

    def _commit(self, group: list[_Piece]) -> None:
        is_commit = False
        try:
            with self._database.writer.connect() as connection:
                transaction = connection.begin()
                reach("writer: transaction begun")
                moment = self._tick(connection)
                for piece in group:
                    _do(piece, connection)
                reach("writer: before commit")
                is_commit = True
                transaction.commit()
        except DBAPIError as error:
            failure = explain(error, self._database.where, is_commit)
            if error.connection_invalidated and not is_commit:
                raise _LostBeforeCommit(failure) from error
            raise failure from error
        self._clock.advance(moment)
        reach("writer: committed")

    def _tick(self, connection: sa.Connection) -> datetime:
        """Tell the database the time, and hear the latest that it has seen."""
        ((latest,),) = _TICK.rows(connection, now=self._clock.now())
        return latest


class _LostBeforeCommit(Exception):
    """The connection broke when nothing could have been kept yet."""

    def __init__(self, failure: StoreError):
        super().__init__(str(failure))
        self.failure = failure


def _do(piece: _Piece, connection: sa.Connection) -> None:
    """Do a piece of work in its savepoint; a refusal undoes this piece alone.

    Raises:
        DBAPIError: if the database itself failed.
    """
    piece.value = None
    piece.refusal = None
    connection.exec_driver_sql(_SAVEPOINT)
    try:
        piece.value = piece.work(connection)
    except DBAPIError as error:
        if not is_of_the_work(error):
            raise
        connection.exec_driver_sql(_UNDO)
        piece.refusal = error
    # whatever a caller's work raises is that caller's, and no reason to fail the others
    except Exception as refusal:  # noqa: BLE001
        connection.exec_driver_sql(_UNDO)
        piece.refusal = refusal
    # undone or not, the savepoint is still there
    connection.exec_driver_sql(_KEEP)
    reach("writer: work done")
