"""Feeders of the library: each with its diagram, what is in it, and what its checks found and its reader noted."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from tieline.errors import unknown_name_message
from tieline.feeders import Feeder, describe_library, load_feeder
from tieline.feeders.contents import contents
from tieline.feeders.problems import find_problems
from tieline.reports.diagram import one_line
from tieline.reports.html import Table, drawing_content
from tieline.service.pages.look import page, shown_table
from tieline.service.pages.page_route import PageRoute
from tieline.service.pages.sessions import Known
from tieline.service.web.problems import Refusal

ROUTES = APIRouter(prefix="/feeders", route_class=PageRoute)

KEPT_IN_MEMORY = 32
"""Drawings; more than the library has feeders."""


@ROUTES.get("")
def listed(visitor: Known) -> HTMLResponse:
    """Their names and what they are."""
    return page("feeders.html", visitor, entries=describe_library())


@ROUTES.get("/{name}")
def one(name: str, visitor: Known) -> HTMLResponse:
    """A feeder."""
    names = [entry.name for entry in describe_library()]
    # a name that is none of these would be read as a path of this machine
    if name not in names:
        raise Refusal("not-there", unknown_name_message("feeder", name, names))
    feeder = load_feeder(name)
    findings = [*find_problems(feeder), *feeder.notes]
    return page(
        "feeder.html",
        visitor,
        feeder=feeder,
        drawing=_drawing(name),
        contents=_contents(feeder),
        findings=findings,
    )


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _drawing(name: str) -> dict[str, str]:
    return drawing_content(one_line(load_feeder(name)))


def _contents(feeder: Feeder) -> dict[str, Any]:
    frame = pd.DataFrame(contents(feeder), columns=["what", "how much"])
    return shown_table(Table(frame))
