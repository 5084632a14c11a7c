"""Runs: all of them, one with its report, and several beside each other."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

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
from tieline.settings.field_kinds import default_text
from tieline.studies.catalogue import STUDIES
from tieline.studies.comparison.report import write_comparison
from tieline.studies.comparison.runs import read_named

ROUTES = APIRouter(prefix="/runs", route_class=PageRoute)

MOST_SHOWN = 200

MOST_COMPARED = 8
"""Columns that fit on a page."""

SHOWN_LETTERS = 12
"""Of a run's id: enough to tell runs apart by eye."""


@ROUTES.get("")
def listed(service: ServiceHere, visitor: Known) -> HTMLResponse:
    """The newest runs, with a choice of those to compare."""
    with service.store.read() as connection:
        rows = run_rows.newest(connection, MOST_SHOWN, _asked_by(visitor))
    return page("runs.html", visitor, runs=rows)


def _asked_by(visitor: Visitor) -> str | None:
    """Whose runs are listed: a participant's own, else all."""
    return visitor.bids_as


Chosen = Annotated[
    list[str],
    Query(max_length=MOST_COMPARED, description="Ids of runs, two or more."),
]


@ROUTES.get("/compared")
def compared(
    service: ServiceHere,
    visitor: Known,
    run: Chosen = [],  # noqa: B006
) -> HTMLResponse:
    """Answered runs of one study beside each other."""
    rows = _rows_to_compare(service, visitor, run)
    query = urlencode([("run", row.run_id) for row in rows])
    return page("compared.html", visitor, runs=rows, query=query)


@ROUTES.get("/compared/report")
def comparison_report(
    service: ServiceHere,
    visitor: Known,
    run: Chosen = [],  # noqa: B006
) -> Response:
    """What differs between them: the page of `tieline compare`."""
    folders = {}
    for row in _rows_to_compare(service, visitor, run):
        folders[_short(row.run_id)] = _folder(row)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "compared.html"
        write_comparison(path, read_named(folders))
        text = path.read_text(encoding="utf-8")
    policy = {"Content-Security-Policy": run_files.REPORT_POLICY}
    return HTMLResponse(text, headers=policy)


def _rows_to_compare(
    service: ServiceHere, visitor: Visitor, run_ids: list[str]
) -> list[Run]:
    """Runs that can be held beside each other; raises where these cannot."""
    rows = [_run(service, visitor, run_id) for run_id in dict.fromkeys(run_ids)]
    if len(rows) < 2:
        raise InputError("Choose at least two answered runs of one study.")
    for row in rows:
        _folder(row)
    studies = sorted({row.study for row in rows})
    if len(studies) > 1:
        named = ", ".join(studies)
        raise InputError(
            f"Only runs of one study can be compared, and these are of {named}. Choose runs of one study."
        )
    return rows


@ROUTES.get("/{run_id}")
def one(run_id: RunId, service: ServiceHere, visitor: Known) -> HTMLResponse:
    """A run: how far it is, and its report once it has one."""
    run = _run(service, visitor, run_id)
    with service.store.read() as connection:
        newest = run_rows.newest(connection, MOST_SHOWN, _asked_by(visitor))
    return page(
        "run.html",
        visitor,
        run=run,
        is_unfinished=is_unfinished(run),
        others=_comparable(run, newest),
        anew=_address_anew(run),
    )


def _comparable(run: Run, rows: list[Run]) -> list[Run]:
    """Answered runs of the same study."""
    return [
        row
        for row in rows
        if row.study == run.study and row.state == "done" and row.run_id != run.run_id
    ]


def _address_anew(run: Run) -> str:
    """The form with the settings of a run, where they are not the study's own."""
    study = STUDIES[run.study]
    texts = {"study": study.name}
    for name, info in study.config_model.model_fields.items():
        value = run.config.get(name)
        text = default_text(value)
        is_plain = isinstance(value, str | int | float)
        if is_plain and text != default_text(info.default):
            texts[name] = text
    return f"/runs/new?{urlencode(texts)}"


@ROUTES.get("/{run_id}/report")
def report(run_id: RunId, service: ServiceHere, visitor: Known) -> Response:
    """The report, as the run wrote it."""
    return run_files.report_of(_folder(_run(service, visitor, run_id)))


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


def _folder(run: Run) -> Path:
    if run.folder is None:
        raise Refusal("not-finished", f"Run {_short(run.run_id)} has no answer.")
    return Path(run.folder)


def _short(run_id: str) -> str:
    """As much of the id as pages show."""
    return run_id[:SHOWN_LETTERS]
