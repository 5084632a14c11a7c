"""Every error that leaves an operation becomes a refusal: what was raised on purpose, bodies that do not fit, and defects."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from tieline.errors import NoAnswerError, TielineError
from tieline.service.store import refusals
from tieline.service.web.problems import Finding, Refusal

LOG = logging.getLogger("tieline.service")

LONGEST_VALUE = 60
"""Letters of a refused value that are shown, as in the messages of the command line."""

KIND_OF_REFUSAL: tuple[tuple[type[Exception], str], ...] = (
    (refusals.Unknown, "not-there"),
    (refusals.GateClosed, "gate-closed"),
    (refusals.Foreign, "not-allowed"),
    (refusals.KeyReused, "key-reused"),
    (refusals.Conflict, "conflict"),
    (refusals.StoreError, "not-ready"),
    (NoAnswerError, "no-answer"),
)
"""What the database refuses; the first class that fits counts."""

AGAIN = {"Retry-After": "1"}

NOT_TAKEN = "The database did not take it now. Ask again with the same Idempotency-Key, or read first whether it was kept."

KIND_OF_STATUS = {
    400: "bad-request",
    401: "no-key",
    403: "not-allowed",
    404: "not-there",
    405: "wrong-method",
    413: "too-large",
}

WORDS_OF_STATUS = {
    404: "Nothing has this address. Check it: / is the first page, /docs tells of the API",
    405: "This address takes other methods: /docs says which",
}
"""What the framework says in two words only."""


Tell = Callable[[Request, Refusal], Response]
"""Gives a caller a refusal: as a document to a program, as a page to a person."""


def add_handlers(app: FastAPI, tell: Tell) -> None:
    """Let an app answer every error in one way."""

    def answer(request: Request, error: Exception) -> Response:
        return tell(request, refusal_of(request, error))

    for kind in (RequestValidationError, HTTPException, TielineError, Exception):
        app.add_exception_handler(kind, answer)


def as_document(request: Request, refusal: Refusal) -> Response:
    """A refusal as a problem document."""
    return refusal.answer(request.url.path)


def refusal_of(request: Request, error: Exception) -> Refusal:
    """What a caller is told of an error, whoever raised it; defects are logged and their reason is not told."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, RequestValidationError):
        return _of_values(error)
    if isinstance(error, HTTPException):
        return _of_framework(error)
    if isinstance(error, TielineError):
        return _of_bad_input(request, error)
    return _of_defect(request, error)


def _of_values(error: RequestValidationError) -> Refusal:
    findings = [_finding(problem) for problem in error.errors()]
    detail = f"{len(findings)} of its values cannot be used; nothing was stored. Correct them and ask again."
    return Refusal("not-valid", detail, findings)


def _finding(problem: Mapping[str, Any]) -> Finding:
    """One value that cannot be used: where, what it should be, what it was."""
    message = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] not in ("missing", "json_invalid"):
        message = f"{message}; got {_shown(problem.get('input'))}."
    return Finding(where=_pointer(problem["loc"]), message=message)


def _pointer(location: tuple[int | str, ...]) -> str:
    """Place of a value: a JSON pointer within the body, else the kind of parameter and its name."""
    place, *within = location
    parts = [str(part) for part in within]
    if place == "body":
        return "/" + "/".join(parts)
    return " ".join([str(place), *parts])


def _shown(value: Any) -> str:
    # letters outside ASCII are escaped: half a letter could not be sent back
    text = ascii(value)
    if len(text) <= LONGEST_VALUE:
        return text
    return f"{text[:LONGEST_VALUE]}..."


def _of_framework(error: HTTPException) -> Refusal:
    """What the framework refuses itself: unknown paths, wrong methods, bodies that are too large or no JSON."""
    kind = KIND_OF_STATUS.get(error.status_code, "bad-request")
    words = WORDS_OF_STATUS.get(error.status_code, error.detail)
    return Refusal(kind, f"{words}.", headers=error.headers)


def _of_bad_input(request: Request, error: Exception) -> Refusal:
    """An error that tieline raised on purpose: the database's, or of what the caller gave."""
    kind = _kind(error)
    if kind == "not-ready":
        # the database's own text may say where it is, which is not the caller's business
        LOG.error("database failed at %s", request.url.path, exc_info=error)
        return Refusal(kind, NOT_TAKEN, headers=AGAIN)
    return Refusal(kind, str(error))


def _kind(error: Exception) -> str:
    for refusal, kind in KIND_OF_REFUSAL:
        if isinstance(error, refusal):
            return kind
    return "not-valid"


def _of_defect(request: Request, error: Exception) -> Refusal:
    LOG.error("defect at %s %s", request.method, request.url.path, exc_info=error)
    detail = "This is a defect of tieline, or its database failed. The service's log has the reason; please report it."
    return Refusal("defect", detail)
