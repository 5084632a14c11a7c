"""Revisions: an interval that was cleared is cleared again, because an operator asks for it and says why.

The book stays what it was at the gate. What was measured is corrected by what comes with the request, and the interval begins
with what counts now of the one before it. The new clearing counts from the transaction that ends its job; the earlier ones stay
readable. A revision that finds no safe dispatch publishes nothing. Intervals after it stay as they are: each began with the
clearing that counted then, and says which that was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tieline.errors import NoAnswerError
from tieline.service.jobs import queue
from tieline.service.jobs.kinds import Answer, Desk, find_kind
from tieline.service.store import (
    clearings,
    events,
    intervals,
    measurements,
    revision_requests,
)
from tieline.service.store.drafts import make_draft
from tieline.service.store.measurements import Quantity
from tieline.service.store.refusals import Conflict

REVISE = "revise"
"""Kind of the jobs."""


def ask_revision(
    c: sa.Connection,
    market: str,
    starts_at: datetime,
    reason: str,
    corrections: Mapping[Quantity, float],
    asked_by: str,
    now: datetime,
) -> int:
    """Ask for an interval to be cleared again; returns the number of the request.

    Args:
        c: connection.
        market: its name.
        starts_at: when the interval starts.
        reason: why, in words that participants read.
        corrections: what was measured in truth; all else counts as it did.
        asked_by: the operator.
        now: the moment.

    Raises:
        UnknownMarket, UnknownInterval: if there is none of that name.
        Conflict: if it has no clearing yet, or another revision of it is on its way.
    """
    _require_cleared(c, market, starts_at)
    _require_alone(c, market, starts_at)
    measurements.add(c, market, starts_at, corrections, asked_by, now)
    kind = find_kind(REVISE)
    job_id = queue.put(
        c,
        REVISE,
        {"market": market, "interval": starts_at.isoformat()},
        now,
        most_attempts=kind.most_attempts,
        limit_s=kind.limit_s,
    )
    payload = {"interval": starts_at.isoformat(), "reason": reason}
    events.tell(c, intervals.topic(market), "revision-asked", payload, now)
    return revision_requests.add(c, market, starts_at, reason, asked_by, job_id, now)


def run(payload: dict[str, Any], desk: Desk) -> Answer:
    """Clear an interval again.

    Raises:
        NoAnswerError: if no dispatch is safe; what counts then goes on counting.
    """
    # not at the top: the web process puts these jobs, and loads no programs
    from tieline.service.market.clear import clear_interval
    from tieline.service.market.job import STAGES
    from tieline.service.market.question import ask

    market = payload["market"]
    starts_at = datetime.fromisoformat(payload["interval"])
    with desk.store.read() as c:
        definition = STAGES.known.find(c, market)
    stage = STAGES.of(definition)
    with desk.store.read() as c:
        request = revision_requests.of_job(c, desk.job_id)
        question = ask(c, market, starts_at, request)
    clearing = clear_interval(stage, question)
    if clearing.status != "cleared":
        raise NoAnswerError(f"No dispatch is safe: {clearing.reason}.")

    with desk.store.read() as c:
        draft = make_draft(c, clearing)

    def keep(c: sa.Connection) -> None:
        clearings.publish(c, draft, desk.token, desk.store.now())

    return Answer({"status": clearing.status}, keep)


def _require_cleared(c: sa.Connection, market: str, starts_at: datetime) -> None:
    interval = intervals.get(c, market, starts_at)
    if interval.state == "cleared":
        return
    remedy = "Ask for a revision when it is cleared."
    if interval.state == "open":
        remedy = "Until its gate closes, measurements are sent as such."
    raise Conflict(
        f"Interval {starts_at.isoformat()} of market '{market}' is {interval.state}: there is no clearing to revise. {remedy}"
    )


def _require_alone(c: sa.Connection, market: str, starts_at: datetime) -> None:
    """Refuse a second revision beside one that is worked out: it would not know what came with the other one."""
    for progress in revision_requests.of_interval(c, market, starts_at):
        if progress.state in revision_requests.OPEN:
            raise Conflict(
                f"A revision of interval {starts_at.isoformat()} of market '{market}' is on its way (request "
                f"{progress.request.request_id}). Wait for it, then ask again."
            )
