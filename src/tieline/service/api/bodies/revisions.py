"""Revisions of a clearing: what an operator asks, and what everybody is told of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tieline.service.api.bodies.base import Moment
from tieline.service.api.bodies.examples import REVISION
from tieline.service.api.bodies.measurements import (
    MOST_BUSES,
    MeasuredBus,
    MeasuredBuses,
)

Reason = Annotated[
    # one line of text: it stands in events and on pages
    str, StringConstraints(min_length=1, max_length=500, pattern=r"^\S[^\x00-\x1f]*$")
]


class RevisionAsked(MeasuredBuses):
    """Why an interval is to be cleared again, and what was measured in truth."""

    model_config = ConfigDict(json_schema_extra={"examples": [REVISION]})

    reason: Reason = Field(description="Why, for those whom it concerns to read.")
    buses: list[MeasuredBus] = Field(
        default_factory=list,
        max_length=MOST_BUSES,
        description="Values in place of those that were sent; all others count as they did.",
    )


class RequestShown(BaseModel):
    """A request for a revision and how far it is."""

    market: str
    interval: Moment
    request: int = Field(description="Its number.")
    reason: str
    asked_by: str
    asked_at: Moment
    status: str = Field(
        description="waiting, running, done, failed, cancelled or gave_up."
    )
    revision: int | None = Field(
        default=None, description="The clearing that came of it."
    )
    problem: str | None = Field(default=None, description="Why none came of it.")


class ClearingShown(BaseModel):
    """A clearing of an interval."""

    revision: int
    counts: bool = Field(description="Whether it is the one that counts.")
    published_at: Moment
    status: str = Field(description="cleared, fallback or unmet.")
    reason: str = Field(description="Why it was not cleared; else empty.")
    because: str = Field(
        description="Why the interval was cleared again; empty for the first clearing."
    )


class Revisions(BaseModel):
    """All clearings of an interval, the first one first, and the requests for further ones."""

    market: str
    interval: Moment
    clearings: list[ClearingShown]
    requests: list[RequestShown]
