"""Worker processes that are killed, stopped and hang: every job ends, once, and the crew is complete again."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import toy_worker
from tieline.service.jobs import queue, workers
from tieline.service.jobs.crew import Crew
from tieline.service.jobs.job import Job
from tieline.service.jobs.kinds import NICENESS_OF_RUNS
from tieline.service.jobs.worker import worker_name
from tieline.service.store import Store, events, open_store

LEASE_S = 1.5
PATIENCE_S = 40.0
"""Of the tests: a process starts in a second, or in many on a machine that is busy."""


@pytest.fixture
def crew_store(
    sqlite_address: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Crew, Store]]:
    """Two workers that can do everything, and the store that they work at."""
    monkeypatch.setattr(queue, "BACKOFF_S", 0.05)
    monkeypatch.setenv("PYTHONPATH", _paths())
    command = (sys.executable, toy_worker.__file__, str(LEASE_S))
    store = open_store(sqlite_address)
    with Crew(sqlite_address, toy_worker.KINDS, 2, command, 3 * LEASE_S) as crew:
        yield crew, store
    assert crew.pids() == []
    store.close()


def _paths() -> str:
    return os.pathsep.join([str(Path(toy_worker.__file__).parent), *sys.path])


def put(store: Store, kind: str, payload: object = "", **values) -> int:
    return store.write(lambda c: queue.put(c, kind, payload, store.now(), **values))


def get(store: Store, job_id: int) -> Job:
    with store.read() as c:
        return queue.get(c, job_id)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(0.02)


def ended(store: Store, job_id: int) -> Job:
    until(lambda: get(store, job_id).has_ended)
    return get(store, job_id)


def said(store: Store) -> list:
    with store.read() as c:
        return [event.payload["said"] for event in events.since(c, "echo")]


def test_every_job_ends_whatever_it_does(crew_store: tuple[Crew, Store]):
    crew, store = crew_store
    job_ids = {
        "hang": put(store, "hang", limit_s=0.3),
        "crash": put(store, "crash", most_attempts=2),
        "refuse": put(store, "refuse"),
        "defect": put(store, "defect", most_attempts=2),
    }
    ends = {kind: ended(store, job_id) for kind, job_id in job_ids.items()}
    assert {kind: job.state for kind, job in ends.items()} == {
        "hang": "failed",
        "crash": "gave_up",
        "refuse": "failed",
        "defect": "gave_up",
    }
    assert ends["hang"].reason == "it took longer than its limit of 0.3 s"
    assert "died" in str(ends["crash"].reason)
    assert ends["refuse"].reason == "Unknown feeder 'x'."
    assert ends["defect"].reason == "ZeroDivisionError: division by zero"
    assert [ends[kind].attempts for kind in ("hang", "crash")] == [1, 2]
    # those that come after find a worker
    assert ended(store, put(store, "echo", "still there")).result == "still there"
    until(lambda: len(crew.pids()) == 2)


@pytest.mark.skipif(not hasattr(os, "nice"), reason="this system knows no niceness")
def test_workers_give_way_to_the_process_that_started_them(
    crew_store: tuple[Crew, Store],
):
    crew, store = crew_store
    assert ended(store, put(store, "echo", "ready")).state == "done"
    (pid, *_) = {int(row.name.rpartition("-")[2]) for row in _present(store)}
    assert pid in crew.pids()
    niceness = os.getpriority(os.PRIO_PROCESS, pid)
    before = os.getpriority(os.PRIO_PROCESS, os.getpid())
    assert niceness - before == NICENESS_OF_RUNS


def _present(store: Store) -> list[workers.WorkerRow]:
    with store.read() as c:
        return workers.present(c, store.now())


def test_a_killed_and_a_stopped_worker_are_replaced(
    crew_store: tuple[Crew, Store], tmp_path: Path
):
    crew, store = crew_store
    job_id = put(store, "meet", str(tmp_path), most_attempts=9)
    until((tmp_path / "begun1").exists)
    os.kill(_pid_of(crew, store, job_id), signal.SIGKILL)
    until((tmp_path / "begun2").exists)
    stopped = _pid_of(crew, store, job_id)
    os.kill(stopped, signal.SIGSTOP)
    # past its lease the job is another's; past its silence the process is killed
    until((tmp_path / "begun3").exists)
    until(lambda: stopped not in crew.pids())
    (tmp_path / "go").touch()
    job = ended(store, job_id)
    assert job.result >= 3
    assert said(store) == [job.result]


def test_a_worker_that_was_stopped_too_long_changes_nothing(
    crew_store: tuple[Crew, Store], tmp_path: Path
):
    crew, store = crew_store
    job_id = put(store, "meet", str(tmp_path), most_attempts=9)
    until((tmp_path / "begun1").exists)
    pid = _pid_of(crew, store, job_id)
    os.kill(pid, signal.SIGSTOP)
    until((tmp_path / "begun2").exists)
    (tmp_path / "go").touch()
    os.kill(pid, signal.SIGCONT)
    job = ended(store, job_id)
    assert job.result >= 2
    # time for the late one to do its worst
    time.sleep(LEASE_S)
    assert said(store) == [job.result]
    assert get(store, job_id) == job


def test_cancelled_and_given_back(crew_store: tuple[Crew, Store], tmp_path: Path):
    crew, store = crew_store
    cancelled = put(store, "hang")
    until(lambda: get(store, cancelled).state == "running")
    hanging = _pid_of(crew, store, cancelled)
    store.write(lambda c: queue.cancel(c, cancelled, "by the operator", store.now()))
    until(lambda: hanging not in crew.pids())
    given_back = put(store, "meet", str(tmp_path), most_attempts=1)
    until((tmp_path / "begun1").exists)
    os.kill(_pid_of(crew, store, given_back), signal.SIGTERM)
    until((tmp_path / "begun2").exists)
    (tmp_path / "go").touch()
    assert ended(store, given_back).attempts == 1


def test_workers_say_when_they_are_ready(crew_store: tuple[Crew, Store]):
    crew, store = crew_store

    def ready() -> set[str]:
        with store.read() as c:
            present = workers.present(c, store.now())
        return {worker.name for worker in present if worker.ready_at is not None}

    until(lambda: len(ready()) == 2)
    assert ready() == {worker_name(pid) for pid in crew.pids()}


def _pid_of(crew: Crew, store: Store, job_id: int) -> int:
    name = get(store, job_id).worker
    (pid,) = [pid for pid in crew.pids() if worker_name(pid) == name]
    return pid
