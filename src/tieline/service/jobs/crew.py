"""`Crew`: the worker processes of a machine. It starts others in place of those that die, and kills those that fall silent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from tieline.service.jobs import queue, workers
from tieline.service.jobs.queue import LEASE_S
from tieline.service.jobs.worker import ADDRESS, worker_name
from tieline.service.store import Store, open_store
from tieline.service.store.refusals import StoreError

LOOK_S = 0.1
"""Between two looks at the processes."""

QUICK_DEATH_S = 10.0
"""A worker that died sooner may have died of something that the next one would die of, too."""

LONGEST_PAUSE_S = 30.0
"""Between a quick death and the next start."""

GRACE_S = 5.0
"""How long workers may take to give their jobs back when the crew ends."""

COMMAND = (sys.executable, "-m", "tieline.service.jobs.worker")
"""What starts a worker; the kinds of its jobs are put behind it."""


@dataclass
class _Post:
    """A place in the crew: its process, and what is known of the deaths of earlier ones."""

    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    quick_deaths: int = 0
    start_after_s: float = 0.0


class Crew:
    """Worker processes of one machine: `with Crew(address, kinds, count): ...`.

    Args:
        address: of the database.
        kinds: names of what they do.
        count: how many there are.
        command: what starts one; kinds are put behind it.
        silent_s: a worker that has given no sign of life for so long is killed [s].
    """

    def __init__(
        self,
        address: str,
        kinds: Sequence[str],
        count: int,
        command: Sequence[str] = COMMAND,
        silent_s: float = 2 * LEASE_S,
    ):
        self._address = address
        self._environment = {**os.environ, ADDRESS: address}
        self._command = [*command, *kinds]
        self._silent_s = silent_s
        self._posts = [_Post() for _ in range(count)]
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._watch, name="tieline-crew", daemon=True
        )

    def __enter__(self) -> Crew:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the workers, and watch over them."""
        self._store = open_store(self._address)
        self._thread.start()

    def stop(self) -> None:
        """Have all workers give back their jobs and end; kill those that do not."""
        self._stopped.set()
        self._thread.join()
        processes = [post.process for post in self._posts if post.process is not None]
        for process in processes:
            process.terminate()
        deadline_s = time.monotonic() + GRACE_S
        for process in processes:
            _wait_or_kill(process, deadline_s)
            _kill_group(process)
            _bury(self._store, process)
            _let_go(process)
        self._store.close()

    def pids(self) -> list[int]:
        """Process ids of the workers that live."""
        processes = [post.process for post in self._posts]
        return [p.pid for p in processes if p is not None and p.poll() is None]

    def _watch(self) -> None:
        next_roll_call_s = time.monotonic() + self._silent_s
        while not self._stopped.wait(LOOK_S):
            for post in self._posts:
                self._look_at(post)
            if time.monotonic() >= next_roll_call_s:
                self._kill_silent()
                next_roll_call_s = time.monotonic() + self._silent_s / 4

    def _look_at(self, post: _Post) -> None:
        """Bury the process of a post if it died, and start another when its time has come."""
        now_s = time.monotonic()
        if post.process is not None:
            if post.process.poll() is None:
                return
            _kill_group(post.process)
            if not _bury(self._store, post.process):
                return
            _let_go(post.process)
            _note_death(post, now_s)
        if now_s >= post.start_after_s:
            post.started_s = now_s
            post.process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.PIPE,
                # a group of its own: what a job starts ends with its worker, and Ctrl-C is for the crew alone
                start_new_session=True,
            )

    def _kill_silent(self) -> None:
        """Kill workers that hang so that not even their heart beats."""
        now_s = time.monotonic()
        try:
            with self._store.read() as c:
                present = workers.present(c, self._store.now(), self._silent_s)
        except StoreError:
            # nobody can give a sign of life while the database is away
            return
        names = {worker.name for worker in present}
        for post in self._posts:
            is_new = now_s - post.started_s < self._silent_s
            if post.process is None or is_new:
                continue
            if worker_name(post.process.pid) not in names:
                _kill_group(post.process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker and what its job has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _bury(store: Store, process: subprocess.Popen[bytes]) -> bool:
    """Let another worker have the jobs of a process that ended; False if the database could not be told yet."""
    name = worker_name(process.pid)
    with suppress(StoreError):
        store.write(lambda c: queue.bury(c, name, store.now()))
        store.write(lambda c: workers.leave(c, name))
        return True
    return False


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Close our end of a process that has ended."""
    if process.stdin is not None:
        process.stdin.close()


def _note_death(post: _Post, now_s: float) -> None:
    """When the next one may start: at once, or later each time if they die quickly."""
    post.process = None
    if now_s - post.started_s >= QUICK_DEATH_S:
        post.quick_deaths = 0
        return
    # the first quick death may be a job's: only further ones are a sign that none can live
    pause_s = 2.0**post.quick_deaths - 1
    post.start_after_s = now_s + min(pause_s, LONGEST_PAUSE_S)
    post.quick_deaths += 1


def _wait_or_kill(process: subprocess.Popen[bytes], deadline_s: float) -> None:
    try:
        process.wait(max(0.0, deadline_s - time.monotonic()))
    except subprocess.TimeoutExpired:
        _kill_group(process)
        process.wait()
