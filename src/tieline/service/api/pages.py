"""The first page: what runs and which markets there are, and where to go on. It shows nothing that needs a key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import tieline
from tieline.service.api.health import ready_workers
from tieline.service.api.operations import operations
from tieline.service.api.service import ServiceHere
from tieline.service.store import markets
from tieline.service.store import runs as run_rows
from tieline.studies.catalogue import STUDIES

ROUTES = APIRouter(include_in_schema=False)

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The pages have a style of their own and nothing else: no script, no picture, nothing from elsewhere."""


@ROUTES.get("/")
def first_page(service: ServiceHere) -> HTMLResponse:
    """What there is, and where to go on."""
    with service.store.read() as connection:
        counts = run_rows.counts(connection)
        market_names = [market.name for market in markets.all_of(connection)]
    return _page(
        "home.html",
        counts=counts,
        markets=market_names,
        workers=ready_workers(service),
        studies=STUDIES.values(),
    )


@ROUTES.get("/docs")
def operations_page(request: Request) -> HTMLResponse:
    """Every operation with its answers, from the OpenAPI document; fetched from nowhere else."""
    return _page("docs.html", operations=operations(request.app.openapi()))


def _page(name: str, **values: Any) -> HTMLResponse:
    text = TEMPLATES.get_template(name).render(version=tieline.__version__, **values)
    return HTMLResponse(text, headers={"Content-Security-Policy": POLICY})
