"""A worker: a process that takes one job after the other. It says that it is ready once what it computes with is compiled.

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
from types import FrameType

import sqlalchemy as sa

from tieline.errors import TielineError
from tieline.service.jobs import queue, workers
from tieline.service.jobs.heart import Heart
from tieline.service.jobs.kinds import Answer, Desk, find_kind
from tieline.service.jobs.queue import LEASE_S, Again, Done, Failed, Job, Outcome
from tieline.service.store import Store, open_store
from tieline.service.store.fail_points import reach
from tieline.service.store.refusals import LateWorker, StoreBusy, StoreFailed

ADDRESS = "TIELINE_DATABASE"
"""Variable with the address of the database: a password in it is not seen in the list of processes."""

PAUSE_S = 0.02
"""Between two looks at an empty queue: a small part of the half second in which a minute is to be cleared."""

SIGN_S = LEASE_S / 2
"""Between two signs of life of a worker without a job."""


class Stopped(BaseException):
    """The process was asked to end."""


class Worker:
    """A worker of this process.

    Args:
        store: the database.
        kinds: names of what it does.
        name: under which the database knows it.
        lease_s: how long it may be silent before its job is another's [s].
    """

    def __init__(
        self, store: Store, kinds: Sequence[str], name: str, lease_s: float = LEASE_S
    ):
        self._store = store
        self._kinds = [find_kind(kind) for kind in kinds]
        self._names = list(kinds)
        self._name = name
        self._lease_s = lease_s
        self._next_sign = 0.0

    def work(self) -> None:
        """Take jobs until the process is asked to end."""
        try:
            self._write(workers.announce, self._names)
            for kind in self._kinds:
                kind.warm_up()
            self._write(workers.ready)
            while True:
                if not self.do_one():
                    self._sign()
                    time.sleep(PAUSE_S)
        except Stopped:
            self._store.write(lambda c: workers.leave(c, self._name))

    def do_one(self) -> bool:
        """Do the job that has waited longest; False if there is none, or the database cannot be asked."""
        try:
            job = self._claim()
        except (StoreBusy, StoreFailed):
            # it may come back: the server restarts, or someone frees the disk
            return False
        if job is None:
            return False
        try:
            with Heart(self._store, job, self._name, self._lease_s):
                self._end(job, *self._run(job))
        except (LateWorker, StoreBusy, StoreFailed):
            # nothing of it was kept; whoever has the job now, or finds it when the lease runs out, does it anew
            return True
        except Stopped:
            self._give_back(job)
            raise
        return True

    def _claim(self) -> Job | None:
        with self._store.read() as c:
            if not queue.has_work(c, self._names, self._store.now()):
                return None
        return self._store.write(
            lambda c: queue.claim(
                c, self._name, self._names, self._store.now(), self._lease_s
            )
        )

    def _run(self, job: Job) -> tuple[Outcome, Answer]:
        reach("worker: job begun")
        desk = Desk(self._store, job.job_id, job.token)
        try:
            answer = find_kind(job.kind).load()(job.payload, desk)
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

    def _give_back(self, job: Job) -> None:
        reason = f"worker {self._name} was asked to end"
        self._store.write(
            lambda c: queue.give_back(c, job.token, reason, self._store.now())
        )

    def _sign(self) -> None:
        """A sign of life, now and then."""
        if time.monotonic() < self._next_sign:
            return
        self._next_sign = time.monotonic() + SIGN_S
        self._write(workers.seen)

    def _write(self, say, *values) -> None:
        self._store.write(lambda c: say(c, self._name, *values, self._store.now()))


def main(address: str, kinds: Sequence[str], lease_s: float = LEASE_S) -> None:
    """Work until the process is asked to end; to be called in the main thread of a process of its own.

    Args:
        address: of the database.
        kinds: names of what it does.
        lease_s: how long it may be silent before its job is another's [s].

    Raises:
        StoreError: if the database cannot be used.
        InputError: if a kind is not known.
    """
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    store = open_store(address)
    name = f"{platform.node()}-{os.getpid()}"
    try:
        Worker(store, kinds, name, lease_s).work()
    finally:
        store.close()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def _end_with_parent() -> None:
    """Wait for the end of standard input, which comes when the process that started this one ends, and end too."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    main(os.environ[ADDRESS], sys.argv[1:])
