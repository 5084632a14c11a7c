"""`Crew`: starts worker processes, and others in place of those that die or fall silent."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tieline.service.jobs.worker import ADDRESS

LOOK_S = 0.2
"""Between two looks at the processes."""

QUICK_DEATH_S = 10.0
"""A worker that died sooner is not replaced at once: the next one would die of the same."""

LONGEST_PAUSE_S = 30.0

GRACE_S = 5.0
"""How long workers may take to give their jobs back when the crew ends."""


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
    """

    def __init__(
        self,
        address: str,
        kinds: Sequence[str],
        count: int,
        command: Sequence[str] = (sys.executable, "-m", "tieline.service.jobs.worker"),
    ):
        self._environment = {**os.environ, ADDRESS: address}
        self._command = [*command, *kinds]
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
        self._thread.start()

    def stop(self) -> None:
        """Have all workers give back their jobs and end; kill those that do not."""
        self._stopped.set()
        self._thread.join()
        processes = [post.process for post in self._posts if post.process is not None]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + GRACE_S
        for process in processes:
            _wait_or_kill(process, deadline)

    def pids(self) -> list[int]:
        """Process ids of the workers that live."""
        processes = [post.process for post in self._posts]
        return [p.pid for p in processes if p is not None and p.poll() is None]

    def _watch(self) -> None:
        while not self._stopped.is_set():
            for post in self._posts:
                self._look_at(post)
            self._stopped.wait(LOOK_S)

    def _look_at(self, post: _Post) -> None:
        now_s = time.monotonic()
        if post.process is not None:
            if post.process.poll() is None:
                return
            _note_death(post, now_s)
        if now_s >= post.start_after_s:
            post.started_s = now_s
            post.process = subprocess.Popen(
                self._command, env=self._environment, stdin=subprocess.PIPE
            )


def _note_death(post: _Post, now_s: float) -> None:
    """When the next one may start: at once, or later each time if they die quickly."""
    post.process = None
    if now_s - post.started_s >= QUICK_DEATH_S:
        post.quick_deaths = 0
        return
    post.quick_deaths += 1
    # the first quick death may be a job's: only further ones are a sign that none can live
    pause_s = 2.0 ** (post.quick_deaths - 1) - 1
    post.start_after_s = now_s + min(pause_s, LONGEST_PAUSE_S)


def _wait_or_kill(process: subprocess.Popen[bytes], deadline_s: float) -> None:
    try:
        process.wait(max(0.0, deadline_s - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
