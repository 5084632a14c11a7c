"""A worker with jobs that crash, hang and fail: `python toy_worker.py LEASE_S KIND ...` as `tieline.service.jobs.worker`."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from tieline.errors import InputError
from tieline.service.jobs import queue
from tieline.service.jobs.kinds import Answer, Desk, Kind, register
from tieline.service.jobs.worker import ADDRESS, end_with_parent, main
from tieline.service.store import events

KINDS = ("echo", "crash", "hang", "refuse", "defect", "meet")


def echo(payload: Any, desk: Desk) -> Answer:
    """Give back what was asked, and tell an event in the transaction that ends the job."""
    told = {"said": payload}
    return Answer(payload, lambda c: _tell(c, told, desk))


def _tell(c, told: Any, desk: Desk) -> None:
    events.tell(c, "echo", "said", told, desk.store.now())


def crash(payload: Any, desk: Desk) -> Answer:
    """Die as of a fault in compiled code."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def hang(payload: Any, desk: Desk) -> Answer:
    """Never end."""
    while True:
        time.sleep(100)


def refuse(payload: Any, desk: Desk) -> Answer:
    """Find that the question is wrong."""
    raise InputError("Unknown feeder 'x'.")


def defect(payload: Any, desk: Desk) -> Answer:
    """Have a defect."""
    return Answer(1 / 0)


def meet(payload: Any, desk: Desk) -> Answer:
    """Say that it has begun, by a file, and end when another file is there."""
    folder = Path(payload)
    (folder / f"begun{desk.token.number}").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    return echo(desk.token.number, desk)


def add_kinds() -> None:
    """Make the jobs known."""
    for name in KINDS:
        register(Kind(name, f"toy_worker:{name}"))


if __name__ == "__main__":
    add_kinds()
    # the tests wait for every attempt
    queue.BACKOFF_S = 0.05
    end_with_parent()
    main(os.environ[ADDRESS], sys.argv[2:], float(sys.argv[1]))
