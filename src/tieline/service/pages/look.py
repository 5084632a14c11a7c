"""`page`: a template with what every page has; and the files that pages load, all of them our own.

Style and drawings are those of the reports, whose templates are read from the same place.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

import tieline
from tieline.reports.clock import moment_words
from tieline.reports.html import Table, cut_note, rows_of, table_columns
from tieline.service.pages.sessions import Visitor

ROUTES = APIRouter()

TEMPLATES = Environment(
    loader=ChoiceLoader(
        [
            PackageLoader("tieline.service.pages"),
            PackageLoader("tieline.reports", "templates"),
        ]
    ),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _moment(moment: datetime) -> str:
    """A moment in words with its zone, as a page is read elsewhere too; with seconds where it has some, as gates may."""
    seconds = f":{moment.second:02d}" if moment.second else ""
    return f"{moment_words(moment)}{seconds} {moment.tzname()}"


TEMPLATES.filters["moment"] = _moment

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Pages load what this service gives and nothing else. Drawings carry the style of their parts inline."""

LOADED = {
    "pages.css": "text/css",
    "pages.js": "text/javascript",
    "diagram.js": "text/javascript",
}
"""Files that pages load, by name."""


def page(name: str, visitor: Visitor, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of a template.

    Args:
        name: of the template.
        visitor: who looks.
        status: of the answer.
        values: what the template needs beside it.
    """
    text = render(name, visitor=visitor, version=tieline.__version__, **values)
    return HTMLResponse(text, status, headers={"Content-Security-Policy": POLICY})


def render(name: str, **values: Any) -> str:
    """A template with its values."""
    return TEMPLATES.get_template(name).render(**values)


def shown_table(table: Table) -> dict[str, Any]:
    """A table as `table.html` wants it."""
    columns = table_columns(table)
    return {
        "caption": table.caption,
        "columns": columns,
        "rows": rows_of(columns),
        "note": cut_note(table),
    }


@ROUTES.get("/look/{name}")
def loaded(name: str) -> Response:
    """A file that pages load."""
    if name not in LOADED:
        return Response(status_code=404)
    # they change with the version alone; a browser asks once in a while
    headers = {"Cache-Control": "max-age=300"}
    return Response(render(name), media_type=LOADED[name], headers=headers)
