"""The inbox: what did not go as asked, the newest first.

Limits that no clearing could keep, dispatches that had to stand in, bids that were rejected, runs and revisions without an
answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from tieline.service.pages.look import page
from tieline.service.pages.page_route import PageRoute
from tieline.service.pages.sessions import Known, Visitor
from tieline.service.store import markets, revision_requests, troubles
from tieline.service.store import runs as run_rows
from tieline.service.store.revision_requests import RequestProgress
from tieline.service.store.runs import Run
from tieline.service.store.troubles import RejectedBid, StandIn
from tieline.service.web.service import ServiceHere

ROUTES = APIRouter(prefix="/inbox", route_class=PageRoute)

LOOKS_BACK = timedelta(hours=1)
"""Of a market's intervals; older ones are on its board."""

AHEAD = timedelta(days=2)
"""Intervals that are cleared before they begin, as those of a day ahead."""

MOST_RUNS = 200
"""That are looked through for those without an answer."""

MOST_SHOWN = 200

WITHOUT_ANSWER = ("failed", "gave_up")


@dataclass(frozen=True)
class Message:
    """Something that a person should know.

    Attributes:
        when: it happened.
        kind: in a word or two.
        text: what happened and why.
        link: page with more.
        is_grave: whether a limit may be broken or nothing was answered.
        count: how often it was so; `when` is the last time.
    """

    when: datetime
    kind: str
    text: str
    link: str
    is_grave: bool
    count: int = 1


@ROUTES.get("")
def inbox(service: ServiceHere, visitor: Known) -> HTMLResponse:
    """What did not go as asked."""
    now = service.store.now()
    with service.store.read() as connection:
        messages = [
            *_of_runs(connection, visitor),
            *_of_markets(connection, visitor, now),
        ]
    newest_first = sorted(messages, key=lambda message: message.when, reverse=True)
    each_once = _each_once(newest_first)
    return page("inbox.html", visitor, messages=each_once[:MOST_SHOWN])


def _each_once(messages: Sequence[Message]) -> list[Message]:
    """Messages that say the same as one, with how many there are; the first of them gives the time."""
    by_text: dict[tuple[str, str], Message] = {}
    for message in messages:
        key = (message.kind, message.text)
        first = by_text.setdefault(key, replace(message, count=0))
        by_text[key] = replace(first, count=first.count + 1)
    return list(by_text.values())


def _of_runs(c: sa.Connection, visitor: Visitor) -> Iterator[Message]:
    for run in run_rows.newest(c, MOST_RUNS, visitor.bids_as):
        if run.state in WITHOUT_ANSWER:
            yield _of_run(run)


def _of_run(run: Run) -> Message:
    text = f"{run.study} of {run.feeder}: {run.reason}"
    when = run.ended_at or run.asked_at
    return Message(when, "run without an answer", text, f"/runs/{run.run_id}", True)


def _of_markets(c: sa.Connection, visitor: Visitor, now: datetime) -> Iterator[Message]:
    first, last = now - LOOKS_BACK, now + AHEAD
    for market in markets.all_of(c):
        for row in troubles.stand_ins(c, market.name, first, last):
            yield _of_stand_in(market.name, row)
        rows = troubles.rejected_bids(c, market.name, first, last)
        visible = [row for row in rows if visitor.sees(row.participant)]
        yield from _of_bids(market.name, visible)
        for progress in revision_requests.between(c, market.name, first, last):
            if progress.state in WITHOUT_ANSWER:
                yield _of_revision(progress)


def _of_revision(progress: RequestProgress) -> Message:
    """A revision that was asked for and came to nothing."""
    request = progress.request
    link = _board(request.market, request.starts_at)
    text = f"{request.market}, asked because {request.reason}: {progress.problem}"
    return Message(request.asked_at, "revision without an answer", text, link, False)


def _of_stand_in(market: str, row: StandIn) -> Message:
    is_grave = row.status == "unmet"
    kind = "no safe dispatch" if is_grave else "last safe dispatch goes on"
    link = _board(market, row.starts_at)
    return Message(row.published_at, kind, f"{market}: {row.reason}", link, is_grave)


def _of_bids(market: str, rows: Sequence[RejectedBid]) -> Iterator[Message]:
    """Bids that were rejected alike in an interval, as one message."""
    alike: dict[tuple[datetime, str], list[RejectedBid]] = {}
    for row in rows:
        alike.setdefault((row.starts_at, row.reason), []).append(row)
    for (starts_at, reason), bids in alike.items():
        what = "bid" if len(bids) == 1 else "bids"
        names = ", ".join(sorted({bid.participant for bid in bids}))
        text = f"{market}, {what} of {names}: {reason}"
        when = bids[0].published_at
        yield Message(when, f"{what} rejected", text, _board(market, starts_at), False)


def _board(market: str, starts_at: datetime) -> str:
    """Address of an interval on the board of its market."""
    return f"/markets/{market}?at={starts_at.timestamp():.0f}"
