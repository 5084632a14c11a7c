"""The market board: gate, diagram through the day, book, prices in parts, settlement, and the form of a bid.

An interval is one piece of HTML, `interval.html`. The page comes with that of the newest; `pages.js` fetches others as the slider
moves and the newest as it is published. Without a script links lead from interval to interval.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from tieline.errors import TielineError
from tieline.service.pages import bid_form
from tieline.service.pages.board import Board, markets_with_newest, read_board
from tieline.service.pages.board_drawing import WORDS, View, draw_board
from tieline.service.pages.board_tables import (
    book_table,
    price_table,
    settlement_table,
)
from tieline.service.pages.forms import SessionForm
from tieline.service.pages.look import page, render
from tieline.service.pages.page_route import SEE_OTHER, PageRoute
from tieline.service.pages.sessions import Known, Visitor
from tieline.service.store import events as event_rows
from tieline.service.store import intervals, markets
from tieline.service.web import events
from tieline.service.web.events import LastEventId
from tieline.service.web.failures import refusal_of
from tieline.service.web.names import MarketName
from tieline.service.web.service import Service, ServiceHere

ROUTES = APIRouter(prefix="/markets", route_class=PageRoute)

LATEST_S = 253_402_300_799
"""Last second of the calendar."""

At = Annotated[
    int | None,
    Query(ge=0, le=LATEST_S, description="Start of an interval, in Unix seconds."),
]


@ROUTES.get("")
def listed(service: ServiceHere, visitor: Known) -> HTMLResponse:
    """The markets there are."""
    with service.store.read() as connection:
        rows = markets_with_newest(connection)
    return page("markets.html", visitor, markets=rows)


@ROUTES.get("/{market}")
def board(
    market: MarketName,
    service: ServiceHere,
    visitor: Known,
    at: At = None,
    show: View = "voltage",
    said: bid_form.Act | None = None,
) -> HTMLResponse:
    """The board; `said` is what a form that was sent from it did."""
    content = _read(service, visitor, market, at)
    return _page(service, content, show, said=said)


def _page(
    service: Service,
    content: Board,
    show: View = "voltage",
    said: bid_form.Act | None = None,
    refused: bid_form.RefusedBid | None = None,
) -> HTMLResponse:
    """The page of a board, with what became of a form that was sent from it."""
    with service.store.read() as connection:
        topic = intervals.topic(content.market.name)
        last_event = event_rows.newest(connection, topic)
    return page(
        "market.html",
        content.visitor,
        200 if refused is None else refused.status,
        board=content,
        shown=show,
        words=WORDS,
        interval_html=_interval_html(content, show),
        last_event=last_event,
        devices=bid_form.devices_of(content, refused),
        said=said,
        refused=refused,
    )


@ROUTES.get("/{market}/interval")
def interval(
    market: MarketName,
    service: ServiceHere,
    visitor: Known,
    at: At = None,
    show: View = "voltage",
) -> HTMLResponse:
    """One interval, for the script of the board."""
    content = _read(service, visitor, market, at)
    return HTMLResponse(_interval_html(content, show))


def _read(service: ServiceHere, visitor: Known, market: str, at: int | None) -> Board:
    start = None if at is None else datetime.fromtimestamp(at, UTC)
    with service.store.read() as connection:
        return read_board(connection, visitor, market, start, service.store.now())


def _interval_html(content: Board, show: View) -> str:
    return render(
        "interval.html",
        board=content,
        shown=show,
        drawing=draw_board(content, show),
        book=book_table(content),
        prices=price_table(content),
        settlement=settlement_table(content),
    )


@ROUTES.post("/{market}/bids")
async def bid(
    request: Request,
    market: MarketName,
    form: SessionForm,
    service: ServiceHere,
    visitor: Known,
) -> Response:
    """Place or withdraw the bid of a form; if it is not taken, the board comes back with the form as it was filled in."""
    try:
        act = await _send(service, visitor, market, form)
    except TielineError as error:
        refused = bid_form.refused_bid(refusal_of(request, error), form)
        content = await run_in_threadpool(_read, service, visitor, market, None)
        return await run_in_threadpool(_page, service, content, refused=refused)
    return RedirectResponse(f"/markets/{market}?said={act}", SEE_OTHER)


async def _send(
    service: Service, visitor: Visitor, market: str, form: Mapping[str, str]
) -> bid_form.Act:
    """Bring what a form asks into the ledger; raises why it cannot be."""
    bid_asked = bid_form.read_form(form)

    def work(connection: sa.Connection) -> None:
        now = service.store.now()
        bid_form.place(connection, service.doors, market, visitor, bid_asked, now)

    await service.store.write_soon(work)
    return bid_asked.act


def _require_market(market: MarketName, service: ServiceHere, visitor: Known) -> None:
    del visitor
    with service.store.read() as connection:
        markets.find(connection, market)
    events.require_stream(service)


@ROUTES.get(
    "/{market}/events",
    response_class=EventSourceResponse,
    dependencies=[Depends(_require_market)],
)
async def follow(
    market: MarketName,
    service: ServiceHere,
    last_event_id: LastEventId = None,
    after: Annotated[int, Query(ge=0, le=events.LARGEST_ID)] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """What happens in a market behind the event `after`, for the script of its board."""
    topic = intervals.topic(market)
    # a browser that connects again says itself what it has seen
    last_seen = after if last_event_id is None else last_event_id
    async for event in events.stream(service, topic, last_seen):
        yield event
