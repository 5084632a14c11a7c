"""Runs of studies: asked, followed, read and cancelled. The web process checks questions; workers answer them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Response
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from tieline.service.api.auth import Anybody, Asker
from tieline.service.api.bodies.runs import RunQuestion, Runs, RunShown
from tieline.service.api.repeats import IdempotencyKey
from tieline.service.api.shown_runs import shown
from tieline.service.jobs import queue
from tieline.service.store import runs as run_rows
from tieline.service.store.people import Person
from tieline.service.store.runs import Run
from tieline.service.web import events, run_files
from tieline.service.web.names import RunId
from tieline.service.web.problems import Refusal, documented
from tieline.service.web.put_run import put_run
from tieline.service.web.run_questions import check
from tieline.service.web.run_states import LAST_KINDS, is_unfinished
from tieline.service.web.service import Service, ServiceHere

ROUTES = APIRouter(prefix="/v1/runs", tags=["runs"])

MOST_LISTED = 100
"""Runs of one answer."""

AGAIN = {"Retry-After": "1"}

TableName = Annotated[str, InPath(pattern="^[A-Za-z0-9_-]{1,100}$")]


@ROUTES.post(
    "",
    status_code=202,
    response_model=RunShown,
    responses={
        200: {
            "model": RunShown,
            "description": "It was asked before, and is answered.",
        },
        202: {"model": RunShown, "description": "In the queue, or worked on."},
        **documented("not-valid", "key-reused", "not-allowed"),
    },
)
async def ask(
    question: RunQuestion,
    service: ServiceHere,
    person: Asker,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Ask a study a question.

    Everything is checked first, and everything that is wrong is told together. The same question is the same run.
    """
    # in a thread: a feeder of a file takes seconds to read, and bids do not wait
    checked = await run_in_threadpool(
        check, question.study, question.values, service.places, question.findings
    )
    run = await put_run(service, person, checked, idempotency_key)
    status = 202 if is_unfinished(run) else 200
    headers = {"Location": f"{ROUTES.prefix}/{run.run_id}"}
    return JSONResponse(shown(run).model_dump(mode="json"), status, headers)


@ROUTES.get("", responses=documented())
def listed(
    service: ServiceHere,
    person: Anybody,
    most: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 20,
) -> Runs:
    """The latest runs: an operator's and a reader's are those of everybody, a participant's its own."""
    # what others work on is not a participant's business
    asker = person.name if person.role == "participant" else None
    with service.store.read() as connection:
        rows = run_rows.newest(connection, most, asker)
    return Runs(runs=[shown(run) for run in rows])


def find_run(run: RunId, service: ServiceHere, person: Anybody) -> Run:
    """The run of an id. Whoever has the id has the question, and may read the answer."""
    del person
    with service.store.read() as connection:
        return run_rows.get(connection, run)


FoundRun = Annotated[Run, Depends(find_run)]


@ROUTES.get(
    "/{run}",
    response_model=RunShown,
    responses={
        200: {"model": RunShown, "description": "Answered."},
        202: {"model": RunShown, "description": "Not finished."},
        **documented("not-there", "not-valid", "run-failed"),
    },
)
def status(run: FoundRun) -> Response:
    """How far a run is: 202 as long as it is not finished, then 200, or 422 with the reason why it has no answer."""
    if run.state in ("failed", "cancelled", "gave_up"):
        raise Refusal("run-failed", run.reason or f"The run was {run.state}.")
    content = shown(run).model_dump(mode="json")
    if is_unfinished(run):
        return JSONResponse(content, 202, AGAIN)
    return JSONResponse(content)


def finished_folder(run: FoundRun) -> Path:
    """Folder of a run that was answered."""
    if is_unfinished(run):
        detail = "The run is not finished. Follow its events, or ask again."
        raise Refusal("not-finished", detail, headers=AGAIN)
    if run.state != "done" or run.folder is None:
        raise Refusal("run-failed", run.reason or f"The run was {run.state}.")
    return Path(run.folder)


FinishedFolder = Annotated[Path, Depends(finished_folder)]

OF_FILES = documented("not-there", "not-finished", "not-valid", "run-failed")


@ROUTES.get("/{run}/result", responses=OF_FILES)
def result(folder: FinishedFolder) -> dict[str, Any]:
    """The content of result.json: metrics, remarks, provenance."""
    return run_files.result_of(folder)


@ROUTES.get(
    "/{run}/report",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}, **OF_FILES},
)
def report(folder: FinishedFolder) -> Response:
    """The report, one page that fetches nothing."""
    return run_files.report_of(folder)


@ROUTES.get(
    "/{run}/tables/{name}",
    response_class=Response,
    responses={200: {"content": {run_files.PARQUET: {}, "text/csv": {}}}, **OF_FILES},
)
def table(
    folder: FinishedFolder,
    name: TableName,
    format: Literal["parquet", "csv"] = "parquet",
) -> Response:
    """A table of the run."""
    return run_files.table_of(folder, name, format == "csv")


@ROUTES.delete("/{run}", responses=documented("not-there", "not-allowed", "conflict"))
async def cancel(run: FoundRun, service: ServiceHere, person: Asker) -> RunShown:
    """Cancel a run that is not finished."""
    if person.role != "operator" and run.asked_by != person.name:
        raise Refusal(
            "not-allowed", "A run is cancelled by who asked for it, or by an operator."
        )
    if not is_unfinished(run):
        raise Refusal("conflict", f"The run has ended: it is {run.state}.")
    cancelled = await service.store.write_soon(
        lambda c: _cancelled(service, c, run, person)
    )
    return shown(cancelled)


def _cancelled(
    service: Service, connection: sa.Connection, run: Run, person: Person
) -> Run:
    reason = f"cancelled by {person.name}"
    queue.cancel(connection, run.job_id, reason, service.store.now())
    return run_rows.get(connection, run.run_id)


def found_stream(run: FoundRun, service: ServiceHere) -> Run:
    """The run, if one more stream may be opened."""
    events.require_stream(service)
    return run


@ROUTES.get(
    "/{run}/events",
    response_class=EventSourceResponse,
    responses=documented("not-there", "not-valid", "too-many"),
)
async def follow(
    run: Annotated[Run, Depends(found_stream)],
    service: ServiceHere,
    last_event_id: events.LastEventId = None,
) -> AsyncIterator[ServerSentEvent]:
    """What happens to a run, as it happens; ends with the run."""
    # a run that is asked anew after it failed has a new job, and a stream of its own
    topic = queue.topic(run.job_id)
    async for event in events.stream(service, topic, last_event_id or 0, LAST_KINDS):
        yield event
