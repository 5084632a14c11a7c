"""Feeders: each with its diagram, what is in it, what its checks found and its reader noted, and the start of a study of it.

A feeder of the library passes its checks. One of the service's folder of files may not: then its findings stand alone, and no
study of it can be started.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from tieline.errors import InputError
from tieline.feeders import Feeder, describe_library, load_feeder
from tieline.feeders.contents import contents as rows_of_contents
from tieline.feeders.findings import FeederError, Finding
from tieline.reports.diagram import one_line
from tieline.reports.html import Table, drawing_content
from tieline.service.pages.look import page, shown_table
from tieline.service.pages.page_route import PageRoute
from tieline.service.pages.sessions import Known, Visitor
from tieline.service.web.asked_feeders import read_asked
from tieline.service.web.places import Places
from tieline.service.web.problems import Refusal
from tieline.service.web.service import ServiceHere
from tieline.studies.catalogue import STUDIES

ROUTES = APIRouter(prefix="/feeders", route_class=PageRoute)

KEPT_IN_MEMORY = 32
"""Drawings; more than the library has feeders."""

REMARKS_CLASS = {"error": "broken", "warning": "approximated", "info": "left-out"}
"""How findings of each severity look."""


@ROUTES.get("")
def listed(service: ServiceHere, visitor: Known) -> HTMLResponse:
    """Their names and what they are."""
    return page(
        "feeders.html",
        visitor,
        entries=describe_library(),
        files=service.places.feeder_files(),
    )


@ROUTES.get("/{name:path}")
def one(name: str, service: ServiceHere, visitor: Known) -> HTMLResponse:
    """A feeder."""
    place = _place(service.places, name)
    try:
        feeder = read_asked(place, is_island=False).feeder
    except FeederError as error:
        return _page(visitor, name, error.findings)
    drawing = _library_drawing(name) if isinstance(place, str) else _draw(feeder)
    return _page(
        visitor,
        name,
        feeder.notes,
        feeder=feeder,
        drawing=drawing,
        contents=_contents(feeder),
    )


def _place(places: Places, name: str) -> str | Path:
    """What a reader is given; raises where the name is none that a caller may give."""
    try:
        return places.feeder(name, of_islands=False)
    except InputError as error:
        raise Refusal("not-there", str(error)) from None


def _page(
    visitor: Visitor,
    name: str,
    findings: Sequence[Finding],
    feeder: Feeder | None = None,
    drawing: dict[str, str] | None = None,
    contents: dict[str, Any] | None = None,
) -> HTMLResponse:
    """The page; without a feeder that of one that cannot be used."""
    by_severity = {
        severity: [finding for finding in findings if finding.severity == severity]
        for severity in REMARKS_CLASS
    }
    return page(
        "feeder.html",
        visitor,
        feeder_name=name,
        feeder=feeder,
        drawing=drawing,
        contents=contents,
        findings=by_severity,
        looks=REMARKS_CLASS,
        studies=[s for s in STUDIES.values() if not s.config_model.ASKS_ISLANDS],
    )


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _library_drawing(name: str) -> dict[str, str]:
    return _draw(load_feeder(name))


def _draw(feeder: Feeder) -> dict[str, str]:
    return drawing_content(one_line(feeder))


def _contents(feeder: Feeder) -> dict[str, Any]:
    frame = pd.DataFrame(rows_of_contents(feeder), columns=["what", "how much"])
    return shown_table(Table(frame))
