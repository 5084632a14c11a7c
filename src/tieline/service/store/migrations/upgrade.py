"""`upgrade(connection, where)`: bring the tables to this version, in the transaction of the caller.

A crash in between leaves the tables as they were. Two processes that start at once do it one after the other, and the second one
has nothing left to do.
"""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import tieline
from tieline.service.store.postgres import give_time_to_upgrade
from tieline.service.store.refusals import StoreError

FOLDER = Path(__file__).parent

ALEMBIC = threading.Lock()
"""Alembic keeps the connection of an upgrade in the process, where two threads would mix theirs up."""


def upgrade(connection: sa.Connection, where: str, to: str = "head") -> None:
    """Do every step that is missing.

    Args:
        connection: in a transaction that may write.
        where: the database, for messages.
        to: the revision to stop at.

    Raises:
        StoreError: if the database was written by a newer version of tieline.
    """
    if connection.dialect.name == "postgresql":
        give_time_to_upgrade(connection)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    steps = ScriptDirectory.from_config(config)
    present = MigrationContext.configure(connection).get_current_revision()
    names = [step.revision for step in steps.walk_revisions()]
    if present is not None and present not in names:
        raise StoreError(
            f"Database '{where}' is of revision {present}, which tieline {tieline.__version__} does not know: a newer version "
            f"wrote it (this one knows up to {names[0]}). Install that version, or choose another database with --database."
        )
    if present != steps.get_current_head():
        with ALEMBIC:
            command.upgrade(config, to)
