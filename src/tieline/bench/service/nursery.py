"""`Nursery`: a process that forks those of crash rounds. They start in milliseconds, since what they import is loaded once.

    with Nursery() as nursery:
        child = nursery.start("serve", address, ...)
        child.kill()

All of them end with the nursery, and the nursery ends with the process that made it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

DRIVERS = (
    "sqlalchemy.dialects.sqlite.pysqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
    "psycopg",
)

LOOK_S = 0.005
"""Between two looks at a process that is to end."""


class Child:
    """A process of the nursery."""

    def __init__(self, pid: int):
        self.pid = pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def wait(self, limit_s: float) -> bool:
        """Wait for its end; False if that does not come in time."""
        deadline_s = time.monotonic() + limit_s
        while self.is_alive:
            if time.monotonic() >= deadline_s:
                return False
            time.sleep(LOOK_S)
        return True

    def kill(self) -> None:
        """Kill it with SIGKILL, and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.wait(float("inf"))

    def stop(self) -> None:
        """Stop it in its tracks."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on as if nothing had been."""
        os.kill(self.pid, signal.SIGCONT)


class Nursery:
    """The process that forks, as its maker sees it; several threads may ask it."""

    def __enter__(self) -> Nursery:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tieline.bench.service.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # a group of its own, which is killed as a whole
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def start(self, role: str, *arguments: Any) -> Child:
        """Start a process.

        Args:
            role: what it does, of `ROLES` in `processes`.
            arguments: of that, plain values.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with self._lock:
            stdin.write(json.dumps([role, arguments]) + "\n")
            stdin.flush()
            return Child(int(stdout.readline()))


def main(roles: dict[str, Callable[..., Any]]) -> None:
    """Fork a process for each line of standard input."""
    # the system buries them: nobody here waits for a particular one
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        role, arguments = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(roles[role], arguments)
        print(pid, flush=True)
    os.killpg(0, signal.SIGKILL)


def _live(role: Callable[..., Any], arguments: list[Any]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        role(*arguments)
    finally:
        # not by an exception: that would go on with the loop of the nursery
        os._exit(1)


if __name__ == "__main__":
    from tieline.bench.service.processes import ROLES

    # loaded with the first connection only, which every process would do anew
    for driver in DRIVERS:
        import_module(driver)
    main(ROLES)
