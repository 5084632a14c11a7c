"""Databases that cannot be used or fail in between: a clear error, nothing half done, and it goes on when the cause is gone."""

from __future__ import annotations

import os
import pwd
import resource
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from bid_market import GATE, MARKET, OPENED, START, add_market
from postgres_cluster import Cluster, running_cluster
from tieline.bench.service.toy_market import clear
from tieline.errors import TielineError
from tieline.service.store import (
    Store,
    clearings,
    events,
    intervals,
    ledger,
    open_store,
    postgres,
    sqlite,
)
from tieline.service.store.drafts import make_draft
from tieline.service.store.refusals import StoreBusy, StoreError, StoreFailed


def tell(store: Store, payload: object = 1) -> int:
    return store.write(lambda c: events.tell(c, "test", "told", payload, OPENED))


def n_told(store: Store) -> int:
    with store.read() as c:
        return len(events.since(c, "test"))


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("sqlite://", "Name a file"),
        ("sqlite:////no/such/folder/a.db", "Make it, or choose another"),
        ("mysql://host/name", "kind 'mysql' is not known"),
        ("nonsense://", "kind 'nonsense' is not known"),
        ("postgresql://u:secret@127.0.0.1:1/none", "Start the server, or correct"),
    ],
)
def test_an_address_that_cannot_be_used(address: str, says: str):
    with pytest.raises(StoreError, match=says) as caught:
        open_store(address)
    assert isinstance(caught.value, TielineError)
    assert caught.value.exit_code == 2
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("no database\n" * 100)
    with pytest.raises(StoreError, match="no SQLite database"):
        open_store(str(tmp_path / "notes.txt"))
    assert (tmp_path / "notes.txt").read_text().startswith("no database")


def test_a_network_file_system_is_refused(
    sqlite_address: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite, "network_kind", lambda _: "nfs4")
    with pytest.raises(StoreError, match=r"network file system \(nfs4\).*PostgreSQL"):
        open_store(sqlite_address)


def test_settings_are_read_back(sqlite_address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sqlite.SETTINGS, "journal_mode", "nosuchmode")
    with pytest.raises(StoreError, match="does not take the setting journal_mode"):
        open_store(sqlite_address)


def test_every_connection_syncs_fully(sqlite_store: Store):
    def ask(c):
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        return [c.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]

    assert sqlite_store.write(ask) == ["wal", 2, 1]


def test_a_database_that_others_hold(
    sqlite_address: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sqlite.SETTINGS, "busy_timeout", 50)
    store = open_store(sqlite_address)
    holder = sqlite3.connect(sqlite_address.removeprefix("sqlite:///"))
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="end the process that holds it"):
        tell(store)
    holder.rollback()
    tell(store)
    assert n_told(store) == 1
    store.close()


def test_a_read_only_database():
    # pytest's own folders are for this user alone
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "a.db"
        open_store(str(path)).close()
        told = pytest.raises(StoreError, match="Give its file and folder to this user")
        with _an_ordinary_user(), told:
            open_store(str(path))


@contextmanager
def _an_ordinary_user() -> Iterator[None]:
    """Root may write anything."""
    if os.geteuid():
        pytest.skip("needs root: the files of a test are this user's own")
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def _full_disk(folder: Path) -> Iterator[None]:
    """A file that fills the rest of a small disk."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        while True:
            try:
                os.write(file.fileno(), bytes(4096))
            except OSError:
                break
    yield
    filler.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(small_disk: Path):
    store = open_store(str(small_disk / "a.db"))
    tell(store)
    with _full_disk(small_disk):
        with pytest.raises(StoreFailed, match="the disk is full") as caught:
            _tell_until_refused(store)
        assert not caught.value.may_be_kept
        n_before = n_told(store)
    tell(store)
    assert n_told(store) == n_before + 1
    store.close()
    store = open_store(str(small_disk / "a.db"))
    assert n_told(store) == n_before + 1
    store.close()


def test_a_file_that_may_not_grow(sqlite_store: Store):
    """As on a full disk, where none can be mounted: the system refuses every write beyond a size."""
    tell(sqlite_store)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(StoreFailed):
            _tell_until_refused(sqlite_store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    n_before = n_told(sqlite_store)
    tell(sqlite_store)
    assert n_told(sqlite_store) == n_before + 1


def _tell_until_refused(store: Store) -> None:
    for _ in range(1000):
        n_before = n_told(store)
        try:
            tell(store, "x" * 5000)
        except StoreError:
            assert n_told(store) == n_before
            raise


def test_many_processes_may_start_at_once(sqlite_address: str):
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: open_store(sqlite_address), range(6)))
    for store in stores:
        tell(store)
    assert n_told(stores[0]) == 6
    for store in stores:
        store.close()


@pytest.fixture
def unsteady_cluster() -> Iterator[Cluster]:
    """A PostgreSQL server that a test may stop."""
    with running_cluster() as cluster:
        yield cluster


def test_postgresql_restarts_in_the_middle_of_a_clearing(unsteady_cluster: Cluster):
    store = open_store(unsteady_cluster.address)
    add_market(store, "ann")
    store.write(lambda c: intervals.close_due(c, GATE))
    with store.read() as c:
        clearing = clear(ledger.book(c, MARKET, START))
    calls = []

    def publish(c):
        calls.append(clearings.publish(c, make_draft(c, clearing), None, GATE))
        if len(calls) == 1:
            unsteady_cluster.stop()
            unsteady_cluster.start()

    store.write(publish)
    assert calls == [1, 1]
    with store.read() as c:
        assert len(clearings.revisions(c, MARKET, START)) == 1
    store.close()


def test_postgresql_that_does_not_come_back(
    unsteady_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tieline.service.store.writer.PAUSES_S", (0.01,))
    store = open_store(unsteady_cluster.address)
    tell(store)
    unsteady_cluster.stop()
    with pytest.raises(StoreFailed, match="Start the server") as caught:
        tell(store)
    assert not caught.value.may_be_kept
    unsteady_cluster.start()
    tell(store)
    assert n_told(store) == 2
    store.close()


def test_an_upgrade_may_compute_for_longer_than_a_writer(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    def compute_and_upgrade(*arguments: Any) -> None:
        time.sleep(1.5)
        command.upgrade(*arguments)

    steps = SimpleNamespace(upgrade=compute_and_upgrade)
    monkeypatch.setattr("tieline.service.store.migrations.upgrade.command", steps)
    monkeypatch.setattr(postgres, "STOPPED_S", 1)
    store = open_store(cluster.make_database("slowly_upgraded"))
    setting = sa.text(f"SHOW {postgres.PATIENCE_WITH_WRITER}")
    assert store.write(lambda c: c.execute(setting).scalar()) == "1s"
    store.close()


def test_a_server_that_does_not_sync_is_refused(unsteady_cluster: Cluster):
    unsteady_cluster.configure("fsync = off")
    with pytest.raises(StoreError, match="has fsync = off"):
        open_store(unsteady_cluster.address)
