"""`Served`: `tieline serve` in a process of its own, at a port that is free, and what the system says of that process.

Memory and processor time are read from /proc (Linux): the web process alone counts, without its workers.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from tieline.errors import InputError, NoAnswerError

START_S = 600.0
"""In which the server answers and its workers are ready: a first start compiles for minutes on a busy machine, later ones take
seconds."""

STOP_S = 30.0
"""In which it stops: open requests, workers that give back their jobs."""

LOOK_S = 0.05
"""Between two looks at what is waited for."""

WORKERS = 2
"""One of runs and one of markets, which `tieline serve` starts."""

ADDRESS = re.compile(r"serving at http://([\d.]+):(\d+)")

PROC = Path("/proc")


class Served:
    """A service that is served; `serving` starts and stops it.

    Attributes:
        host, port: where it listens.
        pid: of the web process.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path):
        self._process = process
        self._log = log
        self.pid = process.pid
        self.host, self.port = self._address()

    def _address(self) -> tuple[str, int]:
        deadline_s = time.monotonic() + START_S
        while time.monotonic() < deadline_s and self._process.poll() is None:
            line = ADDRESS.search(self._log.read_text())
            if line is not None:
                return line[1], int(line[2])
            time.sleep(LOOK_S)
        raise NoAnswerError(f"tieline serve did not start: {self._log.read_text()}")

    def wait_for_workers(self) -> None:
        """Wait until all workers have compiled what they compute with."""
        deadline_s = time.monotonic() + START_S
        while time.monotonic() < deadline_s and self._process.poll() is None:
            answer = self.get("/health/ready")
            if answer.status == 200 and json.load(answer)["workers"] == WORKERS:
                return
            time.sleep(LOOK_S)
        raise NoAnswerError(f"No workers are ready: {self._log.read_text()}")

    def get(self, path: str, key: str = "") -> HTTPResponse:
        """The answer to a question on a connection of its own."""
        return self._ask("GET", path, key)

    def post(self, path: str, key: str, body: Any) -> HTTPResponse:
        """The answer to a body."""
        return self._ask("POST", path, key, json.dumps(body))

    def _ask(
        self, method: str, path: str, key: str, body: str | None = None
    ) -> HTTPResponse:
        headers = {"Connection": "close", "Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        connection = HTTPConnection(self.host, self.port, timeout=START_S)
        connection.request(method, path, body, headers)
        return connection.getresponse()

    def resident_mb(self) -> float:
        """Memory of the web process that is in use [MB]."""
        status = (PROC / str(self.pid) / "status").read_text()
        line = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
        assert line is not None  # a process that lives has memory
        return int(line[1]) / 1000

    def cpu_s(self) -> float:
        """Processor time of the web process since it began, of all its threads [s]."""
        text = (PROC / str(self.pid) / "stat").read_text()
        # its name, in brackets, may hold blanks; utime and stime are fields 14 and 15 of proc(5)
        fields = text.rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """Ask it to stop, and end it if it does not."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def require_proc() -> None:
    """Raise `InputError` where the system does not tell what a process uses."""
    if not (PROC / "self" / "stat").exists():
        raise InputError(
            "The load is measured by /proc, which this system does not have. Measure on Linux, or leave the load out with "
            "--load-seconds 0 --load-runs 0."
        )


@contextmanager
def serving(home: Path) -> Iterator[Served]:
    """Serve a folder that `prepare` made, until the end of the block.

    Raises:
        NoAnswerError: if the service does not start.
    """
    command = [sys.executable, "-m", "tieline", "serve", "--home", str(home)]
    log = home.with_suffix(".log")
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [*command, "--port", "0", "--read-without-key"], stderr=stderr
        )
    try:
        served = Served(process, log)
        served.wait_for_workers()
        yield served
        served.stop()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
