"""Group commit: pieces share an fsync, each stands alone, and success is told after the fsync."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event, text

from bid_market import OPENED
from tieline.service.store import Store, events, open_store, people, sqlite, writer
from tieline.service.store.log_keeper import LogKeeper
from tieline.service.store.refusals import Conflict, StoreBusy, StoreFailed
from tieline.service.store.tables import events as events_table

PAGE_BYTES = 4096 + 24
"""Of the log: a page and its head (https://www.sqlite.org/fileformat2.html#walformat)."""


def tell(store: Store, number: int) -> int:
    return store.write(lambda c: events.tell(c, "test", "told", number, OPENED))


def told(store: Store) -> list[int]:
    with store.read() as c:
        return [e.payload for e in events.since(c, "test")]


def test_pieces_that_come_while_one_is_written_share_the_next_commit(store: Store):
    commits = []
    event.listen(store._database.writer, "commit", commits.append)
    with _busy(store):
        futures = [store._writer.put(_telling(number)) for number in range(100)]
        assert not commits
    wait(futures, timeout=60)
    assert told(store) == list(range(100))
    assert len(commits) == 2


def test_no_group_is_larger_than_the_largest(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(writer, "MOST_GATHERED", 4)
    commits = []
    event.listen(store._database.writer, "commit", commits.append)
    with _busy(store):
        futures = [store._writer.put(_telling(number)) for number in range(10)]
    wait(futures, timeout=60)
    assert told(store) == list(range(10))
    # the one before, then 4, 4 and 2
    assert len(commits) == 4


def test_what_is_too_much_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writer, "MOST_WAITING", 2)
    with _busy(store):
        futures = [store._writer.put(_telling(number)) for number in range(2)]
        with pytest.raises(StoreBusy, match="2 pieces of work wait"):
            tell(store, 2)
    wait(futures, timeout=60)
    assert told(store) == [0, 1]


@contextmanager
def _busy(store: Store) -> Iterator[None]:
    """A store whose writer does one piece until the end of the block."""
    begun = threading.Event()
    ended = threading.Event()

    def slow(_: sa.Connection) -> None:
        begun.set()
        assert ended.wait(60)

    future = store._writer.put(slow)
    try:
        assert begun.wait(60)
        yield
    finally:
        ended.set()
    future.result(timeout=60)


def _telling(number: int) -> Callable[[sa.Connection], int]:
    return lambda c: events.tell(c, "test", "told", number, OPENED)


def test_a_refused_piece_leaves_the_others_as_they_are(store: Store):
    first = threading.Event()

    def slow(c):
        first.wait(5)

    # they wait behind the first one, and are one group then
    with ThreadPoolExecutor(8) as pool:
        blocker = pool.submit(store.write, slow)
        good = [pool.submit(tell, store, number) for number in range(3)]
        bad = pool.submit(store.write, _write_and_refuse)
        broken = pool.submit(store.write, lambda c: c.execute(text("SELECT nonsense")))
        first.set()
        blocker.result()
        assert all(future.result() for future in good)
        with pytest.raises(Conflict, match="on purpose"):
            bad.result()
        assert broken.exception() is not None
    assert sorted(told(store)) == [0, 1, 2]


def _write_and_refuse(c):
    events.tell(c, "test", "told", "undone", OPENED)
    raise Conflict("on purpose")


def test_numbers_of_events_grow_as_they_become_visible(store: Store):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: tell(store, number), range(40)))
    with store.read() as c:
        numbers = [e.event_id for e in events.since(c, "test")]
    assert numbers == sorted(numbers)
    assert numbers == list(range(numbers[0], numbers[0] + 40))


def test_async_callers_do_not_block(store: Store):
    async def both():
        work = lambda c: events.tell(c, "test", "told", 1, OPENED)  # noqa: E731
        return await asyncio.gather(store.write_soon(work), store.write_soon(work))

    assert len(set(asyncio.run(both()))) == 2


def test_a_closed_store_takes_nothing(sqlite_address: str):
    store = open_store(sqlite_address)
    store.close()
    with pytest.raises(StoreFailed, match="was closed"):
        tell(store, 1)


def test_readers_see_one_state_and_cannot_write(store: Store):
    tell(store, 1)
    with store.read() as c:
        assert len(events.since(c, "test")) == 1
        tell(store, 2)
        assert len(events.since(c, "test")) == 1
    with pytest.raises(StoreFailed), store.read() as c:
        c.execute(events_table.delete())
    assert told(store) == [1, 2]


ACKNOWLEDGED_WRITES = """
import os, sys
from datetime import datetime, UTC
from tieline.service.store import open_store, events
store = open_store(sys.argv[1])
for number in range(5):
    store.write(lambda c: events.tell(c, "t", "k", number, datetime.now(UTC)))
    os.write(2, b"acknowledged")
store.close()
"""


def test_an_fsync_comes_before_each_acknowledgement(tmp_path: Path):
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    calls = "trace=fsync,fdatasync,write"
    command = [strace, "-f", "-y", "-e", calls, "-o", str(trace), sys.executable]
    done = subprocess.run(
        [*command, "-c", ACKNOWLEDGED_WRITES, f"sqlite:///{tmp_path}/a.db"],
        capture_output=True,
        timeout=100,
        check=False,
    )
    text_of_trace = trace.read_text() if trace.exists() else ""
    if "acknowledged" not in text_of_trace:
        pytest.skip(f"strace may not trace here: {done.stderr.decode()[-200:]}")
    *before_each, _ = text_of_trace.split('"acknowledged"')
    assert len(before_each) == 5
    for calls_before in before_each:
        assert re.search(r"f(data)?sync\(\d+<[^>]*a\.db-wal>\)", calls_before)


def test_names_are_unique_among_writers(store: Store):
    def add(_):
        try:
            return store.write(
                lambda c: people.add_participant(c, "ann", "reader", OPENED)
            )
        except Conflict:
            return None

    with ThreadPoolExecutor(5) as pool:
        keys = [key for key in pool.map(add, range(5)) if key]
    assert len(keys) == 1


def test_the_log_comes_into_the_file_beside_a_reader_and_a_writer(
    sqlite_store: Store, folder: Path
):
    def in_file() -> int:
        return sqlite.shorten_log(sqlite_store._database.readers)

    for number in range(50):
        tell(sqlite_store, number)
    in_log = (folder / "service.db-wal").stat().st_size // PAGE_BYTES
    assert in_log - 5 <= in_file() <= in_log
    gone_on = threading.Event()
    begun = threading.Event()

    def slow(c):
        begun.set()
        assert gone_on.wait(5)

    with ThreadPoolExecutor(1) as pool, sqlite_store.read():
        writing = pool.submit(sqlite_store.write, slow)
        assert begun.wait(5)
        sqlite_store.shorten_log()
        gone_on.set()
        writing.result()


def test_the_keeper_of_the_log_does_so_by_itself(sqlite_store: Store, folder: Path):
    database = folder / "service.db"
    before = database.stat().st_size
    with LogKeeper(sqlite_store, pause_s=0.01):
        for number in range(200):
            tell(sqlite_store, number)
        deadline_s = time.monotonic() + 5
        while database.stat().st_size == before and time.monotonic() < deadline_s:
            time.sleep(0.01)
    assert database.stat().st_size > before


def test_a_server_needs_no_keeper_of_the_log(store: Store):
    store.shorten_log()
    assert tell(store, 1) == 1
