"""Databases for the tests of the service: a SQLite file, and a PostgreSQL server where it is installed."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgres_cluster import IN_MEMORY, Cluster, running_cluster
from tieline.service.store import Store, open_store

NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server for all tests."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder where an fsync takes no time."""
    with tempfile.TemporaryDirectory(prefix="tieline-", dir=IN_MEMORY) as path:
        yield Path(path)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, folder: Path) -> str:
    """Address of a new database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{folder}/service.db"
    cluster = request.getfixturevalue("cluster")
    return cluster.make_database(f"test{next(NUMBERS)}")


@pytest.fixture
def sqlite_address(folder: Path) -> str:
    """Address of a new SQLite file."""
    return f"sqlite:///{folder}/service.db"


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """An open store, once of each kind."""
    store = open_store(address)
    yield store
    store.close()


@pytest.fixture
def sqlite_store(sqlite_address: str) -> Iterator[Store]:
    """An open store on a SQLite file."""
    store = open_store(sqlite_address)
    yield store
    store.close()
