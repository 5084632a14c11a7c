"""Starting a run from the pages: which study, then its form; what is wrong is told at the settings, all of it together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from tieline.errors import unknown_name_message
from tieline.service.pages.forms import SessionForm
from tieline.service.pages.look import page
from tieline.service.pages.page_route import SEE_OTHER, PageRoute
from tieline.service.pages.run_form import RunForm, read_values
from tieline.service.pages.sessions import Known, Visitor
from tieline.service.store.people import Person
from tieline.service.web.problems import Refusal
from tieline.service.web.put_run import put_run
from tieline.service.web.run_questions import check
from tieline.service.web.service import ServiceHere
from tieline.studies.catalogue import STUDIES, Study

ROUTES = APIRouter(prefix="/runs/new", route_class=PageRoute)

LONGEST_WORD = 200
"""Letters of a study's or feeder's name, as in the API."""

Word = Annotated[str, Query(max_length=LONGEST_WORD)]


@ROUTES.get("")
def empty_form(
    request: Request,
    service: ServiceHere,
    visitor: Known,
    study: Word = "",
    feeder: Word = "",
) -> HTMLResponse:
    """The form of a study with the settings that the address gives; without a study the choice of one."""
    if not study:
        return page(
            "choose-study.html", visitor, studies=STUDIES.values(), feeder=feeder
        )
    form = RunForm(_find_study(study), request.query_params, service.places)
    return _page(visitor, form)


@ROUTES.post("")
async def start(form: SessionForm, service: ServiceHere, visitor: Known) -> Response:
    """Check the form whole, and start the run; with findings it is the form again."""
    person = _asker(visitor)
    service.limits.take(f"person {person.name}")
    study = _find_study(form.get("study", ""))
    try:
        run_id = await _start(service, person, study, form)
    except Refusal as refusal:
        if not refusal.findings:
            raise
        form_again = RunForm(study, form, service.places, refusal.findings)
        return _page(visitor, form_again, refusal.status)
    return RedirectResponse(f"/runs/{run_id}", SEE_OTHER)


async def _start(
    service: ServiceHere, person: Person, study: Study, form: Mapping[str, str]
) -> str:
    values = read_values(study, form, service.places)
    # in a thread: a feeder of a file takes seconds to read, and bids do not wait
    checked = await run_in_threadpool(check, study.name, values, service.places)
    run = await put_run(service, person, checked, key=None)
    return run.run_id


def _page(visitor: Visitor, form: RunForm, status: int = 200) -> HTMLResponse:
    return page("start-run.html", visitor, status, form=form)


def _find_study(name: str) -> Study:
    if name not in STUDIES:
        raise Refusal("not-there", unknown_name_message("study", name, STUDIES))
    return STUDIES[name]


def _asker(visitor: Visitor) -> Person:
    if visitor.person is None or not visitor.may_ask:
        raise Refusal("not-allowed", "Runs are started by participants and operators.")
    return visitor.person
