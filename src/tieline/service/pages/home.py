"""The first page, what can be asked, signing in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from tieline.service.jobs import workers
from tieline.service.pages import sessions
from tieline.service.pages.board import markets_with_newest
from tieline.service.pages.forms import OwnForm, SessionForm
from tieline.service.pages.look import page
from tieline.service.pages.operations import operations
from tieline.service.pages.page_route import SEE_OTHER, PageRoute
from tieline.service.pages.sessions import COOKIE, Anyone, Known
from tieline.service.store import runs as run_rows
from tieline.service.web.problems import Refusal
from tieline.service.web.service import ServiceHere
from tieline.studies.catalogue import STUDIES

ROUTES = APIRouter(route_class=PageRoute)

RUNS_SHOWN = 8
"""On the first page; the others have a page of their own."""


@ROUTES.get("/")
def first_page(service: ServiceHere, visitor: Anyone) -> HTMLResponse:
    """What there is, and where to go on; without a key only how to start."""
    newest_runs = []
    all_markets = []
    with service.store.read() as connection:
        n_ready = workers.ready_count(connection, service.store.now())
        if visitor.person is not None:
            newest_runs = run_rows.newest(connection, RUNS_SHOWN, visitor.bids_as)
            all_markets = markets_with_newest(connection)
    return page(
        "home.html",
        visitor,
        runs=newest_runs,
        markets=all_markets,
        workers=n_ready,
        studies=STUDIES.values(),
    )


@ROUTES.get("/docs")
def operations_page(request: Request, visitor: Anyone) -> HTMLResponse:
    """Every operation with its answers, from the OpenAPI document; fetched from nowhere else."""
    by_tag = operations(request.app.openapi())
    return page("docs.html", visitor, operations=by_tag)


@ROUTES.get("/sign-in")
def ask_for_key(visitor: Anyone, to: str = "/") -> HTMLResponse:
    """The form that takes a key."""
    return page("sign-in.html", visitor, to=_own_place(to), problem="")


@ROUTES.post("/sign-in")
def begin(form: OwnForm, request: Request, service: ServiceHere) -> Response:
    """Begin a session; with a key that is nobody's the form says so."""
    to = _own_place(form.get("to", "/"))
    try:
        key = sessions.sign_in(service, request, form.get("key", "").strip())
    except Refusal as refusal:
        visitor = sessions.visitor_of(request, service)
        answer = page("sign-in.html", visitor, refusal.status, to=to, problem=refusal)
        answer.headers.update(refusal.headers)
        return answer
    answer = RedirectResponse(to, SEE_OTHER)
    answer.set_cookie(
        COOKIE,
        key,
        max_age=int(sessions.LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@ROUTES.post("/sign-out")
def end(form: SessionForm, service: ServiceHere, visitor: Known) -> Response:
    """End a session."""
    del form
    sessions.sign_out(service, visitor)
    answer = RedirectResponse("/", SEE_OTHER)
    answer.delete_cookie(COOKIE)
    return answer


def _own_place(place: str) -> str:
    """A path of this service; the first page for what leads elsewhere."""
    # two slashes, or one and a backslash, are another host to a browser
    is_path = place.startswith("/") and place[1:2] not in ("/", "\\")
    return place if is_path else "/"
