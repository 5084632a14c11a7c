"""The steps lead from every earlier version to the tables of the code, and a newer version is refused by name."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from old_database import content_of, make_old_database, rows_of
from sqlalchemy import text

from tieline.bench.service.invariants import ALWAYS, NEVER
from tieline.cli.main import main
from tieline.service.jobs import queue
from tieline.service.market import revise
from tieline.service.store import (
    Store,
    clearings,
    intervals,
    ledger,
    open_store,
    people,
    runs,
)
from tieline.service.store.engine import url_of
from tieline.service.store.migrations.upgrade import FOLDER, upgrade
from tieline.service.store.refusals import StoreError
from tieline.service.store.sqlite import make_engines
from tieline.service.store.tables import metadata
from tieline.service.store.tables.base import Moment, Plain

MARKET = "small"
"""Of the rows of an earlier version."""


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


def test_nothing_of_a_database_of_the_version_before_is_lost(address: str):
    before = make_old_database(address, "0001")
    assert len(before["bids"]) == 9
    open_store(address).close()
    after = rows_of(address)
    assert after["revision_requests"] == []
    for row in after["clearings"]:
        assert row.pop("began_revision") == 1
    assert after["alembic_version"] == [{"version_num": revisions()[0]}]
    for name in before.keys() - {"alembic_version"}:
        assert after[name] == before[name], name


def test_the_service_goes_on_with_a_database_of_the_version_before(address: str):
    """What was promised of it holds: keys, bids, what was published, what waits; and more can be written."""
    make_old_database(address, "0001")
    store = open_store(address)
    (key,) = content_of("0001")["keys"].values()
    with store.read() as c:
        person = people.who(c, key, store.now())
        rows = intervals.between(c, MARKET, ALWAYS, NEVER)
        clearings_of = {
            row.starts_at: clearings.revisions(c, MARKET, row.starts_at) for row in rows
        }
        waiting = intervals.not_cleared(c, MARKET)
        states = [run.state for run in runs.newest(c)]
    assert person is not None
    assert person.name == "ann"
    assert sorted(states) == ["done", "waiting"]
    counted = {
        start: published for start, published in clearings_of.items() if published
    }
    statuses = [of_one[-1].clearing.status for of_one in counted.values()]
    assert statuses == ["cleared", "cleared", "fallback"]
    _has_a_fate_for_every_bid(store, counted)
    last = counted[max(counted)][-1].clearing
    assert (last.began_from, last.began_revision) == (sorted(counted)[1], 1)
    # the job of the interval whose deadline passed waits, too: it will find a dispatch there, and change nothing
    for start_of_job in (max(counted), waiting[0].starts_at):
        job = store.write(lambda c: queue.claim(c, "w", ["clear"], store.now()))
        assert job is not None
        assert job.payload["interval"] == start_of_job.isoformat()
    request_id = store.write(
        lambda c: revise.ask_revision(
            c, MARKET, min(counted), "a wrong meter", {}, "operator", store.now()
        )
    )
    assert request_id == 1
    store.close()


def _has_a_fate_for_every_bid(
    store: Store, counted: dict[datetime, list[clearings.Published]]
) -> None:
    with store.read() as c:
        for start, (published,) in counted.items():
            bids = ledger.rows(c, MARKET, start)
            placed = {bid.bid_id for bid in bids if bid.act != "withdraw"}
            assert set(published.clearing.fates) == placed
            book = ledger.book(c, MARKET, start)
            assert book.digest == published.clearing.book_digest
            kept = {
                bid.bid_id: published.clearing.fates[bid.bid_id] for bid in book.bids
            }
            anew = replace(published.clearing, fates=kept)
            assert anew.outcome_digest == published.outcome_digest


def test_processes_that_start_at_once_upgrade_once(address: str):
    make_old_database(address, "0001")
    processes = [start(UPGRADE, address) for _ in range(3)]
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    # each says what it changed of the tables
    assert sum("CREATE TABLE revision_requests" in text for text in said) == 1
    assert all("opened" in text for text in said)


def test_a_process_that_dies_in_an_upgrade_leaves_what_was_there(address: str):
    before = make_old_database(address, "0001")
    deaths = 0
    for statement in itertools.count(1):
        process = start(UPGRADE, address, str(statement))
        text, _ = process.communicate(timeout=60)
        if "opened" in text:
            break
        assert process.returncode == -signal.SIGKILL
        assert rows_of(address) == before
        deaths += 1
    # table, index, triggers, column, version
    assert deaths >= 5
    assert rows_of(address)["bids"] == before["bids"]


UPGRADE = """
import os, signal, sys
import sqlalchemy as sa
from tieline.service.store import open_store

address, last, *_ = *sys.argv[1:], "0"
changes = 0

def look(connection, cursor, statement, *_):
    global changes
    words = statement.strip()
    if not words.startswith(("CREATE", "ALTER", "UPDATE alembic")):
        return
    print(" ".join(words.split()), flush=True)
    changes += 1
    if changes == int(last):
        os.kill(os.getpid(), signal.SIGKILL)

sa.event.listen(sa.Engine, "after_cursor_execute", look)
open_store(address).close()
print("opened")
"""
"""Opens a database and says what it changes of its tables; dies right after the change of the number that it is given."""


def start(script: str, *words: str) -> subprocess.Popen[str]:
    """A process of a script."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *words], stdout=subprocess.PIPE, text=True
    )


def test_the_command_line_refuses_a_newer_version_in_one_message(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    database = folder / "tieline.sqlite"
    store = open_store(f"sqlite:///{database}")
    newer = text("UPDATE alembic_version SET version_num='9999'")
    store.write(lambda c: c.execute(newer))
    store.close()
    assert main(["serve", "--home", str(folder), "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert "revision 9999" in said
    assert "Install that version" in said
    assert "Traceback" not in said


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
