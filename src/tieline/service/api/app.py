"""`make_app`: the web app of the service, on an open database.

It checks, stores, reads and sends; workers compute. The parts of `/v1` are one router a subject.
"""

from __future__ import annotations

from fastapi import FastAPI
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
from tieline.service.api.body_size import SizedBody
from tieline.service.api.failures import add_handlers
from tieline.service.api.headers import WithHeaders
from tieline.service.api.measures import Counted
from tieline.service.api.openapi import use_own_document
from tieline.service.api.service import Service
from tieline.service.pages.routes import ROUTES as pages

DESCRIPTION = """Markets and studies of distribution feeders.

Requests carry a key: `Authorization: Bearer KEY`. Times are ISO 8601 with their zone, powers in kW, prices in the currency of the
market per kWh. What is refused is answered with one problem document (RFC 9457) with all findings, and none of it is stored."""

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
    for part in (health, runs, markets, bids, revisions, exports, decisions):
        app.include_router(part.ROUTES)
    app.include_router(pages)
    add_handlers(app)
    use_own_document(app)
    # each is put around those before it: what any of them refuses is counted too
    app.add_middleware(SizedBody, most_bytes=service.settings.body_kb * 1000)
    app.add_middleware(WithHeaders)
    if service.settings.is_loopback:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=OWN_NAMES)
    app.add_middleware(Counted, measures=service.measures)
    return app
