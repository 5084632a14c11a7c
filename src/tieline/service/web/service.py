"""`Service`: what every operation of an app works with, and how it gets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from tieline.service.market.bid_check import Doors
from tieline.service.settings import ServiceSettings
from tieline.service.store import Store
from tieline.service.web.known_keys import KnownKeys
from tieline.service.web.limits import Limits
from tieline.service.web.measures import Measures
from tieline.service.web.places import Places


def _goes_on() -> bool:
    return False


@dataclass
class Service:
    """One app's parts.

    Attributes:
        settings: as it was started.
        store: the database.
        places: what runs may name.
        limits: requests of each caller.
        measures: what is counted.
        doors: what bids are held against.
        known_keys: whose keys were good when they were used last.
        is_stopping: whether the process was told to stop; open streams end then.
        streams: event streams that are open.
    """

    settings: ServiceSettings
    store: Store
    places: Places
    limits: Limits
    measures: Measures
    doors: Doors = field(default_factory=Doors)
    known_keys: KnownKeys = field(default_factory=KnownKeys)
    is_stopping: Callable[[], bool] = field(default=_goes_on)
    streams: int = 0


def make_service(settings: ServiceSettings, store: Store) -> Service:
    """The parts of an app on an open database."""
    return Service(
        settings=settings,
        store=store,
        places=Places(settings.files_folder),
        limits=Limits(settings.per_second),
        measures=Measures(),
    )


async def service_of(request: Request) -> Service:
    """The service that a request came to."""
    return request.app.state.service


ServiceHere = Annotated[Service, Depends(service_of)]
"""Parameter of an operation that works with the service."""
