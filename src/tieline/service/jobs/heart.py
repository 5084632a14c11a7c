"""The heart of a worker: a thread that keeps the lease of its job, and ends the process when the job must not go on.

A job that hangs, was cancelled or went to another worker cannot be stopped from inside: Python has no way to end a thread, and
compiled code asks nobody. The process ends instead, and the crew starts another. If even this thread does not run (compiled code
that does not let go of the interpreter), the lease runs out and the crew kills the process.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

from tieline.service.jobs import queue, workers
from tieline.service.jobs.queue import Failed, Job
from tieline.service.store import Store
from tieline.service.store.refusals import LateWorker, StoreError

BEATS_PER_LEASE = 4
"""Two beats may be missed before a lease is in danger."""

ENDED_BY_HEART = 70
"""Exit code of a process whose job had to be ended."""


class Heart:
    """Beats while a job runs: `with Heart(store, job, worker, lease_s): ...`."""

    def __init__(self, store: Store, job: Job, worker: str, lease_s: float):
        self._store = store
        self._job = job
        self._worker = worker
        self._lease_s = lease_s
        self._stopped = threading.Event()
        self._deadline = time.monotonic() + job.limit_s
        self._thread = threading.Thread(
            target=self._run, name="tieline-heart", daemon=True
        )

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._pause_s()):
            if time.monotonic() >= self._deadline:
                self._end_job()
            self._beat()

    def _pause_s(self) -> float:
        to_deadline_s = max(0.0, self._deadline - time.monotonic())
        return min(self._lease_s / BEATS_PER_LEASE, to_deadline_s)

    def _beat(self) -> None:
        try:
            self._store.write(self._say_alive)
        except LateWorker:
            # the end of the job and this beat may cross: what has ended needs no end
            if not self._stopped.is_set():
                os._exit(ENDED_BY_HEART)
        except StoreError:
            # the next beat may reach the database again; if none does, the lease runs out and the job is another's
            return

    def _say_alive(self, c) -> None:
        now = self._store.now()
        queue.beat(c, self._job.token, now, self._lease_s)
        workers.seen(c, self._worker, now)

    def _end_job(self) -> None:
        """End a job that took too long, and the process with it."""
        reason = f"it took longer than its limit of {self._job.limit_s:g} s"

        def end(c) -> None:
            queue.finish(c, self._job.token, Failed(reason), self._store.now())

        with suppress(LateWorker, StoreError):
            self._store.write(end)
        os._exit(ENDED_BY_HEART)
