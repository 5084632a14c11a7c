"""Runs: all of them, one with its report, and several beside each other."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from tieline.errors import InputError
from tieline.service.jobs import queue
from tieline.service.pages.look import page
from tieline.service.pages.page_route import PageRoute
from tieline.service.pages.sessions import Known, Visitor
from tieline.service.store import runs as run_rows
from tieline.service.store.runs import Run
from tieline.service.web import events, run_files
from tieline.service.web.events import LastEventId
from tieline.service.web.names import RunId
from tieline.service.web.problems import Refusal
from tieline.service.web.run_states import LAST_KINDS, is_unfinished
from tieline.service.web.service import ServiceHere
from tieline.studies.comparison.report import write_comparison
from tieline.studies.comparison.runs import read_runs

ROUTES = APIRouter(prefix="/runs", route_class=PageRoute)

MOST_SHOWN = 200

MOST_COMPARED = 8
"""Columns that fit on a page."""


@ROUTES.get("")
def listed(service: ServiceHere, visitor: Known) -> HTMLResponse:
    """The newest runs, with a choice of those to compare."""
    with service.store.read() as connection:
        rows = run_rows.newest(connection, MOST_SHOWN, _asked_by(visitor))
    return page("runs.html", visitor, runs=rows)


def _asked_by(visitor: Visitor) -> str | None:
    """Whose runs are listed: a participant's own, else all."""
    return visitor.bids_as


@ROUTES.get("/compared")
def compared(
    service: ServiceHere,
    visitor: Known,
    run: Annotated[list[str], Query(max_length=MOST_COMPARED)] = [],  # noqa: B006
) -> Response:
    """Answered runs of one study beside each other: the page of `tieline compare`."""
    folders = [_answered_folder(service, visitor, run_id) for run_id in run]
    if len(folders) < 2:
        raise InputError("Choose at least two answered runs of one study.")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "compared.html"
        write_comparison(path, read_runs(folders))
        text = path.read_text(encoding="utf-8")
    policy = {"Content-Security-Policy": run_files.REPORT_POLICY}
    return HTMLResponse(text, headers=policy)


@ROUTES.get("/{run_id}")
def one(run_id: RunId, service: ServiceHere, visitor: Known) -> HTMLResponse:
    """A run: how far it is, and its report once it has one."""
    run = _run(service, visitor, run_id)
    return page("run.html", visitor, run=run, is_unfinished=is_unfinished(run))


@ROUTES.get("/{run_id}/report")
def report(run_id: RunId, service: ServiceHere, visitor: Known) -> Response:
    """The report, as the run wrote it."""
    return run_files.report_of(_answered_folder(service, visitor, run_id))


def _run_to_follow(run_id: RunId, service: ServiceHere, visitor: Known) -> Run:
    """A run that may be seen, if one more stream may be opened."""
    events.require_stream(service)
    return _run(service, visitor, run_id)


@ROUTES.get("/{run_id}/events", response_class=EventSourceResponse)
async def follow(
    run: Annotated[Run, Depends(_run_to_follow)],
    service: ServiceHere,
    last_event_id: LastEventId = None,
) -> AsyncIterator[ServerSentEvent]:
    """What happens to a run, for the script of its page."""
    topic = queue.topic(run.job_id)
    async for event in events.stream(service, topic, last_event_id or 0, LAST_KINDS):
        yield event


def _run(service: ServiceHere, visitor: Visitor, run_id: str) -> Run:
    with service.store.read() as connection:
        run = run_rows.get(connection, run_id)
    if visitor.bids_as not in (None, run.asked_by):
        raise Refusal("not-allowed", "A participant sees only what is its own.")
    return run


def _answered_folder(service: ServiceHere, visitor: Visitor, run_id: str) -> Path:
    run = _run(service, visitor, run_id)
    if run.folder is None:
        raise Refusal("not-finished", f"Run {run_id[:12]} has no answer yet.")
    return Path(run.folder)
