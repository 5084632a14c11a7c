"""A worker: a process that does one job after the other. It says that it is ready once what it computes with is compiled.

    python -m tieline.service.jobs.worker KIND ...      with the address of the database in TIELINE_DATABASE

It ends by itself when its standard input does, so that none outlives the process that started it.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import NoReturn

import sqlalchemy as sa

from tieline.errors import TielineError
from tieline.service.collector import set_aside_loaded
from tieline.service.jobs import queue, workers
from tieline.service.jobs.heart import Heart
from tieline.service.jobs.job import Again, Done, Failed, Job, Outcome
from tieline.service.jobs.kinds import Answer, Desk, find_kind
from tieline.service.jobs.queue import LEASE_S
from tieline.service.store import Store, open_store
from tieline.service.store.fail_points import reach
from tieline.service.store.refusals import LateWorker, StoreError

ADDRESS = "TIELINE_DATABASE"
"""Variable with the address of the database: a password in it is not seen in the list of processes."""

STDIN = 0


class Worker:
    """A worker of this process.

    Args:
        store: the database.
        kinds: names of what it does.
        name: under which the database knows it.
        lease_s: how long it may be silent before its job is another's [s].

    Raises:
        InputError: if a kind is not known.
    """

    def __init__(
        self, store: Store, kinds: Sequence[str], name: str, lease_s: float = LEASE_S
    ):
        self._store = store
        self._kinds = {kind: find_kind(kind) for kind in kinds}
        self._name = name
        self._lease_s = lease_s
        self._heart = Heart(store, name, lease_s)

    def work(self) -> NoReturn:
        """Do one job after the other."""
        kinds = list(self._kinds)
        self._store.write(
            lambda c: workers.announce(c, self._name, kinds, self._store.now())
        )
        self._heart.start()
        for kind in self._kinds.values():
            kind.warm_up(self._store)
        set_aside_loaded()
        self._store.write(lambda c: workers.ready(c, self._name, self._store.now()))
        pause_s = min(kind.pause_s for kind in self._kinds.values())
        while True:
            if not self.do_one():
                time.sleep(pause_s)

    def end(self) -> NoReturn:
        """Give back the job and end this process, whatever its main thread is busy with."""
        self._heart.give_back()
        os._exit(0)

    def do_one(self) -> bool:
        """Do the job that has waited longest; False if there is none, or the database cannot be asked."""
        try:
            job = self._claim()
            if job is None:
                return False
            self._do(job)
        except StoreError:
            # the server restarts, or someone frees the disk: what is lost comes back when the lease runs out
            return False
        except LateWorker:
            # whoever has the job now does it anew, and nothing of this attempt was kept
            return True
        return True

    def _claim(self) -> Job | None:
        with self._store.read() as c:
            if not queue.has_work(c, list(self._kinds), self._store.now()):
                return None
        return self._store.write(
            lambda c: queue.claim(
                c, self._name, list(self._kinds), self._store.now(), self._lease_s
            )
        )

    def _do(self, job: Job) -> None:
        with self._heart.holding(job):
            outcome, answer = self._run(job)
        # the heart has let go: it would take the end of the job for the work of others
        self._end(job, outcome, answer)

    def _run(self, job: Job) -> tuple[Outcome, Answer]:
        reach("worker: job begun")
        desk = Desk(self._store, job.job_id, job.token)
        try:
            run = self._kinds[job.kind].load()
            answer = run(job.payload, desk)
        except StoreError as error:
            return Again(str(error)), Answer()
        except TielineError as error:
            # what was asked is wrong, or has no answer: asking again gives the same
            return Failed(str(error)), Answer()
        # a defect must not end the worker: the next job may be sound
        except Exception as error:  # noqa: BLE001
            return Again(f"{type(error).__name__}: {error}"), Answer()
        reach("worker: result at hand")
        return Done(answer.result), answer

    def _end(self, job: Job, outcome: Outcome, answer: Answer) -> None:
        def end(c: sa.Connection) -> None:
            if answer.write is not None:
                answer.write(c)
            queue.finish(c, job.token, outcome, self._store.now())

        self._store.write(end)


def worker_name(pid: int) -> str:
    """Name of the worker in a process of this machine."""
    return f"{platform.node()}-{pid}"


def main(address: str, kinds: Sequence[str], lease_s: float = LEASE_S) -> NoReturn:
    """Work until the process is asked to end; to be called in the main thread of a process of its own.

    Args:
        address: of the database.
        kinds: names of what it does.
        lease_s: how long it may be silent before its job is another's [s].

    Raises:
        StoreError: if the database cannot be used.
        InputError: if a kind is not known.
    """
    store = open_store(address)
    worker = Worker(store, kinds, worker_name(os.getpid()), lease_s)
    _give_way(kinds)
    _end_when_asked(worker)
    worker.work()


def _give_way(kinds: Sequence[str]) -> None:
    """Let processes that have less time than the jobs of these kinds have the processor first."""
    # Windows knows no such number
    if hasattr(os, "nice"):
        os.nice(min(find_kind(name).niceness for name in kinds))


def _end_when_asked(worker: Worker) -> None:
    """End on SIGTERM and SIGINT.

    Python runs its handlers between two steps of the main thread, which may be busy with compiled code for minutes, and what a
    handler raises is lost in a callback of such code. The system's own handler writes into a pipe at once instead.
    """
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)

    def wait() -> None:
        os.read(read_end, 1)
        worker.end()

    threading.Thread(target=wait, name="tieline-end", daemon=True).start()


def end_with_parent() -> None:
    """End this process when its standard input ends, which it does when the process that started it ends."""

    def wait() -> None:
        # not by sys.stdin: its lock would be held when the interpreter ends
        os.read(STDIN, 1)
        os._exit(0)

    threading.Thread(target=wait, name="tieline-parent", daemon=True).start()


if __name__ == "__main__":
    end_with_parent()
    main(os.environ[ADDRESS], sys.argv[1:])
