"""The heart of a worker: a thread that shows that the process lives, keeps the lease of its job, and ends it if need be.

A job that hangs, was cancelled or went to another worker cannot be stopped from inside: Python has no way to end a thread, and
compiled code asks nobody. The process ends instead, and the crew starts another. If even this thread does not run (compiled code
that does not let go of the interpreter), the worker falls silent, and the crew kills it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from tieline.service.jobs import queue, workers
from tieline.service.jobs.job import Failed, Job
from tieline.service.store import Store
from tieline.service.store.refusals import LateWorker, StoreError

BEATS_PER_LEASE = 4
"""Two beats may be missed before a lease is in danger."""

ENDED_BY_HEART = 70
"""Exit code of a process whose job had to be ended (EX_SOFTWARE of sysexits.h)."""


class Heart:
    """Beats as long as the worker lives: `heart.start()`, and `with heart.holding(job): ...` for each job.

    Args:
        store: the database.
        worker: name of the worker.
        lease_s: how long its jobs stay its own without a beat [s].
    """

    def __init__(self, store: Store, worker: str, lease_s: float):
        self._store = store
        self._worker = worker
        self._lease_s = lease_s
        self._job: Job | None = None
        self._deadline_s = float("inf")
        # held while beating: a job is put down only between two beats
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._is_stopped = False
        self._thread = threading.Thread(
            target=self._run, name="tieline-heart", daemon=True
        )

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Beat no more."""
        self._is_stopped = True
        self._woken.set()
        self._thread.join()

    def give_back(self) -> None:
        """Beat no more; let another worker begin the job anew at once, if there is one."""
        # kept for good: nothing may begin any more
        self._lock.acquire()
        with suppress(LateWorker, StoreError):
            self._store.write(self._leave)

    @contextmanager
    def holding(self, job: Job) -> Iterator[None]:
        """Keep the lease of a job, and hold it to its limit."""
        self._hold(job, time.monotonic() + job.limit_s)
        try:
            yield
        finally:
            self._hold(None, float("inf"))

    def _hold(self, job: Job | None, deadline_s: float) -> None:
        with self._lock:
            self._job = job
            self._deadline_s = deadline_s
        # the pause under way may be longer than the limit of this job
        self._woken.set()

    def _run(self) -> None:
        next_beat_s = time.monotonic()
        while not self._is_stopped:
            next_s = min(next_beat_s, self._deadline_s)
            self._woken.wait(max(0.0, next_s - time.monotonic()))
            self._woken.clear()
            with self._lock:
                if time.monotonic() >= self._deadline_s:
                    self._end_job()
                if time.monotonic() >= next_beat_s and not self._is_stopped:
                    self._beat()
                    next_beat_s = time.monotonic() + self._lease_s / BEATS_PER_LEASE

    def _beat(self) -> None:
        try:
            self._store.write(self._say_alive)
        except LateWorker:
            os._exit(ENDED_BY_HEART)
        except StoreError:
            # the next beat may reach the database again; if none does, the lease runs out and the job is another's
            return

    def _say_alive(self, c: sa.Connection) -> None:
        now = self._store.now()
        workers.seen(c, self._worker, now)
        if self._job is not None:
            queue.beat(c, self._job.token, now, self._lease_s)

    def _leave(self, c: sa.Connection) -> None:
        workers.leave(c, self._worker)
        if self._job is not None:
            reason = f"worker {self._worker} was asked to end"
            queue.give_back(c, self._job.token, reason, self._store.now())

    def _end_job(self) -> None:
        """End a job that took too long, and the process with it."""
        job = self._job
        assert job is not None
        reason = f"it took longer than its limit of {job.limit_s:g} s"

        def end(c: sa.Connection) -> None:
            queue.finish(c, job.token, Failed(reason), self._store.now())

        with suppress(LateWorker, StoreError):
            self._store.write(end)
        os._exit(ENDED_BY_HEART)
