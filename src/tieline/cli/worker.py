"""`tieline worker`: worker processes for a service whose database this machine reaches."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

from cyclopts import Parameter

from tieline.cli.serve import require_service
from tieline.errors import InputError

SQLITE = "sqlite:///"


def work(
    *,
    database: Annotated[
        str,
        Parameter(
            help="URL of the service's database, or its SQLite file on this machine."
        ),
    ],
    workers: Annotated[
        int, Parameter(help="Worker processes; each computes one job at a time.")
    ] = 1,
) -> None:
    """Take jobs from the database of a service until stopped (Ctrl-C or SIGTERM).

    Runs are written to the folder of the service, which this machine has to reach by the same path.
    """
    require_service()
    _require_present(database)
    from tieline.service.jobs.crew import Crew
    from tieline.service.jobs.kinds import KINDS
    from tieline.service.store import open_store

    # refused here, with its reason, and not in processes that die one after the other
    open_store(database).close()
    asked_to_stop = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        asked_to_stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with Crew(database, list(KINDS), workers):
        asked_to_stop.wait()


def _require_present(database: str) -> None:
    """Refuse a SQLite file that is not there: it would be made, and its worker would wait for ever."""
    place = database.removeprefix(SQLITE)
    if "://" not in place and not Path(place).is_file():
        raise InputError(
            f"'{place}' is no database. Give the file `tieline.sqlite` in the folder of a service, or a URL like "
            "postgresql://user@host/name."
        )
