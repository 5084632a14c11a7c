"""`make_app`: the web app of the service, on an open database.

It checks, stores, reads and sends; workers compute. API and pages meet here and nowhere else: an error is told to a program as a
document and to a browser as a page.
"""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

import tieline
from tieline.service.api import (
    bids,
    decisions,
    exports,
    health,
    markets,
    revisions,
    runs,
)
from tieline.service.api.openapi import use_own_document
from tieline.service.pages.page_route import problem_page
from tieline.service.pages.routes import ROUTES as PAGES
from tieline.service.web.body_size import SizedBody
from tieline.service.web.failures import add_handlers, as_document
from tieline.service.web.headers import WithHeaders
from tieline.service.web.measures import Counted
from tieline.service.web.problems import Refusal
from tieline.service.web.service import Service

DESCRIPTION = """Markets and studies of distribution feeders.

Requests carry a key: `Authorization: Bearer KEY`. Times are ISO 8601 with their zone, powers in kW, prices in the currency of the
market per kWh. What is refused is answered with one problem document (RFC 9457) with all findings, and none of it is stored."""

API = "/v1/"
"""Begins the paths of operations for programs: a browser gets their documents too."""

OWN_NAMES = ["127.0.0.1", "localhost", "[::1]"]
"""How a browser on this machine may call a service that listens to this machine alone: a page from elsewhere, whose name was
pointed here, is refused."""


def make_app(service: Service) -> FastAPI:
    """The app.

    Args:
        service: its parts; whoever made them closes the database after the app.
    """
    app = FastAPI(
        title="tieline",
        version=tieline.__version__,
        description=DESCRIPTION,
        # their pages fetch scripts from elsewhere; ours is in `pages`
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    # bids first: a path is held against one operation after the other, and nothing is asked as often
    for part in (bids, health, runs, markets, revisions, exports, decisions):
        app.include_router(part.ROUTES)
    app.include_router(PAGES)
    add_handlers(app, _tell)
    use_own_document(app)
    # each is put around those before it: what any of them refuses is counted too
    app.add_middleware(SizedBody, most_bytes=service.settings.body_kb * 1000)
    app.add_middleware(WithHeaders)
    if service.settings.is_loopback:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=OWN_NAMES)
    app.add_middleware(Counted, measures=service.measures)
    return app


def _tell(request: Request, refusal: Refusal) -> Response:
    """A refusal, as whoever asked can read it; what a page's own route refuses does not come here."""
    asks_api = request.url.path.startswith(API)
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and not asks_api:
        return problem_page(request, refusal)
    return as_document(request, refusal)
