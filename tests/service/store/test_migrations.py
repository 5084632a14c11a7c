"""The steps lead from every earlier version to the tables of the code, and a newer version is refused by name."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from tieline.service.store import Store, open_store
from tieline.service.store.engine import url_of
from tieline.service.store.migrations.upgrade import FOLDER, upgrade
from tieline.service.store.refusals import StoreError
from tieline.service.store.sqlite import make_engines
from tieline.service.store.tables import metadata
from tieline.service.store.tables.base import Moment, Plain


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    steps = ScriptDirectory.from_config(config).walk_revisions()
    return [step.revision for step in steps]


def _differs(_context, _inspected, column, inspected_type, own_type) -> bool | None:
    """Moments and plain values are numbers and text to the database."""
    if isinstance(own_type, Moment | Plain):
        kind = sa.BigInteger if isinstance(own_type, Moment) else sa.Text
        return not isinstance(inspected_type, kind)
    return None


def test_tables_are_those_of_the_code(store: Store):
    with store.read() as c:
        options = {"compare_type": _differs}
        context = MigrationContext.configure(c, opts=options)
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("revision", revisions())
def test_upgrade_of_a_database_of_an_earlier_version(
    sqlite_address: str, revision: str
):
    _, writer = make_engines(url_of(sqlite_address))
    with writer.begin() as c:
        upgrade(c, "test", to=revision)
        row = "INSERT INTO participants (name, role, added_at) VALUES ('ann', 'reader', 5)"
        c.execute(text(row))
    writer.dispose()
    store = open_store(sqlite_address)
    with store.read() as c:
        assert c.execute(text("SELECT name FROM participants")).scalars().all() == [
            "ann"
        ]
        present = MigrationContext.configure(c).get_current_revision()
    store.close()
    assert present == revisions()[0]


def test_a_crash_in_an_upgrade_leaves_nothing(sqlite_address: str):
    _, writer = make_engines(url_of(sqlite_address))
    with writer.connect() as c:
        transaction = c.begin()
        upgrade(c, "test")
        transaction.rollback()
    with writer.begin() as c:
        assert sa.inspect(c).get_table_names() == []
    writer.dispose()
    open_store(sqlite_address).close()


def test_a_newer_version_is_refused_by_name(address: str):
    store = open_store(address)
    store.write(
        lambda c: c.execute(text("UPDATE alembic_version SET version_num='9999'"))
    )
    store.close()
    with pytest.raises(StoreError, match=r"revision 9999.*Install that version"):
        open_store(address)


def test_constraints_have_the_names_of_the_code(sqlite_store: Store):
    with sqlite_store.read() as c:
        made = sa.inspect(c).get_check_constraints("clearings")
    checks = metadata.tables["clearings"].constraints
    names = {k.name for k in checks if isinstance(k, sa.CheckConstraint)}
    assert {constraint["name"] for constraint in made} == names
