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
from tieline.service.store import (
    clearings,
    intervals,
    ledger,
    markets,
    revision_requests,
)
from tieline.service.store import runs as run_rows
from tieline.service.store.clearings import Published
from tieline.service.store.intervals import Interval
from tieline.service.store.runs import Run
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
    for market in markets.all_of(c):
        for interval in intervals.between(
            c, market.name, now - LOOKS_BACK, now + AHEAD
        ):
            published = clearings.published(c, market.name, interval.starts_at)
            if published is not None:
                yield from _of_clearing(c, visitor, published)
            yield from _of_revisions(c, interval)


def _of_revisions(c: sa.Connection, interval: Interval) -> Iterator[Message]:
    """Revisions that were asked for and came to nothing."""
    market = interval.market
    link = f"/markets/{market}?at={interval.starts_at.timestamp():.0f}"
    for progress in revision_requests.of_interval(c, market, interval.starts_at):
        if progress.state in WITHOUT_ANSWER:
            request = progress.request
            text = f"{market}, asked because {request.reason}: {progress.problem}"
            kind = "revision without an answer"
            yield Message(request.asked_at, kind, text, link, False)


def _of_clearing(
    c: sa.Connection, visitor: Visitor, published: Published
) -> Iterator[Message]:
    clearing = published.clearing
    link = f"/markets/{clearing.market}?at={clearing.starts_at.timestamp():.0f}"
    when = published.published_at
    if clearing.status != "cleared":
        is_grave = clearing.status == "unmet"
        kind = "no safe dispatch" if is_grave else "last safe dispatch goes on"
        text = f"{clearing.market}: {clearing.reason}"
        yield Message(when, kind, text, link, is_grave)
    bidders = {
        bid.bid_id: bid.participant
        for bid in ledger.rows(c, clearing.market, clearing.starts_at)
    }
    rejected: dict[str, list[str]] = {}
    for bid_id, fate in clearing.fates.items():
        participant = bidders[bid_id]
        if fate.fate == "rejected" and visitor.sees(participant):
            rejected.setdefault(fate.reason, []).append(participant)
    for reason, participants in rejected.items():
        what = "bid" if len(participants) == 1 else "bids"
        names = ", ".join(sorted(participants))
        text = f"{clearing.market}, {what} of {names}: {reason}"
        yield Message(when, f"{what} rejected", text, link, False)
