"""`forbid_changes(table)`: triggers that let rows be added to a table, and neither changed nor removed."""

from __future__ import annotations

from alembic import op

SQLITE = """
CREATE TRIGGER {table}_keeps_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of {table} are kept as they were written'); END
"""

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION tieline_keeps_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are kept as they were written', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

POSTGRES = """
CREATE TRIGGER {table}_keeps_{act} BEFORE {act} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION tieline_keeps_rows()
"""


def forbid_changes(table: str) -> None:
    """Make the triggers of a table; in a migration."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    if is_postgres:
        op.execute(POSTGRES_FUNCTION)
    statement = POSTGRES if is_postgres else SQLITE
    for act in ("UPDATE", "DELETE"):
        op.execute(statement.format(table=table, act=act))
