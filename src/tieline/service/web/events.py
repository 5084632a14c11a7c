"""Server-sent events: what happens to a run or in a market, as it happens, and what was missed while the reader was away.

Events have increasing numbers in the database. A stream begins behind `Last-Event-ID`, which browsers send by themselves when
they connect again, and looks for new events a few times a second: they come from other processes. A stream of a run ends with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Header
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import ServerSentEvent

from tieline.service.store import events
from tieline.service.store.events import Event
from tieline.service.web.limits import too_many
from tieline.service.web.service import Service

LOOK_S = 0.25
"""Between two looks into the database [s]: what a person calls at once."""

AGAIN_MS = 1000
"""After which a browser that lost its stream comes back [ms]."""

MOST_AT_ONCE = 500
"""Events that are read in one look."""

LARGEST_ID = 2**62

LastEventId = Annotated[
    int | None,
    Header(
        ge=0,
        le=LARGEST_ID,
        description="Number of the last event that was seen; the stream goes on behind it.",
    ),
]


async def stream(
    service: Service,
    topic: str,
    last_id: int,
    last_kinds: Collection[str] = (),
) -> AsyncIterator[ServerSentEvent]:
    """Events of a topic.

    Args:
        service: whose database it is.
        topic: what they are about.
        last_id: number of the last event that was seen.
        last_kinds: events after which nothing comes.
    """
    with _counted(service):
        yield ServerSentEvent(comment=topic, retry=AGAIN_MS)
        while not service.is_stopping():
            # in a thread: a look takes a millisecond in which bids would wait
            for event in await run_in_threadpool(_since, service, topic, last_id):
                last_id = event.event_id
                yield _sent(event)
                if event.kind in last_kinds:
                    return
            await asyncio.sleep(LOOK_S)


def require_stream(service: Service) -> None:
    """Refuse a stream where as many are open as the service keeps; each costs a look into the database."""
    if service.streams >= service.settings.streams:
        raise too_many("Close streams that nobody watches", AGAIN_MS / 1000)


@contextmanager
def _counted(service: Service) -> Iterator[None]:
    service.streams += 1
    try:
        yield
    finally:
        service.streams -= 1


def _since(service: Service, topic: str, last_id: int) -> list[Event]:
    with service.store.read() as connection:
        return events.since(connection, topic, last_id, MOST_AT_ONCE)


def _sent(event: Event) -> ServerSentEvent:
    content = {"told_at": event.told_at.isoformat(), **event.payload}
    return ServerSentEvent(id=str(event.event_id), event=event.kind, data=content)
