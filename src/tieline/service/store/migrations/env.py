"""Run by Alembic for every upgrade; the connection, and its transaction, are those of `upgrade`."""

from __future__ import annotations

from alembic import context

from tieline.service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can undo a change of tables, unlike what Alembic takes for granted
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
