"""Revisions that operators ask for: an interval that was cleared is to be cleared again, with the reason.

A request is a row and a job. The clearing that comes of it has the next revision of the interval and names the job; a job that
ends without one leaves the clearing that counts as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tieline.service.store.refusals import UnknownRequest
from tieline.service.store.tables import clearings, jobs, revision_requests

OPEN = ("waiting", "running")
"""States of a job that has not ended."""


@dataclass(frozen=True)
class RevisionRequest:
    """A request as it was made."""

    request_id: int
    market: str
    starts_at: datetime
    reason: str
    asked_by: str
    asked_at: datetime
    job_id: int


@dataclass(frozen=True)
class RequestProgress:
    """A request and how far it is: state of its job, the revision that came of it, or why none did."""

    request: RevisionRequest
    state: str
    revision: int | None
    problem: str | None


def add(
    c: sa.Connection,
    market: str,
    starts_at: datetime,
    reason: str,
    asked_by: str,
    job_id: int,
    now: datetime,
) -> int:
    """Note a request whose job was put into the queue; returns its number."""
    row = {
        "market": market,
        "starts_at": starts_at,
        "reason": reason,
        "asked_by": asked_by,
        "asked_at": now,
        "job_id": job_id,
    }
    statement = revision_requests.insert().values(row)
    return c.execute(statement.returning(revision_requests.c.request_id)).scalar_one()


def of_job(c: sa.Connection, job_id: int | None) -> RevisionRequest | None:
    """The request that a job works on; None if it is another job, or no job at all."""
    statement = revision_requests.select().where(revision_requests.c.job_id == job_id)
    row = c.execute(statement).mappings().one_or_none()
    return None if row is None else RevisionRequest(**row)


def of_interval(
    c: sa.Connection, market: str, starts_at: datetime
) -> list[RequestProgress]:
    """All requests for an interval, the first one first."""
    is_theirs = (revision_requests.c.market == market) & (
        revision_requests.c.starts_at == starts_at
    )
    return _select(c, is_theirs)


def between(
    c: sa.Connection, market: str, first: datetime, last: datetime
) -> list[RequestProgress]:
    """Requests for intervals that start from `first` to before `last`."""
    is_theirs = (
        (revision_requests.c.market == market)
        & (revision_requests.c.starts_at >= first)
        & (revision_requests.c.starts_at < last)
    )
    return _select(c, is_theirs)


def get(c: sa.Connection, request_id: int) -> RequestProgress:
    """A request and how far it is.

    Raises:
        UnknownRequest: if there is none of this number.
    """
    rows = _select(c, revision_requests.c.request_id == request_id)
    if not rows:
        raise UnknownRequest(f"No request for a revision has the number {request_id}.")
    return rows[0]


def _select(
    c: sa.Connection, condition: sa.ColumnElement[bool]
) -> list[RequestProgress]:
    joined = revision_requests.join(jobs, jobs.c.job_id == revision_requests.c.job_id)
    with_clearing = joined.outerjoin(
        clearings,
        sa.and_(
            clearings.c.market == revision_requests.c.market,
            clearings.c.starts_at == revision_requests.c.starts_at,
            clearings.c.job_id == revision_requests.c.job_id,
        ),
    )
    outcome = (
        jobs.c.state.label("state"),
        jobs.c.reason.label("problem"),
        clearings.c.revision.label("revision"),
    )
    statement = sa.select(revision_requests, *outcome).select_from(with_clearing)
    ordered = statement.where(condition).order_by(revision_requests.c.request_id)
    return [_read(row) for row in c.execute(ordered).mappings()]


def _read(row: sa.RowMapping) -> RequestProgress:
    values = dict(row)
    state = values.pop("state")
    problem = values.pop("problem")
    revision = values.pop("revision")
    request = RevisionRequest(**values)
    # a job that was tried again and then done still has the reason of the first attempt
    return RequestProgress(request, state, revision, None if revision else problem)
