"""What is told to a caller whose request is refused: one problem document with all findings (RFC 9457).

A refusal is raised wherever it is noticed; `failures` makes one of every other error, too. A program gets it as
`application/problem+json`, where the last part of `type` is stable, so that programs can tell problems apart. What went wrong
inside the service is logged and not told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field

from tieline.errors import TielineError
from tieline.feeders.findings import Finding as FeederFinding

MEDIA_TYPE = "application/problem+json"
TYPES = "urn:tieline:problem:"

MOST_FINDINGS = 200
"""Findings of one document: more than anybody reads; `detail` says how many there are."""

TITLES = {
    "bad-request": (400, "The request cannot be read"),
    "no-key": (401, "A key is needed"),
    "not-allowed": (403, "This key does not allow that"),
    "not-there": (404, "There is no such thing"),
    "wrong-method": (405, "This place does not take that method"),
    "conflict": (409, "It is in another state by now"),
    "gate-closed": (409, "The gate of the interval is closed"),
    "not-finished": (409, "The run is not finished"),
    "too-large": (413, "The request is too large"),
    "not-valid": (422, "The request cannot be used"),
    "key-reused": (422, "The Idempotency-Key stands for another request"),
    "run-failed": (422, "The run has no answer"),
    "no-answer": (422, "There is no safe answer"),
    "too-many": (429, "Too many requests"),
    "defect": (500, "The service failed"),
    "not-ready": (503, "The service cannot answer now"),
}
"""Status and title of each kind of problem."""


class Finding(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(
        description="Field of the request as a JSON pointer, or element of the feeder."
    )
    message: str = Field(description="What is wrong there.")
    code: str | None = Field(
        default=None, description="Code of the finding, of a feeder's check."
    )
    remedy: str | None = Field(default=None, description="What to do.")


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="Kind of problem; programs tell problems by it.")
    title: str = Field(description="The kind in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong, where, and what to do next.")
    instance: str = Field(description="Path of the request.")
    findings: list[Finding] = Field(
        default_factory=list, description="Everything that was found, not the first."
    )


class Refusal(TielineError):
    """A request is refused; `kind` is one of `TITLES`."""

    def __init__(
        self,
        kind: str,
        detail: str,
        findings: Sequence[Finding] = (),
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(detail)
        self.kind = kind
        self.findings = list(findings)
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return TITLES[self.kind][0]

    def answer(self, path: str) -> Response:
        """The problem document."""
        status, title = TITLES[self.kind]
        problem = Problem(
            type=f"{TYPES}{self.kind}",
            title=title,
            status=status,
            detail=str(self),
            instance=path,
            findings=self.findings[:MOST_FINDINGS],
        )
        # in ASCII: a caller may send half a letter, which UTF-8 could not send back
        content = json.dumps(problem.model_dump(exclude_none=True))
        return Response(content, status, self.headers, media_type=MEDIA_TYPE)


def of_feeder(findings: Sequence[FeederFinding]) -> list[Finding]:
    """What the checks of a feeder found."""
    return [
        Finding(
            where=finding.component,
            message=finding.message,
            code=finding.code,
            remedy=finding.remedy or None,
        )
        for finding in findings
    ]


def documented(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of the problems that an operation answers with."""
    by_status: dict[int | str, list[str]] = {}
    for kind in kinds:
        status, title = TITLES[kind]
        by_status.setdefault(status, []).append(title)
    return {
        status: _response(". Or: ".join(titles)) for status, titles in by_status.items()
    }


def _response(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}
