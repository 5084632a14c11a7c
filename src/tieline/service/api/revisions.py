"""Revisions: an operator asks for an interval to be cleared again and says why; everybody reads what counted and what counts.

Asking puts a job into the queue; the clearing that comes of it counts from then on, and those before it stay readable under their
number (`?revision=`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Path, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from tieline.files import digest_of
from tieline.service.api.auth import Anybody, Operator
from tieline.service.api.bodies.revisions import (
    ClearingShown,
    RequestShown,
    RevisionAsked,
    Revisions,
)
from tieline.service.api.known_buses import require_buses
from tieline.service.api.markets import NOT_THERE, IntervalStart
from tieline.service.api.repeats import IdempotencyKey
from tieline.service.market.revise import ask_revision
from tieline.service.store import (
    clearings,
    idempotency,
    intervals,
    revision_requests,
)
from tieline.service.store.clearings import ClearingHead
from tieline.service.store.idempotency import KeptAnswer
from tieline.service.store.people import Person
from tieline.service.store.refusals import UnknownRequest
from tieline.service.store.revision_requests import RequestProgress
from tieline.service.web.names import MarketName
from tieline.service.web.problems import documented
from tieline.service.web.service import Service, ServiceHere

ROUTES = APIRouter(
    prefix="/v1/markets/{market}/intervals/{interval}/revisions", tags=["revisions"]
)

ACCEPTED = 202

RequestNumber = Annotated[
    int, Path(ge=1, le=2**53, description="Number of the request, from its Location.")
]


@ROUTES.post(
    "",
    status_code=ACCEPTED,
    response_model=RequestShown,
    responses={
        ACCEPTED: {"model": RequestShown, "description": "In the queue, or worked on."},
        **documented("not-allowed", "not-there", "conflict", "not-valid", "key-reused"),
    },
)
async def ask(
    question: RevisionAsked,
    market: MarketName,
    interval: IntervalStart,
    service: ServiceHere,
    person: Operator,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Ask for an interval that was cleared to be cleared again, with other measurements if some were wrong.

    The clearing that counts goes on counting until another is published. One revision of an interval is worked out at a time.
    """
    # in a thread: the feeder is read once, which takes a moment
    await run_in_threadpool(require_buses, service, market, question.buses)
    wish = _Wish(service, market, interval, question, person)

    def work(connection: sa.Connection) -> RequestProgress:
        number = _once(connection, wish, idempotency_key)
        return revision_requests.get(connection, number)

    progress = await service.store.write_soon(work)
    number = progress.request.request_id
    place = f"/v1/markets/{market}/intervals/{interval.isoformat()}/revisions/{number}"
    content = _shown(progress).model_dump(mode="json")
    return JSONResponse(content, ACCEPTED, {"Location": place})


@dataclass(frozen=True)
class _Wish:
    """Who asks for what."""

    service: Service
    market: str
    interval: datetime
    question: RevisionAsked
    person: Person

    @property
    def digest(self) -> str:
        """Of the request: another one under the same word is refused."""
        content: dict[str, Any] = {
            "revision of": [self.market, self.interval.isoformat()],
            "asked": self.question.model_dump(mode="json"),
        }
        return digest_of(content)


def _once(connection: sa.Connection, wish: _Wish, key: str | None) -> int:
    """The number of the request, which a word that came before stands for already."""
    if key is None:
        return _put(connection, wish)
    who = wish.person.name
    earlier = idempotency.recall(connection, who, key, wish.digest)
    if earlier is not None:
        return earlier.body["request"]
    number = _put(connection, wish)
    answer = KeptAnswer(ACCEPTED, {"request": number})
    now = wish.service.store.now()
    idempotency.keep(connection, who, key, wish.digest, answer, now)
    return number


def _put(connection: sa.Connection, wish: _Wish) -> int:
    return ask_revision(
        connection,
        wish.market,
        wish.interval,
        wish.question.reason,
        wish.question.by_quantity(),
        wish.person.name,
        wish.service.store.now(),
    )


@ROUTES.get("", responses=NOT_THERE)
def listed(
    market: MarketName, interval: IntervalStart, service: ServiceHere, person: Anybody
) -> Revisions:
    """All clearings of an interval, and what was asked for further ones."""
    del person
    with service.store.read() as connection:
        counting = intervals.get(connection, market, interval).published
        rows = clearings.heads(connection, market, interval)
        requests = revision_requests.of_interval(connection, market, interval)
    return Revisions(
        market=market,
        interval=interval,
        clearings=[_shown_clearing(row, row.revision == counting) for row in rows],
        requests=[_shown(progress) for progress in requests],
    )


@ROUTES.get("/{request}", responses=NOT_THERE)
def one(
    market: MarketName,
    interval: IntervalStart,
    request: RequestNumber,
    service: ServiceHere,
    person: Anybody,
) -> RequestShown:
    """A request and how far it is."""
    del person
    with service.store.read() as connection:
        for progress in revision_requests.of_interval(connection, market, interval):
            if progress.request.request_id == request:
                return _shown(progress)
    raise UnknownRequest(
        f"Nobody asked for a revision of interval {interval.isoformat()} under the number {request}. Ask for its revisions first."
    )


def _shown(progress: RequestProgress) -> RequestShown:
    request = progress.request
    return RequestShown(
        market=request.market,
        interval=request.starts_at,
        request=request.request_id,
        reason=request.reason,
        asked_by=request.asked_by,
        asked_at=request.asked_at,
        status=progress.state,
        revision=progress.revision,
        problem=progress.problem,
    )


def _shown_clearing(head: ClearingHead, counts: bool) -> ClearingShown:
    return ClearingShown(**head._asdict(), counts=counts)
