"""A checked question becomes a run: one row and one job, in one transaction, once for each question."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi.concurrency import run_in_threadpool

from tieline.service.jobs import queue
from tieline.service.jobs.kinds import find_kind
from tieline.service.store import idempotency, runs
from tieline.service.store.idempotency import KeptAnswer
from tieline.service.store.people import Person
from tieline.service.store.refusals import UnknownRun
from tieline.service.store.runs import Run
from tieline.service.web.limits import too_many
from tieline.service.web.run_questions import CheckedQuestion
from tieline.service.web.run_states import is_unfinished
from tieline.service.web.service import Service

KIND = "run"
"""What a worker is told to do with the job."""

RUNS = "runs"
FEEDERS = "feeders"
"""Folders of the service: of runs, and of the tables of feeders that were asked about."""

WAIT_S = 30.0
"""After which a caller with too many unfinished runs may try again: a study takes seconds to minutes."""

ACCEPTED = 202
"""Status that is kept with the answer; the state of the run is read anew when the request comes again."""


async def put_run(
    service: Service, person: Person, checked: CheckedQuestion, key: str | None
) -> Run:
    """The run of a question, in the queue unless it is there, worked on or answered already.

    Args:
        service: where it runs.
        person: who asks.
        checked: the question.
        key: word for this request, if the caller gave one.

    Raises:
        Refusal: if the caller has too many unfinished runs.
        KeyReused: if the word stands for another question.
    """
    home = service.settings.folder
    # on disk before the job is: a worker may take it at once
    tables = await run_in_threadpool(checked.feeder.keep, home / FEEDERS)
    question = await run_in_threadpool(lambda: checked.identity)
    payload = _payload(checked, home / RUNS, tables)

    def work(connection: sa.Connection) -> Run:
        moment = service.store.now()
        if key is not None:
            _repeat(connection, person, key, question.run_id, moment)
        if not _is_going_on(connection, question.run_id):
            _require_room(connection, service, person)
            # one that failed or was cancelled is tried again
            job_id = _put(connection, payload, moment)
            runs.ask(connection, question, job_id, person.name, moment)
        return runs.get(connection, question.run_id)

    return await service.store.write_soon(work)


def _payload(checked: CheckedQuestion, folder: Path, tables: Path) -> dict[str, Any]:
    """What the worker needs to know."""
    return {
        "run": checked.identity.run_id,
        "study": checked.study.name,
        "config": checked.config.model_dump(mode="json", exclude_none=True),
        "folder": str(folder / checked.identity.run_id),
        "feeder": str(tables),
        "feeder_sha256": checked.feeder.sha256,
        "inputs": dict(checked.inputs),
        "files": dict(checked.identity.inputs),
    }


def _put(connection: sa.Connection, payload: dict[str, Any], moment: datetime) -> int:
    """Put the job into the queue."""
    kind = find_kind(KIND)
    return queue.put(
        connection,
        KIND,
        payload,
        moment,
        dedup=payload["run"],
        most_attempts=kind.most_attempts,
        limit_s=kind.limit_s,
    )


def _is_going_on(connection: sa.Connection, run_id: str) -> bool:
    """Whether the question waits, is worked on or was answered."""
    try:
        run = runs.get(connection, run_id)
    except UnknownRun:
        return False
    return is_unfinished(run) or run.state == "done"


def _repeat(
    connection: sa.Connection, person: Person, key: str, run_id: str, moment: datetime
) -> None:
    """Keep what the word of a request stands for; raises `KeyReused` if it is something else."""
    # the id of a run is a digest of its request
    if idempotency.recall(connection, person.name, key, run_id) is None:
        answer = KeptAnswer(ACCEPTED, {"run": run_id})
        idempotency.keep(connection, person.name, key, run_id, answer, moment)


def _require_room(connection: sa.Connection, service: Service, person: Person) -> None:
    """Refuse a caller that has as many unfinished runs as one may have."""
    if runs.unfinished(connection, person.name) >= service.settings.waiting_runs:
        raise too_many("Wait for runs to end, or cancel some", WAIT_S)
